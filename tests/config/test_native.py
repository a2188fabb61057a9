"""auth = "native": logins from the files and variables of a service's own clients."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from parity_tui.config import ConfigError, parse
from parity_tui.model import ServiceError, Target

Build = Callable[..., Target]


@pytest.fixture(autouse=True)
def _made_up_kinds() -> None:
    """Use the real kinds."""


@pytest.fixture
def target(tmp_path: Path) -> Build:
    """Give a builder of targets with auth = "native", with an empty folder as home."""

    def built(url: str, more: str = "", /, **environ: str) -> Target:
        text = f"[environments.dev.services.it]\nurl = '{url}'\nauth = 'native'\n{more}\n"
        return parse(text, "parity.toml", {"HOME": str(tmp_path), **environ}, tmp_path).targets[0]

    return built


def write(path: Path, text: str, mode: int = 0o600) -> str:
    """Write a file and return its name."""
    path.write_bytes(text.encode())
    path.chmod(mode)
    return str(path)


def password(target: Target) -> str | None:
    assert target.password is not None
    secret = target.password()
    return secret.reveal() if secret else None


def problem(target: Target) -> str:
    """Return the message of a failed login."""
    with pytest.raises(ServiceError) as caught:
        password(target)
    assert caught.value.reason == "secret"
    return caught.value.message


PGPASS = r"""# host:port:database:user:password
db:5432:app:ann:first
db:5433:*:ann:another port
*:*:*:bob:a\:b\\c:what follows a colon
[db]:1:x
DB:5432:app:ann:capitals
::1:5432:app:ann:no
\:\:1:5432:app:ann:six
db:5432:*:carl:
db:5432:*:carl:too late
*:*:*:dora:é end \
"""


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("postgresql://ann@db/app", "first"),
        ("postgresql://ann@DB/app", "first"),
        ("postgresql://ann@db:5433/x", "another port"),
        ("postgresql://ann@db/other", None),
        ("postgresql://bob@elsewhere:1/x", "a:b\\c"),
        ("postgresql://ann@[::1]/app", "six"),
        ("postgresql://carl@db/app", None),
        ("postgresql://dora@db/app", "é end \\"),
    ],
)
def test_first_matching_line_of_pgpass_counts(target: Build, tmp_path: Path, url: str, found: str | None) -> None:
    write(tmp_path / ".pgpass", PGPASS)
    assert password(target(url)) == found


def test_pgpassword_precedes_pgpass_at_each_login(target: Build, tmp_path: Path) -> None:
    write(tmp_path / ".pgpass", "*:*:*:*:from the file\n")
    other = write(tmp_path / "other", "*:*:*:*:from the other\r\n")
    url = "postgresql://ann@db/app"
    assert password(target(url, PGPASSWORD="from the variable")) == "from the variable"
    assert password(target(url, PGPASSWORD="")) == "from the file"
    assert password(target(url, PGPASSFILE=other)) == "from the other"
    assert problem(target(url, PGPASSFILE="/nowhere")) == "password: no file /nowhere"


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda path: write(path, "*:*:*:*:swordfish", 0o640), "can be read by others and is not used: chmod 600"),
        (lambda path: path.mkdir(), "it is a folder"),
        (lambda path: os.mkfifo(path, 0o600), "it is a named pipe, not a regular file"),
        (lambda path: path.symlink_to(path), "cannot be read: Too many levels of symbolic links"),
        (lambda path: write(path, "x" * 2_000_000), "is too large"),
    ],
)
def test_unusable_pgpass_is_explained(
    target: Build, tmp_path: Path, prepare: Callable[[Path], object], words: str
) -> None:
    prepare(tmp_path / ".pgpass")
    message = problem(target("postgresql://ann@db/app"))
    assert words in message
    assert "swordfish" not in message


def test_libpq_service_completes_the_url(target: Build, tmp_path: Path) -> None:
    text = (
        "# all\n[prod]\nhost=db.prod\n port = 6432 \nuser=ann\ndbname=app\npassword=a=b #c\nsslmode=verify-full\n"
        "sslrootcert=/ca.pem\ntarget_session_attrs=primary\nhost=second\n[dev]\nhost=x\n"
    )
    write(tmp_path / ".pg_service.conf", text, 0o644)
    found = target("postgresql://?service=prod")
    assert (found.host, found.port, found.user, found.path) == ("db.prod", 6432, "ann", "app")
    assert (found.tls, found.ca, dict(found.options)) == ("verify-full", "/ca.pem", {"target_session_attrs": "primary"})
    assert password(found) == "a=b #c"
    kept = target("postgresql://bob@other:1/x?sslmode=require", "service = 'prod'")
    assert (kept.address, kept.user, kept.path, kept.tls, kept.ca) == ("other:1", "bob", "x", "require", "")
    named = write(tmp_path / "named", "[prod]\nhost=from-the-named\nsslmode=disable\n")
    other = target("postgresql://ann@?service=prod", PGSERVICEFILE=named)
    assert (other.host, other.port, other.tls) == ("from-the-named", 5432, "off")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[dev]\nhost=x", 'there is no service "prod" in '),
        ("[prod]\nhost=x\nport=swordfish", "the port of the service"),
        ("[prod]\nhost=./run", "neither a name nor an address"),
        ("[prod]\nhost=a,b", "several hosts"),
        ("[prod]\nhost=x\nsslmode=swordfish", "the mode of TLS must be one of"),
    ],
)
def test_invalid_libpq_service_fails_only_its_target(target: Build, tmp_path: Path, text: str, words: str) -> None:
    write(tmp_path / ".pg_service.conf", text)
    problem = target("postgresql://ann@?service=prod").problem
    assert problem is not None
    assert problem.reason == "config"
    assert words in problem.message
    assert "swordfish" not in problem.message


def test_libpq_service_may_name_a_unix_socket(target: Build, tmp_path: Path) -> None:
    write(tmp_path / ".pg_service.conf", "[prod]\nhost=/run/postgresql\nport=5433\nsslmode=require\n")
    completed = target("postgresql://ann@?service=prod")
    assert (completed.address, completed.port, completed.tls) == ("/run/postgresql/.s.PGSQL.5433", 0, "off")


def test_missing_host_is_an_error(target: Build, tmp_path: Path) -> None:
    write(tmp_path / ".pg_service.conf", "[prod]\nuser=ann")
    for url in ("postgresql://ann@?service=prod", "mysql://ann@"):
        with pytest.raises(ConfigError, match="names no host"):
            target(url)


MY_CNF = r"""
[mysqld]
password = server's
!includedir /etc/mysql/conf.d
[client] # mine
user = "ann"
host=db.prod
port =3307
ssl-mode=REQUIRED
password=other
password = 'sword#fish\\\'' # it
[mysql]
password = mysql's
"""


def test_my_cnf_client_section_completes_the_url(target: Build, tmp_path: Path) -> None:
    path = Path(write(tmp_path / ".my.cnf", MY_CNF, 0o644))
    found = target("mysql://", MYSQL_PWD="from the variable")
    assert (found.address, found.user, found.tls, found.path) == ("db.prod:3307", "ann", "require", "")
    assert password(found) == "sword#fish\\'"
    kept = target("mariadb://bob@other:1/app?tls=off")
    assert (kept.address, kept.user, kept.tls, kept.path) == ("other:1", "bob", "off", "app")
    path.write_text("[client]\npassword = a b#c\n")
    assert password(found) == "a b"
    path.write_text("[client]\npassword\n")
    assert password(found) == "from the variable"
    path.chmod(0o666)
    assert "can be written by others" in problem(found)


def test_mysql_pwd_counts_without_my_cnf(target: Build) -> None:
    assert password(target("mysql://ann@db", MYSQL_PWD="swordfish")) == "swordfish"
    assert password(target("mysql://ann@db")) is None


def test_rediscli_auth_is_read_at_each_login(target: Build) -> None:
    assert password(target("rediss://ann@cache", REDISCLI_AUTH="swordfish")) == "swordfish"
    assert problem(target("redis://cache")) == "password: the variable REDISCLI_AUTH is not set"


def test_undecodable_bytes_are_no_password(target: Build, tmp_path: Path) -> None:
    odd = b"a\xffb".decode("utf-8", "surrogateescape")
    assert problem(target("postgresql://ann@db", PGPASSWORD=odd)) == "password: the variable PGPASSWORD is not text"
    assert problem(target("mysql://ann@db", MYSQL_PWD=odd)) == "password: the variable MYSQL_PWD is not text"
    assert problem(target("redis://cache", REDISCLI_AUTH=odd)) == "password: the variable REDISCLI_AUTH is not text"
    (tmp_path / ".pgpass").write_bytes(b"# caf\xe9\nother:*:*:*:a\xffb\n*:*:*:*:a\xe9b\n")
    (tmp_path / ".pgpass").chmod(0o600)
    assert problem(target("postgresql://ann@db")).endswith(".pgpass is not text")


def test_native_logins_need_auth_native(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PGPASSWORD": "a", "MYSQL_PWD": "b", "REDISCLI_AUTH": "c"}
    for url in ("postgresql://ann@db", "mysql://ann@db", "redis://cache"):
        text = f"[environments.dev.services]\nit = '{url}'\n"
        assert parse(text, "parity.toml", environ, tmp_path).targets[0].password is None


@pytest.mark.parametrize(
    ("url", "more", "words"),
    [
        (
            "amqp://ann@mq",
            "",
            'RabbitMQ has no auth = "native"; the kinds that have it: mysql, pgbouncer, postgres, redis',
        ),
        ("sqlite:///app.db", "", "has no login"),
        ("nginx+local://", "", '"auth" has no effect here'),
        ("redis://:x@cache", "", "a second password"),
        ("redis://cache", "password_env = 'A'", "a second password"),
    ],
)
def test_auth_native_is_rejected_without_effect(target: Build, url: str, more: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        target(url, more)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_user_without_home_and_name_works(tmp_path: Path) -> None:
    """Fault 59: a container runs as a number without a name, and without HOME."""
    code = (
        "import os; os.setgid(4242); os.setuid(4242); os.environ.pop('HOME', None)\n"
        "from pathlib import Path; from parity_tui.config import parse, find, ConfigError\n"
        "for url in ('postgresql://ann@db', 'mysql://ann@db', 'redis://cache'):\n"
        "    text = f'[environments.dev.services.it]\\nurl = {url!r}\\nauth = {chr(39)}native{chr(39)}\\n'\n"
        "    print(parse(text, 'x', os.environ, Path('/')).targets[0].password().reveal())\n"
        "try: find(None, {})\n"
        "except ConfigError: print('no configuration')\n"
    )
    # The new user may be unable to read the installation: its modules are imported before.
    early = "import parity_tui.config, platformdirs, platformdirs.unix, parity_tui.services as s; dict(s.kinds())\n"
    environ = {"PATH": os.environ["PATH"], "PGPASSWORD": "one", "MYSQL_PWD": "two", "REDISCLI_AUTH": "three"}
    result = subprocess.run(
        [sys.executable, "-c", early + code], env=environ, capture_output=True, text=True, check=False, cwd=Path.cwd()
    )
    assert result.stdout.split("\n") == ["one", "two", "three", "no configuration", ""], result.stderr
