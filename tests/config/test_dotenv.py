"""Dotenv files as environments: what an app has already is enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_tui.config import Config, ConfigError, load
from parity_tui.model import Failure, Reason


def reading(tmp_path: Path, text: str, **environ: str) -> Config:
    """Return what a dotenv file says as the environment dev."""
    path = tmp_path / ".env"
    path.write_text(text)
    path.chmod(0o600)
    return load(env_files=[("dev", path)], environ=environ)


def test_every_url_of_a_known_scheme_is_a_service_named_after_its_variable(tmp_path: Path) -> None:
    """Everything else is the app's own business."""
    config = reading(
        tmp_path,
        """\
        # the app
        DEBUG=true
        export DATABASE_URL="postgresql+asyncpg://ann@db:5433/app"
        REDIS_DSN=redis://cache/0   # the cache
        CELERY_BROKER_URL='amqps://u:p%40ss@mq/v'
        QUEUE_URI=memory://
        SENTRY_DSN=https://key:secret@sentry.example/1
        PROXY=socks5+x://h
        EMPTY
        """,
    )
    assert [(t.service, t.kind, t.address) for t in config.targets] == [
        ("database", "postgres", "db:5433"),
        ("redis", "redis", "cache:6379"),
        ("celery_broker", "rabbitmq", "mq:5671"),
        ("queue", "memory", "memory"),
    ]
    assert config.services == ("database", "redis", "celery_broker", "queue")
    assert config.warnings == ()


def test_each_file_is_an_environment(tmp_path: Path) -> None:
    """In the order of the command line, without a baseline."""
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"DATABASE_URL=postgres://{name}/app\n")
    config = load(env_files=[("dev", tmp_path / "a"), ("production", tmp_path / "b")], environ={})
    assert [(e.name, e.colour) for e in config.environments] == [("dev", "green"), ("production", "red")]
    assert [(t.environment, t.host) for t in config.targets] == [("dev", "a"), ("production", "b")]
    assert config.baseline == ""


def test_variables_are_filled_in_from_the_file_first(tmp_path: Path) -> None:
    """As dotenv does."""
    config = reading(tmp_path, "HOST=db\nDATABASE_URL=postgres://${HOST}:${PORT}/${NAME:-app}\n", HOST="x", PORT="7")
    assert (config.targets[0].address, config.targets[0].path) == ("db:7", "app")


def test_a_variable_that_is_not_set_fails_its_service_alone(tmp_path: Path) -> None:
    """And the rest of the file does not matter."""
    config = reading(tmp_path, "A=${NOBODY}\nDATABASE_URL=postgres://u:${PW}@db/app\nREDIS_URL=redis://h\n")
    assert [t.problem for t in config.targets] == [Failure(Reason.CONFIG, "the variable PW is not set"), None]


def test_a_file_of_sqlite_is_looked_for_beside_the_dotenv_file(tmp_path: Path) -> None:
    """Wherever the program is started."""
    assert reading(tmp_path, "DATABASE_URL=sqlite+aiosqlite:///app.db\n").targets[0].path == str(tmp_path / "app.db")


def test_the_same_url_twice_is_one_service_and_two_are_an_error(tmp_path: Path) -> None:
    """Nothing is guessed."""
    assert len(reading(tmp_path, "DB_URL=redis://h\nDB_URI=redis://h\n").targets) == 1
    with pytest.raises(ConfigError, match=r'\.env:3: DB_URI: a second service "db": line 1 has one'):
        reading(tmp_path, "DB_URL=redis://a\n\nDB_URI=redis://b\n")


def test_a_url_that_cannot_be_understood_is_an_error_with_its_line(tmp_path: Path) -> None:
    """All of them at once, and none is shown."""
    with pytest.raises(ConfigError) as caught:
        reading(tmp_path, "\n\nDATABASE_URL=postgres://u:hunter22/x@db/app\n# and\nREDIS_URL=redis://h?colour=x\n")
    first, second = caught.value.problems
    assert first.startswith(f"{tmp_path / '.env'}:3: DATABASE_URL: the user or the password holds a sign")
    assert second.startswith(f'{tmp_path / ".env"}:5: REDIS_URL: unknown key "colour"')
    assert "hunter22" not in str(caught.value)


def test_a_line_that_is_no_dotenv_is_left_out_and_said(tmp_path: Path) -> None:
    """The app's own reader leaves it out as well."""
    config = reading(tmp_path, "REDIS_URL=redis://h\nit's hunter22\n")
    assert config.warnings == (f"{tmp_path / '.env'}:2 cannot be understood and is left out",)


def test_a_file_without_a_service_is_an_error(tmp_path: Path) -> None:
    """It is most likely the wrong file."""
    with pytest.raises(ConfigError, match="no variable holds the URL of a service; known schemes: memory, postgresql"):
        reading(tmp_path, "DEBUG=1\n")


def test_one_environment_cannot_have_two_files_nor_a_name_that_is_none(tmp_path: Path) -> None:
    """The mistake is on the command line and nothing is read."""
    with pytest.raises(ConfigError, match='the environment "dev" has two files'):
        load(env_files=[("dev", tmp_path / "a"), ("dev", tmp_path / "b")], environ={})
    with pytest.raises(ConfigError, match='"" is no name: a name is letters'):
        load(env_files=[("", tmp_path / "a")], environ={})


def test_dotenv_files_beside_a_configuration_are_an_error(tmp_path: Path) -> None:
    """One of the two would be left out."""
    with pytest.raises(ConfigError, match="--config and --env-file do not go together"):
        load(tmp_path / "parity.toml", [("dev", tmp_path / ".env")], {})


def test_a_password_that_others_can_read_is_said(tmp_path: Path) -> None:
    """A variable in its place is none."""
    path = tmp_path / ".env"
    for text, warned in [("A_URL=redis://:hunter22@h", True), ("A_URL=redis://:${PW}@h", False)]:
        path.write_text(text)
        path.chmod(0o644)
        warnings = load(env_files=[("dev", path)], environ={"PW": "hunter22"}).warnings
        assert any(f"chmod 600 {path}" in warning for warning in warnings) is warned
