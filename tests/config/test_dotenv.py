"""Dotenv files as environments."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_tui.config import Config, ConfigError, load
from parity_tui.model import Failure, Reason


def load_text(tmp_path: Path, text: str, **environ: str) -> Config:
    """Return the configuration of a dotenv file as the environment dev."""
    path = tmp_path / ".env"
    path.write_text(text)
    path.chmod(0o600)
    return load(env_files=[("dev", path)], environ=environ)


def test_urls_become_services_named_after_variables(tmp_path: Path) -> None:
    config = load_text(
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
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"DATABASE_URL=postgres://{name}/app\n")
    config = load(env_files=[("dev", tmp_path / "a"), ("production", tmp_path / "b")], environ={})
    assert [(e.name, e.colour) for e in config.environments] == [("dev", "green"), ("production", "red")]
    assert [(t.environment, t.host) for t in config.targets] == [("dev", "a"), ("production", "b")]
    assert config.baseline == ""


def test_references_prefer_variables_of_the_file(tmp_path: Path) -> None:
    config = load_text(tmp_path, "HOST=db\nDATABASE_URL=postgres://${HOST}:${PORT}/${NAME:-app}\n", HOST="x", PORT="7")
    assert (config.targets[0].address, config.targets[0].path) == ("db:7", "app")


def test_unset_variable_fails_only_its_service(tmp_path: Path) -> None:
    config = load_text(tmp_path, "A=${NOBODY}\nDATABASE_URL=postgres://u:${PW}@db/app\nREDIS_URL=redis://h\n")
    assert [t.problem for t in config.targets] == [Failure(Reason.CONFIG, "the variable PW is not set"), None]


def test_sqlite_path_is_relative_to_the_dotenv_file(tmp_path: Path) -> None:
    assert load_text(tmp_path, "DATABASE_URL=sqlite+aiosqlite:///app.db\n").targets[0].path == str(tmp_path / "app.db")


def test_equal_urls_merge_and_different_ones_keep_their_names(tmp_path: Path) -> None:
    assert len(load_text(tmp_path, "DB_URL=redis://h\nDB_URI=redis://h\n").targets) == 1
    config = load_text(tmp_path, "DB_URL=redis://a\n\nDB_URI=redis://b\nDB_uri=redis://c")
    assert [(target.service, target.host) for target in config.targets] == [("db", "a"), ("db_uri", "b")]
    assert [(item.name, item.reason) for item in config.left_out] == [
        ("DB_uri", 'a second service "db_uri": line 3 has one')
    ]


def test_url_that_is_not_understood_fails_its_target_alone(tmp_path: Path) -> None:
    text = "\n\nDATABASE_URL=postgres://u:hunter22/x@db/app\n# and\nREDIS_URL=redis://h?colour=x\n"
    config = load_text(tmp_path, text)
    database, cache = config.targets
    assert database.problem
    assert database.problem.reason is Reason.CONFIG
    assert database.problem.message.startswith("the user or the password holds a character")
    assert (database.kind, cache.problem, cache.host) == ("postgres", None, "h")
    assert config.warnings == (
        f"{tmp_path / '.env'}:5: REDIS_URL: ignored, as options of the app's client library: colour",
    )
    assert "hunter22" not in repr(config)


def test_malformed_line_is_left_out_with_a_warning(tmp_path: Path) -> None:
    config = load_text(tmp_path, "REDIS_URL=redis://h\nit's hunter22\n")
    assert config.warnings == (f"{tmp_path / '.env'}:2 cannot be understood and is left out",)


def test_file_without_a_service_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no variable holds the URL of a service; known schemes: memory, postgresql"):
        load_text(tmp_path, "DEBUG=1\n")


def test_duplicate_and_invalid_environment_names_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='the environment "dev" has two files'):
        load(env_files=[("dev", tmp_path / "a"), ("dev", tmp_path / "b")], environ={})
    with pytest.raises(ConfigError, match='"" is no valid name: a name is letters'):
        load(env_files=[("", tmp_path / "a")], environ={})


def test_config_and_env_file_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--config and --env-file do not go together"):
        load(tmp_path / "parity.toml", [("dev", tmp_path / ".env")], {})


def test_world_readable_password_gives_a_warning(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    for text, warned in [
        ("A_URL=redis://:hunter22@h", True),
        ("A_URL=redis://:${PW}@h", False),
        ("A_URL=redis://:${X:-hunter22}@h", True),
    ]:
        path.write_text(text)
        path.chmod(0o644)
        warnings = load(env_files=[("dev", path)], environ={"PW": "hunter22"}).warnings
        assert any(f"chmod 600 {path}" in warning for warning in warnings) is warned


@pytest.mark.parametrize(
    ("value", "password"),
    [
        (r"redis://:s\$PW@h", "s$PW"),
        ("redis://:s$PW@h", "sx1"),
        ('"redis://:s$PW-$PW@h"', "sx1-x1"),
        ("'redis://:s$PW@h'", "s$PW"),
        ("'redis://:s${PW}@h'", "s${PW}"),
        ("redis://:s$w@h", "s$w"),
        ("redis://:s$5@h", "s$5"),
        ("redis://:s${PW}$@h", "sx1$"),
        ('"redis://:${NONE:-d}@h"', "d"),
        ("redis://:${NONE:-{d}x@h", "{dx"),
    ],
)
def test_dollars_are_those_of_ruby_symfony_and_compose(tmp_path: Path, value: str, password: str) -> None:
    (target,) = load_text(tmp_path, f"REDIS_URL={value}\n", PW="x1").targets
    assert target.problem is None
    assert target.password is not None
    secret = target.password()
    assert secret is not None
    assert secret.reveal() == password


def test_malformed_reference_fails_only_its_service(tmp_path: Path) -> None:
    broken, unset, well = load_text(
        tmp_path, "A_URL=redis://:${-s3cr}@h\nB_URL=redis://:$NO_SUCH@h\nC_URL=redis://h\n"
    ).targets
    assert broken.problem
    assert "s3cr" not in broken.problem.message
    assert unset.problem == Failure(Reason.CONFIG, "the variable NO_SUCH is not set")
    assert well.problem is None


def test_references_that_multiply_are_bounded(tmp_path: Path) -> None:
    lines = ["A0=" + "x" * 1000, *(f"A{n}=" + f"${{A{n - 1}}}" * 10 for n in range(1, 9))]
    (target,) = load_text(tmp_path, "\n".join([*lines, "REDIS_URL=redis://:${A8}@h"])).targets
    assert target.kind == "redis"
