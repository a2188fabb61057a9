"""A compose file becomes an environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_tui.config import ConfigError
from tests.init.builders import SECRETS, read, read_compose, run, written_urls

COMPOSE = """\
x-login: &login
  POSTGRES_PASSWORD: swordfish1
services:
  db:
    image: postgres:16.4
    environment:
      <<: *login
      POSTGRES_USER: app
    ports: ["127.0.0.1:5433:5432"]
  redis:
    image: docker.io/library/redis:7@sha256:00
    command: [redis-server, --requirepass, hunter22]
    ports:
      - target: 6379
        published: ${REDIS_PORT:-6380}
  mq:
    image: rabbitmq:4-management
    ports: [5672:5672, 15672:15672]
  sessions:
    image: memcached:1.6
  metrics:
    image: oliver006/redis_exporter
    ports: ["9121:9121"]
  app:
    environment:
      - DATABASE_URL=postgresql+asyncpg://app:swordfish1@db:5432/shop
      - SENTRY_DSN=https://abcdef0123@sentry.example/1
"""


def test_compose_file_becomes_an_environment(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text(COMPOSE)
    result = run("--compose", "docker-compose.yml", "local", "-o", "-", folder=tmp_path)
    assert result.returncode == 0
    assert not [secret for secret in SECRETS if secret in result.stdout + result.stderr]
    found = read(result.stdout, tmp_path)
    assert [(t.environment, t.service, t.kind, t.address, t.path, t.user) for t in found.targets] == [
        ("local", "database", "postgres", "127.0.0.1:5433", "shop", "app"),
        ("local", "redis", "redis", "localhost:6380", "", ""),
        ("local", "mq", "rabbitmq", "localhost:5672", "", "guest"),
    ]
    assert found.targets[2].options == {"management": "http://localhost:15672"}
    assert all(target.password for target in found.targets)
    assert "services.database]   # postgres:16.4\n" in result.stdout
    assert "    sessions (memcached): sessions publishes no port 11211 on this machine\n" in result.stderr
    assert '#     ports: ["127.0.0.1:11211:11211"]\n' in result.stdout
    assert "left out of local: metrics (oliver006/redis_exporter), app: neither image nor ports" in result.stderr
    assert "LOCAL_REDIS_PASSWORD   (the command of redis)" in result.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "docker-compose.yml"]


@pytest.mark.parametrize(
    ("image", "port", "url"),
    [
        ("axllent/mailpit:v1.20", "2525:1025", "smtp://localhost:2525"),
        ("mailhog/mailhog", "1025:1025", "smtp://localhost:1025"),
        ("boky/postfix", "1587:25", "smtp://localhost:1587"),
        ("edoburu/pgbouncer:1.18.0", "6433:5432", "pgbouncer://localhost:6433"),
        ("bitnami/pgbouncer", "6432:6432", "pgbouncer://localhost:6432"),
        ("nats:2.10-alpine", "4223:4222", "nats://localhost:4223"),
    ],
)
def test_port_of_an_image_need_not_be_that_of_its_kind(image: str, port: str, url: str, tmp_path: Path) -> None:
    found = read_compose(tmp_path, f'services: {{it: {{image: "{image}", ports: ["{port}"]}}}}')
    assert written_urls(found, tmp_path) == {"it": url}


@pytest.mark.parametrize(
    ("port", "address"),
    [
        ('"5433:5432"', "localhost:5433"),
        ('"0.0.0.0:5433:5432/tcp"', "localhost:5433"),
        ('"[::1]:5433:5432"', "[::1]:5433"),
        ("{target: 5432, published: 5433, host_ip: 10.0.0.1}", "10.0.0.1:5433"),
        ('"${BIND:-127.0.0.9}:${PORT}:5432"', "127.0.0.9:7777"),
        ('"5433-5435:5432-5434"', "localhost:5433"),
        ('"6000-6004:5430-5434"', "localhost:6002"),
        ('"5433:5432/udp", "5434:5432"', "localhost:5434"),
        ('"::1:5433:5432"', "[::1]:5433"),
        ('"5432", "5433:5432"', "localhost:5433"),
        ('"5432"', ""),
        ('":5432"', ""),
        ('"5433-5440:5432"', ""),
        ("{target: 5432}", ""),
        ("!reset null", ""),
    ],
)
def test_published_port_is_read_as_by_docker(port: str, address: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=7777\n")
    found = read_compose(tmp_path, f"services: {{db: {{image: postgres, ports: [{port}]}}}}")
    assert written_urls(found, tmp_path) == ({"db": f"postgresql://postgres@{address}/postgres"} if address else {})
    assert bool(found.services[0].obstacle) == (not address)


def test_plain_yaml_scalars_are_text(tmp_path: Path) -> None:
    variables = "{POSTGRES_DB: on, POSTGRES_USER: 007}"
    found = read_compose(
        tmp_path, f"services: {{db: {{image: postgres, ports: ['1:5432'], environment: {variables}}}}}"
    )
    assert written_urls(found, tmp_path) == {"db": "postgresql://007@localhost:1/on"}


def test_documents_of_one_file_are_one_project(tmp_path: Path) -> None:
    text = (
        "services: {a: {image: redis, ports: ['1:6379']}}\n---\nservices: {b: {image: redis, ports: ['2:6379']}}\n---\n"
    )
    assert set(written_urls(read_compose(tmp_path, text), tmp_path)) == {"a", "b"}


def test_second_app_with_another_url_is_named(tmp_path: Path) -> None:
    same, other = "redis://:hunter22@cache.example/1", "redis://other.example/1"
    found = read_compose(
        tmp_path,
        f"services: {{web: {{environment: {{CACHE_URL: '{same}'}}}}, api: {{environment: ['CACHE_URL={same}']}}, "
        f"jobs: {{environment: {{CACHE_URL: '{other}'}}}}}}",
    )
    assert written_urls(found, tmp_path) == {
        "cache": "redis://cache.example:6379/1",
        "jobs_cache": "redis://other.example:6379/1",
    }


PARTS = """services:
  web:
    environment: {DB_CONNECTION: mysql, DB_HOST: sql, DB_USERNAME: app, DB_PASSWORD: s3cr, REDIS_HOST: r, MAIL_HOST: m}
  worker: {environment: {ORDERS_DB_HOST: sql, ORDERS_DB_DRIVER: mysql}}
  sql: {image: "mariadb:11", ports: ["3306:3306"]}
  r: {image: "valkey/valkey:9", ports: ["6379:6379"]}
"""


def test_addresses_in_parts_are_roles(tmp_path: Path) -> None:
    found = read_compose(tmp_path, PARTS)
    assert written_urls(found, tmp_path) == {
        "database": "mariadb://app@localhost:3306",
        "redis": "valkey://localhost:6379",
        "mail": "smtp://m:25",
    }
    assert found.services[0].password_origin == "DB_PASSWORD of web"


@pytest.mark.parametrize(
    ("url", "service", "written", "obstacle"),
    [
        ("sqlite:////app/x.db", "volumes: ['.:/app']", "sqlite:///x.db", ""),
        ("sqlite:////data/a/x.db", "volumes: ['./v:/data:rw', './w:/data/a']", "sqlite:///w/x.db", ""),
        ("sqlite:////data/x.db", "volumes: [{type: bind, source: ./v, target: /data}]", "sqlite:///v/x.db", ""),
        ("sqlite:////data/x.db", "volumes: ['data:/data']", "", "/data/x.db is within the container web: no volume"),
        ("sqlite:///x.db", "scale: 1", "sqlite:///x.db", ""),
        ("redis://localhost", "network_mode: host", "redis://localhost:6379", ""),
        ("redis://localhost:7777", "scale: 1", "redis://localhost:7777", ""),
        ("redis://127.0.0.1", "ports: ['6380:6379']", "redis://localhost:6380", ""),
        ("memory://", "scale: 1", "memory://", ""),
    ],
)  # fmt: skip
def test_addresses_within_a_container_are_translated(
    tmp_path: Path, url: str, service: str, written: str, obstacle: str
) -> None:
    other = "other: {image: acme/x, ports: ['7777:6379']}"
    found = read_compose(tmp_path, f"services: {{web: {{environment: {{CACHE_URL: '{url}'}}, {service}}}, {other}}}")
    draft = next(draft for draft in found.services if draft.target.service == "cache")
    assert written_urls(found, tmp_path).get("cache", "") == written
    assert "".join(draft.obstacle).startswith(obstacle)
    assert bool(draft.obstacle) == bool(obstacle)


def test_server_within_an_app_is_left_out(tmp_path: Path) -> None:
    variables = "{A_URL: 'redis:///run/x.sock', B_URL: 'redis://localhost', REDIS_HOST: 127.0.0.1}"
    found = read_compose(
        tmp_path, f"services: {{web: {{environment: {variables}}}, redis: {{image: redis, ports: ['6380:6379']}}}}"
    )
    assert written_urls(found, tmp_path) == {"redis": "redis://localhost:6380"}
    assert found.left_out[:3] == (
        "A_URL of web: /run/x.sock is within the container web: no volume has it on this machine",
        "B_URL of web: localhost is the container web itself",
        "REDIS_HOST of web: 127.0.0.1 is the container web itself",
    )


def test_user_that_no_url_can_hold_is_a_variable(tmp_path: Path) -> None:
    variables = "[\"MARIADB_USER='ann'\", MARIADB_PASSWORD=s3cr]"
    text = f"services: {{db: {{image: mariadb, ports: ['3306:3306'], environment: {variables}}}}}"
    assert written_urls(read_compose(tmp_path, text), tmp_path) == {"db": "mariadb://${DEV_DB_USER}@localhost:3306"}


def test_replica_does_not_name_its_primary_anew(tmp_path: Path) -> None:
    variables = "{REDIS_MASTER_HOST: a, REDIS_MASTER_PORT_NUMBER: 6379}"
    text = (
        "services: {a: {image: redis, ports: ['1:6379']}, "
        f"b: {{image: redis, ports: ['2:6379'], environment: {variables}}}}}"
    )
    assert written_urls(read_compose(tmp_path, text), tmp_path) == {
        "a": "redis://localhost:1",
        "b": "redis://localhost:2",
    }


def test_server_whose_name_is_taken_is_not_lost(tmp_path: Path) -> None:
    text = (
        "services: {web: {environment: {REDIS_URL: 'redis://r.example'}}, redis: {image: redis, ports: ['6380:6379']}}"
    )
    assert written_urls(read_compose(tmp_path, text), tmp_path) == {
        "redis": "redis://r.example:6379",
        "redis_2": "redis://localhost:6380",
    }


@pytest.mark.parametrize(
    ("name", "service", "url"),
    [
        ("redis", "image: 'acme/speedy:5', ports: ['6379:6379']", "redis://localhost:6379"),
        ("redis", "image: 'acme/speedy:5', ports: ['6380:6379', '80:80']", "redis://localhost:6380"),
        ("shop-mysql", "build: {dockerfile_inline: FROM scratch}, ports: ['1:3306']", "mysql://root@localhost:1"),
        ("mysql-backup", "image: acme/dumper", ""),
        ("redis", "image: node:20", ""),
        ("db", "image: 'mariadb:11', ports: ['1:3307'], command: mariadbd --port=3307", "mariadb://root@localhost:1"),
        ("db", "image: 'postgres', ports: ['1:5433'], environment: {PGPORT: 5433}", "postgresql://postgres@localhost:1/postgres"),
        ("c", "image: redis, ports: ['1:6380'], environment: {REDIS_ARGS: --port 6380}", ""),
    ],
)  # fmt: skip
def test_names_and_arguments_complete_the_image(tmp_path: Path, name: str, service: str, url: str) -> None:
    found = read_compose(tmp_path, f"services: {{{name}: {{{service}}}}}")
    assert list(written_urls(found, tmp_path).values()) == ([url] if url else [])


@pytest.mark.parametrize("image", ["python:3.12", "node:20", "dpage/pgadmin4"])
def test_port_tells_nothing_about_a_client(tmp_path: Path, image: str) -> None:
    found = read_compose(tmp_path, f"services: {{app: {{image: '{image}', expose: [3306]}}}}")
    assert found.services == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("services: [", "docker-compose.yml:1: this is not valid YAML"),
        ("a: 1", "the file has no services"),
        ("services: 7", "the file has no services"),
        ("\x00", "this is not valid YAML"),
        ("[" * 5000, "docker-compose.yml: nested too deeply"),
    ],
)
def test_invalid_compose_file_is_explained(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_compose(tmp_path, text)
    assert message in str(caught.value)


def test_compose_file_creates_no_objects(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="this is not valid YAML"):
        read_compose(tmp_path, f"services: {{a: {{image: !!python/object/apply:os.mkdir ['{tmp_path}/made']}}}}")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("port", ["9" * 5000 + ":6379", "²:6379", "6379:" + "9" * 5000, ":" * 100_000])
def test_absurd_port_is_no_port(tmp_path: Path, port: str) -> None:
    read_compose(tmp_path, f"services:\n  cache:\n    image: redis:8\n    ports: ['{port}']\n")
    long_form = f"{{target: 6379, published: '{port.partition(':')[0]}'}}"
    read_compose(tmp_path, f"services:\n  cache:\n    image: redis:8\n    ports: [{long_form}]\n")


@pytest.mark.parametrize(
    ("service", "url", "tls"),
    [
        (
            "image: 'valkey/valkey:8', command: valkey-server --port 0 --tls-port 1",
            "valkeys://localhost:7",
            "verify-full",
        ),
        ("image: redis, command: [--tls-port, '1', --port, '0']", "rediss://localhost:7", "verify-full"),
        ("image: redis, command: --tls-port 2 --port 1", "redis://localhost:7", "off"),
        ("image: redis, environment: {REDIS_ARGS: --port 0 --tls-port 6379}", "rediss://localhost:8", "verify-full"),
        ("image: bitnami/redis, environment: {REDIS_TLS_ENABLED: 'yes'}", "rediss://localhost:8", "verify-full"),
        ("image: memcached, command: memcached -p 1 -Z -o ssl_chain_cert=/c", "memcached://localhost:7", "verify-full"),
        ("image: mongo, command: [--tlsMode=requireTLS, --port=1]", "mongodb://localhost:7", "verify-full"),
        ("image: mongo, command: [--tlsMode=preferTLS, --port=1]", "mongodb://localhost:7", "off"),
    ],
)
def test_port_that_demands_tls_is_asked_with_it(tmp_path: Path, service: str, url: str, tls: str) -> None:
    found = read_compose(tmp_path, f"services: {{it: {{{service}, ports: ['7:1', '8:6379']}}}}")
    assert list(written_urls(found, tmp_path).values()) == [url]
    assert [each.target.tls for each in found.services] == [tls]
