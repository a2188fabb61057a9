"""Services that a dotenv file describes in parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_tui.config import Config, ConfigError, load
from parity_tui.config.dotenv_parts import services_from
from parity_tui.model import Target, TlsMode
from parity_tui.services import kinds
from parity_tui.transport.child_environ import child_environ
from tests.config.dotenv_samples import SAMPLES


@pytest.fixture(autouse=True)
def _made_up_kinds() -> None:
    """Use the real kinds."""


def load_text(tmp_path: Path, text: str, **environ: str) -> Config:
    """Return the configuration of a dotenv file as the environment dev."""
    path = tmp_path / ".env"
    path.write_text(text)
    path.chmod(0o600)
    return load(env_files=[("dev", path)], environ=environ)


def line(target: Target, folder: Path) -> str:
    """Return a target as the samples write it."""
    assert target.problem is None, target.problem
    password = "*" if target.password else ""
    if target.kind == "sqlite":
        return f"{target.service} sqlite {Path(target.path).relative_to(folder)} - -"
    return f"{target.service} {target.kind} {target.address} {target.path or '-'} {target.user or '-'}{password}"


@pytest.mark.parametrize("sample", SAMPLES)
def test_files_of_frameworks_give_their_services(sample: str, tmp_path: Path) -> None:
    text, expected = SAMPLES[sample]
    config = load_text(tmp_path, text)
    assert "\n".join(line(target, tmp_path) for target in config.targets) == expected
    assert "s3cr" not in repr(config)
    assert "s3cr" not in str(config.origins)


@pytest.mark.parametrize(
    ("kind", "text", "address", "scheme"),
    [
        ("smtp", "MAIL_HOST=mailpit\nMAIL_PORT=1025\nMAIL_ENCRYPTION=null\n", "mailpit:1025", "smtp"),
        ("smtp", "MAIL_MAILER=smtp\nMAIL_HOST=h\nMAIL_PORT=587\nMAIL_ENCRYPTION=tls\n", "h:587", "smtp"),
        ("smtp", "EMAIL_HOST=h\nEMAIL_PORT=465\nEMAIL_USE_TLS=0\nEMAIL_USE_SSL=1\n", "h:465", "smtps"),
        ("mongodb", "MONGO_HOST=m\nMONGO_DB=app\nMONGO_TLS=true\n", "m:27017", "mongodb"),
        ("elasticsearch", "ELASTICSEARCH_HOST=http://es:9200\n", "es:9200", "elasticsearch"),
        ("elasticsearch", "ELASTICSEARCH_URL=http://es:9200\n", "es:9200", "elasticsearch"),
        ("elasticsearch", "ELASTICSEARCH_URL=https://es.example\n", "es.example:443", "elasticsearchs"),
        ("elasticsearch", "OPENSEARCH_URL=https://u:p@os:9200/\n", "os:9200", "elasticsearchs"),
        ("elasticsearch", "ELASTICSEARCH_NODE=http://es:9200\n", "es:9200", "elasticsearch"),
        ("elasticsearch", "SPRING_ELASTICSEARCH_URIS=http://es:9200\n", "es:9200", "elasticsearch"),
        ("nats", "NATS_HOST=n\n", "n:4222", "nats"),
        ("nats", "NATS_URL=tls://n:4222\n", "n:4222", "nats"),
        ("mongodb", "MONGODB_URI=mongodb://m/app\n", "m:27017", "mongodb"),
        ("smtp", "MAILER_DSN=smtp://m:1025\n", "m:1025", "smtp"),
    ],
)
def test_further_kinds_in_parts(kind: str, text: str, address: str, scheme: str, tmp_path: Path) -> None:
    if kind not in kinds():
        pytest.skip(f"no kind {kind}")
    (target,) = load_text(tmp_path, text).targets
    assert (target.problem, target.kind, target.address, target.scheme) == (None, kind, address, scheme)


@pytest.mark.parametrize(
    "text", ["KIBANA_URL=http://k:5601\n", "ELASTIC_APM_SERVER_URL=http://apm:8200\n", "WEBHOOK_URL=https://h/x\n"]
)
def test_web_addresses_of_others_are_no_service(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_text(tmp_path, text)


def test_samples_suffice() -> None:
    assert len(SAMPLES) >= 40


@pytest.mark.parametrize(
    ("text", "scheme", "mode", "authority"),
    [
        ("DB_HOST=h\nDB_PORT=5432\nDB_SSL=true\n", "postgresql", TlsMode.VERIFY_FULL, ""),
        ("PGHOST=h\nPGSSLMODE=require\n", "postgresql", TlsMode.REQUIRE, ""),
        ("PGHOST=h\nPGSSLMODE=verify-full\nPGSSLROOTCERT=/ca.pem\n", "postgresql", TlsMode.VERIFY_FULL, "/ca.pem"),
        ("PGHOST=h\nDB_SSL=true\n", "postgresql", TlsMode.VERIFY_FULL, ""),
        ("DB_HOST=h\nDB_CONNECTION=mysql\nMYSQL_ATTR_SSL_CA=/ca.pem\n", "mysql", TlsMode.VERIFY_CA, "/ca.pem"),
        ("MYSQL_HOST=h\nMYSQL_SSL_MODE=VERIFY_IDENTITY\n", "mysql", TlsMode.VERIFY_FULL, ""),
        ("MYSQL_HOST=h\nMYSQL_SSL_MODE=DISABLED\n", "mysql", TlsMode.OFF, ""),
        ("REDIS_HOST=h\nREDIS_TLS=1\n", "rediss", TlsMode.VERIFY_FULL, ""),
        ("REDIS_HOST=h\nREDIS_USE_TLS=0\nREDIS_USE_SSL=1\n", "rediss", TlsMode.VERIFY_FULL, ""),
        ("REDIS_HOST=h\nREDIS_SSL=1\nREDIS_TLS=0\n", "rediss", TlsMode.VERIFY_FULL, ""),
        ("REDIS_HOST=h\nREDIS_SCHEME=tls\n", "rediss", TlsMode.VERIFY_FULL, ""),
        ("REDIS_HOST=h\nREDIS_TLS=yes\nREDIS_TLS_REJECT_UNAUTHORIZED=false\n", "rediss", TlsMode.REQUIRE, ""),
        ("REDIS_HOST=h\nREDIS_TLS_REJECT_UNAUTHORIZED=false\n", "redis", TlsMode.OFF, ""),
        ("RABBITMQ_HOST=h\nRABBITMQ_PROTOCOL=amqps\n", "amqps", TlsMode.VERIFY_FULL, ""),
        ("RABBITMQ_HOST=h\nRABBITMQ_PORT=5671\n", "amqps", TlsMode.VERIFY_FULL, ""),
        ("RABBITMQ_HOST=h\nRABBITMQ_PORT=5671\nRABBITMQ_SSL=false\n", "amqp", TlsMode.OFF, ""),
        ("REDIS_URL=redis://h/1\nREDIS_TLS=true\n", "rediss", TlsMode.VERIFY_FULL, ""),
        ("REDIS_URL=redis://h/1\nREDIS_TLS=false\n", "redis", TlsMode.OFF, ""),
        ("DATABASE_URL=postgres://h/d?pool=5\nDATABASE_SSL=true\n", "postgres", TlsMode.VERIFY_FULL, ""),
        ("DATABASE_URL=postgres://h/d?sslmode=require\nDATABASE_SSL=true\n", "postgres", TlsMode.REQUIRE, ""),
        ("MYSQL_URL=mysql://h/d\nMYSQL_SSL_CA=/ca.pem\n", "mysql", TlsMode.VERIFY_CA, "/ca.pem"),
    ],
)
def test_tls_is_never_weaker_than_written(
    text: str, scheme: str, mode: TlsMode, authority: str, tmp_path: Path
) -> None:
    (target,) = load_text(tmp_path, text).targets
    assert (target.scheme, target.tls, target.ca, target.problem) == (scheme, mode, authority, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("DB_HOST=h\nDB_PORT=5432\nDB_SSL_STRICT=on\n", "DB_SSL_STRICT seems to concern TLS and is not understood"),
        ("DB_HOST=h\nDB_PORT=5432\nDB_SSL=maybe\n", "DB_HOST, DB_PORT, DB_SSL: tls must be one of"),
        ("MYSQL_HOST=h\nMYSQL_SSL_CA=-----BEGIN CERTIFICATE-----\n", "MYSQL_SSL_CA holds a certificate itself"),
        ("DB_TYPE=pg\nDB_HOST=h\nDB_PORT=x\n", "DB_PORT: the port must be a number"),
        ("REDIS_HOST=h\nREDIS_PORT=70000\n", "REDIS_PORT: the port must be a number"),
        ("DB_TYPE=pg\nDB_HOST=<your host>\n", "DB_HOST, DB_TYPE: the host is neither a name nor an address"),
        ("REDIS_URL=redis://h\nREDIS_TLS_CA=-----BEGIN\n", "REDIS_TLS_CA holds a certificate itself"),
        ("DB_TYPE=pg\nDB_HOST=${NOPE}\n", "the variable NOPE is not set"),
        ("DB_TYPE=pg\nDB_HOST=h\nDB_PASSWORD=${NOPE}\n", "the variable NOPE is not set"),
    ],
)
def test_unclear_parts_fail_their_own_target(text: str, words: str, tmp_path: Path) -> None:
    targets = load_text(tmp_path, f"{text}QUEUE_URL=memory://\n").targets
    problems = [target.problem for target in targets]
    assert [target.service for target in targets if target.problem is None] == ["queue"]
    assert words in str(problems)


@pytest.mark.parametrize(
    ("text", "variable", "words"),
    [
        ("DB_HOST=h\n", "DB_HOST", "the kind of its server is not known: add DB_PORT, or DB_CONNECTION=pgsql"),
        ("DB_HOST=h\nDB_CONNECTION=sqlsrv\n", "DB_HOST", "Microsoft SQL Server is no kind of service"),
        ("KAFKA_HOST=k\n", "KAFKA_HOST", "Kafka is no kind of service that is known here"),
        ("REDIS_SENTINEL_HOST=s\n", "REDIS_SENTINEL_HOST", "a Sentinel names the servers of Redis"),
    ],
)
def test_unknown_kinds_are_left_out_with_a_reason(text: str, variable: str, words: str, tmp_path: Path) -> None:
    (item,) = load_text(tmp_path, f"{text}QUEUE_URL=memory://\n").left_out
    assert item.name == variable
    assert words in item.reason


@pytest.mark.parametrize(
    ("hint", "kind"),
    [
        ("DB_PORT=5432", "postgres"),
        ("DB_CONNECTION=mysql", "mysql"),
        ("POSTGRES_PASSWORD=s3cr", "postgres"),
        ("MYSQL_DATABASE=app", "mysql"),
        ("REPORTS_DB_URL=mysql://r/app", "mysql"),
    ],
)
def test_lone_host_takes_its_kind_from_others(hint: str, kind: str, tmp_path: Path) -> None:
    config = load_text(tmp_path, f"DB_HOST=h\n{hint}\n")
    assert {target.service: target.kind for target in config.targets}["database"] == kind


def test_variables_of_an_image_are_no_client(tmp_path: Path) -> None:
    image = {
        "POSTGRES_USER": "u",
        "POSTGRES_PASSWORD": "s3cr",
        "MYSQL_ROOT_PASSWORD": "s3cr",
        "RABBITMQ_DEFAULT_USER": "u",
    }
    parts = services_from(image)
    assert (parts.services, parts.left_out) == ((), ())
    assert parts.hostless[0].reason == "no variable names its host: add POSTGRES_HOST"
    config = load_text(tmp_path, "QUEUE_URL=memory://\nPOSTGRES_USER=u\n")
    assert config.left_out == ()
    assert config.warnings[-1].endswith(
        "POSTGRES_USER: no service, because no variable names its host: add POSTGRES_HOST"
    )


@pytest.mark.parametrize("mailer", ["MAIL_MAILER=log", "MAIL_DRIVER=sendmail"])
def test_mail_server_that_is_not_used_is_no_service(mailer: str) -> None:
    parts = services_from({"MAIL_HOST": "127.0.0.1", "MAIL_PORT": "2525", **dict([mailer.split("=")])})
    assert (parts.services, parts.left_out) == ((), ())


def test_url_wins_over_parts_of_its_role(tmp_path: Path) -> None:
    config = load_text(tmp_path, "DB_HOST=other\nDB_PORT=5432\nDATABASE_URL=postgres://db/app\n")
    assert [(target.service, target.host) for target in config.targets] == [("database", "db")]
    assert config.warnings[0].endswith("DB_HOST, DB_PORT: not used, because DATABASE_URL names the server")
    config = load_text(tmp_path, "POSTGRES_HOST=pg\nDATABASE_URL=mysql://db/app\n")
    assert [(target.service, target.host) for target in config.targets] == [("database", "db"), ("postgres", "pg")]


def test_url_gives_the_kind_of_its_role(tmp_path: Path) -> None:
    config = load_text(tmp_path, "DATABASE_URL=mysql://x/y\nDB_HOST=x\nPOSTGRES_HOST=pg\n")
    assert [(target.service, target.host) for target in config.targets] == [("database", "x"), ("postgres", "pg")]
    assert config.left_out == ()


def test_no_password_goes_to_another_user(tmp_path: Path) -> None:
    text = "DB_HOST=h\nDB_PORT=5432\nDB_USER=reader\nPOSTGRES_USER=postgres\nPOSTGRES_PASSWORD=s3cr\n"
    (target,) = load_text(tmp_path, text).targets
    assert (target.user, target.password) == ("reader", None)


def test_each_service_is_explained_in_one_line(tmp_path: Path) -> None:
    text = "DB_CONNECTION=pgsql\nDB_HOST=db\nDB_PORT=5432\nDB_PASSWORD=s3cr\nRABBITMQ_HOST=mq\nRABBITMQ_SSL=true\n"
    assert [(origin.sentence, origin.password) for origin in load_text(tmp_path, text).origins] == [
        ("DB_HOST, DB_PORT, …: postgres at db:5432", "DB_PASSWORD in .env"),
        ("RABBITMQ_HOST, RABBITMQ_SSL: rabbitmq at mq:5671", ""),
    ]


def test_store_that_the_app_does_not_choose_is_pointed_out() -> None:
    laravel = {"CACHE_STORE": "redis", "SESSION_DRIVER": "file", "REDIS_HOST": "r", "MEMCACHED_HOST": "m"}
    assert [service.explanation for service in services_from(laravel).services] == [
        "REDIS_HOST: redis at r:6379",
        "MEMCACHED_HOST: memcached at m:11211 (CACHE_STORE, SESSION_DRIVER name no memcached)",
    ]


def test_password_in_parts_is_secret_and_warned_about(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("DB_HOST=db\nDB_PORT=5432\nDB_USER=ann\nDB_PASSWORD='p@:/?#% s'\n")
    path.chmod(0o644)
    config = load(env_files=[("dev", path)], environ={})
    (target,) = config.targets
    assert target.password is not None
    secret = target.password()
    assert secret is not None
    assert secret.reveal() == "p@:/?#% s"
    assert "p@:" not in repr(config)
    assert any("chmod 600" in warning for warning in config.warnings)


def test_no_child_gets_a_password_of_parts(tmp_path: Path) -> None:
    load_text(tmp_path, "DB_TYPE=pg\nDB_HOST=h\nDB_PASSWORD=${OF_DB}\nOTHER=${KEPT}\n", OF_DB="s3cr", KEPT="x")
    assert child_environ({"OF_DB": "s3cr", "DB_PASSWORD": "s3cr", "KEPT": "x"}) == {"KEPT": "x"}


def test_login_in_a_host_is_not_shown(tmp_path: Path) -> None:
    config = load_text(tmp_path, "DB_TYPE=pg\nDB_HOST=user:s3cr@h\n")
    assert config.targets[0].problem is not None
    assert "s3cr" not in config.targets[0].problem.message + config.origins[0].sentence


def test_parts_leave_the_section_of_variables(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"DB_HOST={name}\nDB_PORT=5432\nDB_PASSWORD={name}s3cr\nDEBUG=1\n")
    config = load(env_files=[("dev", tmp_path / "a"), ("production", tmp_path / "b")], environ={})
    assert config.services == ("database", "env")
    assert config.targets[-1].options == {"without": "DB_HOST DB_PORT"}


def test_query_beside_the_parts_keeps_its_tls(tmp_path: Path) -> None:
    """Keycloak's KC_DB_URL_PROPERTIES."""
    text = (
        "KC_DB=mariadb\nKC_DB_URL_HOST=maria\nKC_DB_URL_PORT=3307\nKC_DB_URL_PROPERTIES=?useSSL=true&requireSSL=true\n"
    )
    (target,) = load_text(tmp_path, text).targets
    assert (target.address, target.tls, target.problem) == ("maria:3307", "require", None)
    (target,) = load_text(tmp_path, text.replace("requireSSL=true", "sslMode=VERIFY_IDENTITY")).targets
    assert target.tls == "verify-full"
