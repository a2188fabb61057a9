"""URLs as frameworks and client libraries write them, in a dotenv file of the app."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path

import pytest

from parity_tui.config import ConfigError, load, parse
from parity_tui.config.app_url import understand
from parity_tui.model import Reason, Target
from parity_tui.transport.child_environ import child_environ
from parity_tui.transport.password import password_of
from tests.config.test_dotenv import load_text


@pytest.fixture(autouse=True)
def _made_up_kinds() -> None:
    """Use the real kinds."""


def target_of(tmp_path: Path, url: str) -> Target:
    """Return the target of an app's URL; the file is read in spite of whatever the URL holds."""
    (target, _) = load_text(tmp_path, f"APP_URL='{url}'\nOTHER_URL=redis://h\n").targets
    return target


def problem_of(tmp_path: Path, url: str) -> str:
    problem = target_of(tmp_path, url).problem
    assert problem is not None
    assert problem.reason is Reason.CONFIG
    return problem.message


@pytest.mark.parametrize(
    ("scheme", "ours"),
    [
        ("jdbc:postgresql", "postgresql"), ("r2dbc:postgresql", "postgresql"), ("r2dbc:pool:postgresql", "postgresql"),
        ("pgsql", "postgresql"), ("psql", "postgresql"), ("postgis", "postgresql"), ("ecto", "postgresql"),
        ("postgresql+asyncpg", "postgresql"), ("postgres+psycopg2", "postgres"), ("postgis+psycopg", "postgresql"),
        ("jdbc:mysql", "mysql"), ("mysql2", "mysql"), ("mysql+pymysql", "mysql"), ("jdbc:mariadb", "mariadb"),
        ("mariadb+mariadbconnector", "mariadb"), ("jdbc:mysql:replication", "mysql"), ("r2dbc:mysql", "mysql"),
        ("pyamqp", "amqp"), ("amqp+ssl", "amqps"), ("memcache", "memcached"), ("redis+ssl", "rediss"),
        ("redis+hiredis", "redis"), ("redis+hiredis+tls", "rediss"), ("POSTGRES", "postgres"),
        ("db+postgresql", "postgresql"), ("db+mysql+pymysql", "mysql"), ("rediscache", "redis"),
        ("sqla+postgresql+psycopg", "postgresql"), ("cache+memcached", "memcached"),
        ("pymemcache", "memcached"),
    ],
)  # fmt: skip
def test_scheme_of_a_framework_is_understood(tmp_path: Path, scheme: str, ours: str) -> None:
    target = target_of(tmp_path, f"{scheme}://ann@h")
    assert (target.scheme, target.host, target.problem) == (ours, "h", None)


@pytest.mark.parametrize(
    ("url", "tls", "ca"),
    [
        ("postgresql://h/a?sslmode=require&sslrootcert=/F", "verify-ca", "/F"),
        ("postgresql://h/a?sslmode=verify-full&sslrootcert=/F", "verify-full", "/F"),
        ("postgresql://h/a?sslrootcert=/F", "verify-ca", "/F"),
        ("postgresql://h/a?sslmode=require&sslrootcert=system", "verify-full", ""),
        ("postgresql://h/a?sslmode=allow", "prefer", ""),
        ("postgresql://h/a?sslmode=no-verify", "require", ""),
        ("postgresql://h/a?sslmode=no-verify&sslrootcert=/F", "require", ""),
        ("postgresql://h/a?ssl=true", "verify-full", ""),
        ("postgresql://h/a?ssl=true&sslmode=require", "require", ""),
        ("postgresql://h/a?ssl=false", "off", ""),
        ("postgresql://h/a?sslmode=disable&sslrootcert=/F", "off", ""),
        ("postgresql://h/a?sslmode=require&sslaccept=strict", "verify-full", ""),
        ("postgresql+ssl://h/a", "verify-full", ""),
        ("postgresql+asyncpg+tls://h/a?sslmode=require", "require", ""),
        ("r2dbcs:postgresql://h/a", "verify-full", ""),
        ('postgresql://h/a?ssl={"rejectUnauthorized":false}', "require", ""),
        ("mysql://h/a?ssl-mode=REQUIRED", "require", ""),
        ("mysql://h/a?sslMode=VERIFY_CA", "verify-ca", ""),
        ("mysql://h/a?ssl-mode=VERIFY_IDENTITY&ssl-ca=/F", "verify-full", "/F"),
        ("mysql://h/a?ssl-mode=DISABLED", "off", ""),
        ("mysql://h/a?ssl_ca=/F", "verify-ca", "/F"),
        ("mysql://h/a?ssl_ca=/F&ssl_check_hostname=true", "verify-full", "/F"),
        ("mysql://h/a?ssl_ca=/F&ssl_verify_cert=false", "require", ""),
        ("mysql://h/a?tls=true", "verify-full", ""),
        ("mysql://h/a?tls=skip-verify", "require", ""),
        ("mysql://h/a?tls=preferred", "prefer", ""),
        ("jdbc:mysql://h/a?useSSL=true&requireSSL=true", "require", ""),
        ("jdbc:mysql://h/a?useSSL=true&requireSSL=false", "require", ""),
        ("jdbc:mysql://h/a?useSSL=true&verifyServerCertificate=true", "verify-ca", ""),
        ("jdbc:mysql://h/a?useSSL=false", "off", ""),
        ("rediss://h?ssl_cert_reqs=optional", "verify-full", ""),
        ("rediss://h?ssl_cert_reqs=CERT_NONE", "require", ""),
        ("rediss://h?ssl_cert_reqs=required&ssl_check_hostname=false", "verify-ca", ""),
        ("redis://h?ssl=true", "verify-full", ""),
        ("redis://h?ssl_ca_certs=/F", "verify-full", "/F"),
        ("redis+tls://h", "verify-full", ""),
        ("memcached+tls://h", "verify-full", ""),
        ("amqps://h?cacertfile=/F&verify=verify_peer", "verify-full", "/F"),
        ("amqp://h?cacertfile=/F&verify=verify_peer", "verify-full", "/F"),
        ("amqps://h?cacertfile=/F&verify=verify_none", "require", ""),
        ("amqps://h?no_verify_ssl=1", "require", ""),
    ],
)
def test_tls_means_what_its_library_means(tmp_path: Path, url: str, tls: str, ca: str) -> None:
    target = target_of(tmp_path, url)
    assert (target.problem, target.tls, target.ca) == (None, tls, ca)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("redis+foo://app:s3cr@h", '"+foo" of the scheme redis+foo:// is not understood'),
        ("postgresql+asyncpg+quic://h/a", '"+quic"'),
        ("sentinel://h:26379/main", "points to Sentinels"),
        ("redis+sentinel://h:26379/main", "points to Sentinels"),
        ("mysql://h/a?tls=custom", "tls must be one of"),
        ("postgresql://h/a?sslmode=require&ssl=false", "twice, and differently"),
        ("mysql://h/a?ssl=true&useSSL=false", "twice, and differently"),
        ("postgresql://h/a?sslpassword=s3cr", '"sslpassword" in the URL\'s query seems to concern TLS'),
        ("redis://h?tlsOptions=x", "seems to concern TLS"),
        ("redis://h:port", "the port must be"),
        ("amqp://a;redis://b", "URLs of several kinds"),
        ("sqlite:///%kernel.cache_dir%/x.db", "the path holds a %"),
        ("rediss:///run/redis.sock", "a Unix socket has none"),
        ("amqp://%2Frun%2Fx", "RabbitMQ is not reached through a Unix socket"),
    ],
)
def test_what_is_not_understood_fails_its_target_alone(tmp_path: Path, url: str, words: str) -> None:
    message = problem_of(tmp_path, url)
    assert words in message
    assert "s3cr" not in message


@pytest.mark.parametrize(
    ("url", "host", "user", "path"),
    [
        ("postgresql:///app?host=/run/postgresql", "/run/postgresql/.s.PGSQL.5432", getuser(), "app"),
        ("postgresql:///app?host=/run/postgresql&port=5433", "/run/postgresql/.s.PGSQL.5433", getuser(), "app"),
        ("postgresql://app@%2Frun%2Fpostgresql/app", "/run/postgresql/.s.PGSQL.5432", "app", "app"),
        ("postgresql://app@%2Frun%2FPg:5433/app", "/run/Pg/.s.PGSQL.5433", "app", "app"),
        ("postgresql://app@localhost/app?host=/cloudsql/p:r:i", "/cloudsql/p:r:i/.s.PGSQL.5432", "app", "app"),
        ("mysql+pymysql://u:p@localhost:3307/shop?unix_socket=/run/my.sock", "/run/my.sock", "u", "shop"),
        ("mysql2://localhost/shop?socket=/run/my.sock", "/run/my.sock", getuser(), "shop"),
        ("unix:///run/redis.sock", "/run/redis.sock", "", ""),
        ("unix://:p@/run/redis.sock?db=1", "/run/redis.sock", "", ""),
        ("redis+socket:///run/redis.sock", "/run/redis.sock", "", ""),
        ("redis-socket:///run/Redis.sock", "/run/Redis.sock", "", ""),
        ("redis+unix:///run/redis.sock", "/run/redis.sock", "", ""),
        ("redis:///run/redis.sock", "/run/redis.sock", "", ""),
        ("redis:///run/redis.sock/2", "/run/redis.sock", "", "2"),
        ("memcached:///run/mc.sock", "/run/mc.sock", "", ""),
        ("memcache://%2Frun%2Fmc.sock", "/run/mc.sock", "", ""),
    ],
)
def test_unix_socket_is_the_host(tmp_path: Path, url: str, host: str, user: str, path: str) -> None:
    target = target_of(tmp_path, url)
    assert (target.problem, target.host, target.port, target.user, target.path) == (None, host, 0, user, path)
    assert (target.address, target.tls) == (host, "off")


@pytest.mark.parametrize(
    "url",
    ["postgresql:///a?host=/run/pg", "postgresql://a@%2Frun/a", "mysql://a@h/a?unix_socket=/F", "redis:///run/r.sock"],
)
def test_unix_socket_in_parity_toml(url: str) -> None:
    text = f'[environments.dev.services]\nit = "{url}"\n'
    assert parse(text, "parity.toml", {}, Path("/srv")).targets[0].is_unix_socket
    table = f'[environments.dev.services.it]\nurl = "{url}"\ntls = "require"\n'
    with pytest.raises(ConfigError, match="has no TLS"):
        parse(table, "parity.toml", {}, Path("/srv"))


@pytest.mark.parametrize(
    ("url", "nodes"),
    [
        ("amqp://u:s3cr@a/v;amqp://u:s3cr@b/v", ["a:5672", "b:5672"]),
        ("redis://a:1;redis://b:2", ["a:1", "b:2"]),
        ("redis://a:1,redis://b:2", ["a:1", "b:2"]),
        ("postgresql://u:p@a:1,b:2/db?target_session_attrs=read-write", ["a:1", "b:2"]),
        ("jdbc:mysql:replication://a,b:2,[::1]/db", ["a:3306", "b:2", "[::1]:3306"]),
    ],
)
def test_several_hosts_are_nodes(tmp_path: Path, url: str, nodes: list[str]) -> None:
    config = load_text(tmp_path, f"APP_URL='{url}'\n")
    assert [target.node for target in config.targets] == nodes
    assert {target.service for target in config.targets} == {"app"}
    assert not any(target.options for target in config.targets)
    noted = {note for target in config.targets for note in target.notes}
    assert bool(noted) == ("target_session_attrs" in url)


@pytest.mark.parametrize(
    ("url", "path", "ignored"),
    [("redis://h/0/cache", "0", "/cache"), ("redis://h/messages", "", "/messages"), ("redis://h/1", "1", "")],
)
def test_rest_of_the_path_is_ignored_with_a_remark(tmp_path: Path, url: str, path: str, ignored: str) -> None:
    config = load_text(tmp_path, f"CACHE_URL={url}\n")
    words = f"{ignored} at the end of its path is ignored"
    assert (config.targets[0].path, config.targets[0].problem) == (path, None)
    assert [words in warning for warning in config.warnings] == [True] * bool(ignored)


@pytest.mark.parametrize(
    ("url", "ignored"),
    [
        ("postgresql://u@h/app?serverVersion=16&charset=utf8", ""),
        ("postgresql://u@h/app?pool=5&prepared_statements=false", ""),
        ("amqp://h?frameMax=0x1000", ""),
        ("mysql://h/app?zone=a&zone=b&options[x]=1&colour=red", "zone, options[x], colour"),
        ("sqlite:///app.db?journal=wal", "journal"),
    ],
)
def test_unknown_options_are_ignored_in_one_line(tmp_path: Path, url: str, ignored: str) -> None:
    config = load_text(tmp_path, f"APP_URL={url}\n")
    assert config.targets[0].problem is None
    prefix = f"{tmp_path / '.env'}:1: APP_URL: ignored, as options of the app's client library: "
    assert config.warnings == ((prefix + ignored,) if ignored else ())


def test_parts_of_the_address_in_the_query_count(tmp_path: Path) -> None:
    target = target_of(tmp_path, "jdbc:postgresql://h/app?user=ann&password=s3cr&port=5433")
    assert (target.user, target.port, target.path) == ("ann", 5433, "app")
    assert target.password is not None
    secret = target.password()
    assert secret is not None
    assert secret.reveal() == "s3cr"


def test_options_that_change_the_session_are_kept(tmp_path: Path) -> None:
    target = target_of(tmp_path, "postgresql://u@h/app?options=-c%20work_mem%3D1GB&currentSchema=shop")
    assert target.session == {"options": "-c work_mem=1GB", "currentSchema": "shop"}
    assert target_of(tmp_path, "mysql://h/app?sql_mode=ANSI").session == {"sql_mode": "ANSI"}


def test_symfony_project_folder_is_that_of_the_file(tmp_path: Path) -> None:
    target = target_of(tmp_path, "sqlite:///%kernel.project_dir%/var/app.db")
    assert target.path == str(tmp_path / "var/app.db")


@pytest.mark.parametrize("url", ["couchdb://u:s3cr@h/a", "jdbc:oracle:thin:@h:1", "jdbc:sqlserver:x", "kafka://h"])
def test_url_of_no_known_kind_is_left_out_by_name(tmp_path: Path, url: str) -> None:
    config = load_text(tmp_path, f"OLD_URL={url}\nREDIS_URL=redis://h\nHOOK_URL=https://h/x\n")
    (left_out,) = config.left_out
    assert (left_out.environment, left_out.name) == ("dev", "OLD_URL")
    assert config.warnings == (f"{tmp_path / '.env'}:1: OLD_URL is left out: {left_out.reason}",)
    assert "s3cr" not in left_out.reason
    assert config.only(["dev"]).left_out == config.left_out


def test_tls_of_a_scheme_is_never_given_up() -> None:
    for base in ("postgresql", "mysql", "redis", "amqp", "memcached", "mysql2", "pgsql", "valkey"):
        for mark in ("tls", "ssl"):
            understood = understand(f"{base}+{mark}://h")
            assert understood is not None
            (url,) = understood.urls
            text = f'[environments.dev.services]\nit = "{url}"\n'
            assert parse(text, "parity.toml", {}, Path("/srv")).targets[0].tls == "verify-full"


def test_socket_or_command_here_is_not_taken_for_a_host_behind_ssh() -> None:
    for url in ("nginx+local://", "runtime+local://php", "redis:///run/redis.sock"):
        text = f'[environments.production]\nssh = "x"\n[environments.production.services]\nit = "{url}"\n'
        with pytest.raises(ConfigError, match=r"of this machine, not of x: ") as caught:
            parse(text, "parity.toml", {}, Path("/srv"))
        assert caught.value.problems[0].startswith("parity.toml:4: ")
        assert ("nginx+ssh://x" in str(caught.value)) == url.startswith("nginx")
    text = "[environments.qa]\nssh = 'x'\n[environments.qa.services]\nit = 'sqlite:////srv/app.db'"
    assert parse(text, "parity.toml", {}, Path("/srv")).targets[0].notes == (
        "the file is read on this machine, not on x",
    )


def test_end_of_an_unencoded_password_is_not_shown(tmp_path: Path) -> None:
    config = load_text(tmp_path, "APP_URL='mysql://h/app?password=a&hunter22&colour=1'\n")
    assert "another, colour" in config.warnings[0]
    assert "hunter22" not in str(config.warnings)


def test_control_characters_of_a_variable_are_not_printed(tmp_path: Path) -> None:
    config = load_text(tmp_path, "A\x1b[2J_URL=couchdb://h\nB\x1b[2J=redis://h?colour=1\n")
    assert len(config.warnings) == 2
    assert "\x1b" not in "".join(config.warnings) + config.left_out[0].name


def test_scheme_of_a_library_is_answered_with_its_tls(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r'write mongodb://USER@HOST:PORT/NAME, and tls = "verify-full" and password_'
    ):
        parse('[environments.dev.services]\ndb = "mongodb+tls://h"\n', "parity.toml", {}, tmp_path)


@pytest.mark.parametrize(
    ("url", "user", "password"),
    [
        ("redis://sesame@h:1/2", "", "sesame"), ("rediss://sesame@h", "", "sesame"),
        ("redis://sesame@/var/run/redis.sock/3", "", "sesame"), ("redis+tls://ses%40me@h", "", "ses@me"),
        ("nats://sesame@h", "", "sesame"), ("redis://default@h", "default", ""), ("redis://ann:pw@h", "ann", "pw"),
        ("postgresql://ann@h/app", "ann", ""), ("amqp://ann@h", "ann", ""),
    ],
)  # fmt: skip
async def test_what_stands_alone_before_the_at_is_secret_where_clients_take_it_for_the_password(
    tmp_path: Path, url: str, user: str, password: str
) -> None:
    """redis-cli, Lettuce and Symfony write redis://PASSWORD@HOST, and NATS writes nats://TOKEN@HOST."""
    target = target_of(tmp_path, url)
    secret = await password_of(target)
    assert (target.user, secret.reveal() if secret else "", target.problem) == (user, password, None)


@pytest.mark.parametrize(
    ("url", "holds"),
    [
        ("redis://sesame@h", True), ("redis://:sesame@h", True), ("nats://sesame@h", True),
        ("redis://default@h", False),
        ("jdbc:postgresql://h/app?user=ann&password=sesame", True), ("redis://h?db=1&password=sesame", True),
        ("host=h dbname=app user=ann password=sesame", True), ("mysql:host=h;user=ann;password=sesame", True),
        ("ann:sesame@tcp(h)/app", True),
        ("postgresql://ann@h/app?passfile=x", False), ("jdbc:postgresql://h/app?user=ann&password=", False),
    ],
)  # fmt: skip
def test_password_of_every_form_makes_the_file_and_its_variable_secret(tmp_path: Path, url: str, holds: bool) -> None:
    name = f"A{abs(hash(url))}_URL"  # names are withheld for good
    file = tmp_path / ".env"
    file.write_text(f"{name}='{url}'\nOTHER_URL=redis://h\n")
    file.chmod(0o644)
    warnings = load(env_files=[("dev", file)], environ={}).warnings
    assert any("holds a password" in warning for warning in warnings) == holds
    assert (name not in child_environ({name: url})) == holds


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("amqp://h/%2f/messages", "/"), ("amqps://h/shop/messages?heartbeat=5", "shop"), ("amqp://h/a%2Fb/m/n", "a/b"),
        ("amqp://h//", "/"), ("amqp://h/%2F", "/"), ("amqp://h//shop", "/shop"), ("amqp://h/a%2Fb", "a/b"),
        ("amqp://h", ""),
    ],
)  # fmt: skip
def test_exchange_behind_a_virtual_host_is_ignored(tmp_path: Path, url: str, path: str) -> None:
    """Symfony's recipe writes amqp://…/%2f/messages."""
    assert target_of(tmp_path, url).path == path
    remarks = [each for each in load_text(tmp_path, f"APP_URL='{url}'\n").warnings if "its path is ignored" in each]
    assert bool(remarks) == ("/m" in url)


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("postgresql+psycopg2://u:p@/app?host=a:1&host=b:2", ["a:1", "b:2"]),
        ("postgresql+psycopg://u:p@/app?host=a,b&port=1,2&sslmode=require", ["a:1", "b:2"]),
        ("postgresql://u:p@/app?host=a,b&port=6543", ["a:6543", "b:6543"]),
        ("postgresql+asyncpg:///app?host=a:1&user=u", ["a:1"]),
        ("postgresql:///app?host=a&port=1", ["a:1"]),
    ],
)
def test_hosts_in_the_query_are_nodes(tmp_path: Path, url: str, addresses: list[str]) -> None:
    """SQLAlchemy's documentation and libpq write several hosts so."""
    targets = load_text(tmp_path, f"APP_URL='{url}'\n").targets
    assert [(target.address, target.path, target.user) for target in targets] == [
        (address, "app", "u" if "u:p" in url or "user=u" in url else "") for address in addresses
    ]
    assert all(target.tls == ("require" if "sslmode" in url else "prefer") for target in targets)


@pytest.mark.parametrize("text", ["Server=h;Uid=ann;Pwd=$PW;", "h:1,password=$PW,ssl=True", "redis://h?password=$PW"])
def test_variable_of_a_password_among_keywords_is_kept_from_programs(tmp_path: Path, text: str) -> None:
    name = f"PW_{abs(hash(text))}"
    environ = {name: "sesame"}
    load_text(tmp_path, f"LEFT_OUT_URL={text.replace('$PW', '$' + name)}\nOTHER_URL=redis://h\n", **environ)
    assert child_environ({**environ, "LEFT_OUT_URL": text}) == {}
