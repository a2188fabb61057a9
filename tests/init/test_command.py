"""`parity-tui init` writes a new file from dotenv files, and never a password."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from parity_tui import init
from parity_tui.config import ConfigError
from parity_tui.snapshot.file import UnwrittenError
from tests.init.builders import SECRETS, read, run
from tests.test_architecture import imported


def test_dotenv_files_become_a_configuration_without_passwords(tmp_path: Path) -> None:
    (tmp_path / ".env.dev").write_text("DATABASE_URL=sqlite:///var/app.db\nREDIS_URL=redis://:hunter22@localhost/2\n")
    (tmp_path / ".env.production").write_text(
        "DATABASE_URL=postgresql://parity:p%40ss@db.prod/app?sslmode=require\nREDIS_URL=rediss://cache.prod\n"
        "QUEUE_URL=amqps://parity:swordfish@mq/%2F?management=https://mq:15671\nSENTRY_DSN=https://abcdef0123@s.example/1\n"
    )
    result = run("--env-file", "dev=.env.dev", "--env-file", "production=.env.production", folder=tmp_path)
    assert (result.returncode, result.stdout) == (0, "")
    file = tmp_path / "parity.toml"
    words = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert not [secret for secret in SECRETS if secret in words + result.stderr]
    variables = ["DEV_REDIS_PASSWORD", "PRODUCTION_DATABASE_PASSWORD", "PRODUCTION_QUEUE_PASSWORD"]
    assert all(f"    {name}" in result.stderr and f"#     {name}" in words for name in variables)
    found = read(words, tmp_path, PRODUCTION_QUEUE_PASSWORD="from the variable")
    assert found.baseline == "production"
    of_variables = [target for target in found.targets if target.kind == "env"]
    services = [target for target in found.targets if target.kind != "env"]
    without = {"without": "DATABASE_URL QUEUE_URL REDIS_URL"}
    assert [(t.path, t.options) for t in of_variables] == [
        (str(tmp_path / ".env.dev"), without),
        (str(tmp_path / ".env.production"), without),
    ]
    assert [(t.environment, t.service, t.address, t.path, t.user, t.tls) for t in services] == [
        ("dev", "database", str(tmp_path / "var/app.db"), str(tmp_path / "var/app.db"), "", "off"),
        ("dev", "redis", "localhost:6379", "2", "", "off"),
        ("production", "database", "db.prod:5432", "app", "parity", "require"),
        ("production", "redis", "cache.prod:6379", "", "", "verify-full"),
        ("production", "queue", "mq:5671", "/", "parity", "verify-full"),
    ]
    queue = services[-1]
    assert queue.options == {"management": "https://mq:15671"}
    password = queue.password and queue.password()
    assert password
    assert password.reveal() == "from the variable"


def test_addresses_in_parts_are_written_and_explained(tmp_path: Path) -> None:
    text = "DB_CONNECTION=mysql\nDB_HOST=db\nDB_PORT=3307\nDB_USERNAME=shop\nDB_PASSWORD=hunter22\n"
    (tmp_path / ".env").write_text(text)
    result = run("--env-file", "dev=.env", folder=tmp_path)
    assert (result.returncode, "DB_PASSWORD in .env" in result.stderr) == (0, True)
    written = (tmp_path / "parity.toml").read_text()
    assert "[environments.dev.services.database]   # DB_HOST, DB_PORT, …: mysql at db:3307\n" in written
    assert 'url = "mysql://shop@db:3307"' in written
    assert "hunter22" not in written + result.stdout + result.stderr


@pytest.mark.parametrize("url", ["redis://hunter22@cache:6379/2", "nats://hunter22@queue"])
def test_password_alone_before_the_at_is_not_written(tmp_path: Path, url: str) -> None:
    (tmp_path / ".env").write_text(f"REDIS_DSN={url}\n")
    (tmp_path / "compose.yaml").write_text(f"services: {{app: {{image: acme/app, environment: {{A_URL: '{url}'}}}}}}\n")
    for name, arguments in (("a", ("--env-file", "dev=.env")), ("b", ("--compose", "compose.yaml", "dev"))):
        result = run(*arguments, "-o", name, folder=tmp_path)
        written = (tmp_path / name).read_text()
        assert "password_env" in written
        assert "hunter22" not in written + result.stdout + result.stderr


def test_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CACHE_URL=redis://a\n")
    (tmp_path / "parity.toml").write_text("mine")
    (tmp_path / "link.toml").symlink_to(tmp_path / "elsewhere")
    for name in ("parity.toml", "link.toml"):
        result = run("--env-file", "dev=.env", "-o", name, folder=tmp_path)
        assert result.returncode == 2
        assert f"{name} already exists; use -o FILE" in result.stderr
    assert (tmp_path / "parity.toml").read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()


def test_file_created_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "parity.toml"
    init.check_absent(file)
    file.write_text("mine")
    with pytest.raises(ConfigError, match="already exists"):
        init.save(file, "ours")
    assert file.read_text() == "mine"


def test_full_disk_is_no_wrong_usage(tmp_path: Path) -> None:
    """The exit code of UnwrittenError is 74."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with pytest.raises(UnwrittenError, match="cannot be written: file too large"):
            init.save(tmp_path / "parity.toml", "ours")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.iterdir())


def test_failed_write_leaves_no_file(tmp_path: Path) -> None:
    file = tmp_path / "parity.toml"
    with pytest.raises(UnicodeEncodeError):
        init.save(file, "\ud800")
    assert not file.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--compose FILE, --kube CONTEXT/NAMESPACE NAME, or a terminal"),
        (("--compose", "a", "b", "c"), "--compose takes FILE… NAME"),
        (("--compose", "nowhere.yml"), "nowhere.yml: cannot be read: No such file"),
        (("--env-file", "dev=.env", "--compose", ".env"), 'the environment "dev" has two files'),
        (("--env-file", "dev=.env"), "no service found"),
        (("--env-file", "dev=good", "-o", "no/where.toml"), "no/where.toml cannot be written"),
    ],
)
def test_wrong_usage_is_explained_and_writes_nothing(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CACHE_URL=redis://${NOPE}\n")
    (tmp_path / "good").write_text("CACHE_URL=redis://a\n")
    result = run(*arguments, folder=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "parity.toml").exists()


def test_unset_variable_leaves_its_service_out(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CACHE_URL=redis://${NOPE}\nQUEUE_URL=amqp://a\n")
    result = run("--env-file", "dev=.env", "-o", "-", folder=tmp_path)
    assert "# left out: cache: the variable NOPE is not set" in result.stdout
    assert [target.service for target in read(result.stdout, tmp_path).targets] == ["queue"]


def test_printed_configuration_without_next_steps_leaves_stderr_empty(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CACHE_URL=redis://a\n")
    result = run("--env-file", "dev=.env", "-o", "-", folder=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")


def test_init_imports_neither_board_nor_driver(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CACHE_URL=redis://a\n")
    modules = imported("init", "--env-file", f"dev={tmp_path / '.env'}", "-o", str(tmp_path / "new.toml"))
    assert modules.isdisjoint({"textual", "rich", "asyncpg", "redis", "aio_pika", "yaml"})


@pytest.mark.parametrize(
    ("url", "kept", "omitted"),
    [
        ("sqlite:x.db?_pragma=key('s3crpw')&_fk=1", "?_fk=1", "_pragma"),
        ("mysql://app@db/shop?sql_mode=ANSI&sessionVariables=password%3Ds3crpw", "?sql_mode=ANSI", "sessionVariables"),
        ("postgresql://app@db/shop?options=-c%20app.secret%3Ds3crpw&TimeZone=UTC", "?TimeZone=UTC", "options"),
        ("postgresql://a:1,b:2/shop?options=-c%20app.secret%3Ds3crpw&TimeZone=UTC", "?TimeZone=UTC", "options"),
    ],
)
def test_secret_of_a_session_is_named_but_not_written(tmp_path: Path, url: str, kept: str, omitted: str) -> None:
    """A reading shows it as a fingerprint: the kind's rules count, as the name and the value do."""
    (tmp_path / ".env").write_text(f"DATABASE_URL={url}\n")
    result = run("--env-file", "dev=.env", folder=tmp_path)
    words = (tmp_path / "parity.toml").read_text()
    assert "s3crpw" not in words + result.stderr
    assert f'{kept}"' in words
    assert result.stderr.count("left out of dev") == 1
    assert f'left out of dev: database: "{omitted}" of the URL, which may hold a secret' in result.stderr
