"""What is known of container images: the URL's scheme, and the variables that say who logs in."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from parity_tui import services


class Image(Struct, frozen=True):
    """Images of one kind of service."""

    scheme: str
    names: tuple[str, ...]
    """the last part of the image's name, without its tag"""
    user: tuple[str, ...] = ()
    """variables that hold the user, the first that is set counts"""
    password: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    """variables that hold the database or the virtual host"""
    default_user: str = ""
    """whom the image makes where no variable says it"""
    default_login: str = ""
    """who can log in then, and with what: it is no secret, and stands in the image's own description"""
    beside: Mapping[str, int] = field(default_factory=dict)
    """further URLs over HTTP: key of the configuration -> port in the container"""


IMAGES = (
    Image(
        "postgresql",
        ("postgres", "postgresql", "postgis", "pgvector", "timescaledb", "timescaledb-ha", "postgresql-repmgr"),
        user=("POSTGRES_USER", "POSTGRESQL_USERNAME", "POSTGRESQL_USER"),
        password=("POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE", "POSTGRESQL_PASSWORD"),
        path=("POSTGRES_DB", "POSTGRESQL_DATABASE"),
        default_user="postgres",
    ),
    Image(
        "mysql",
        ("mysql", "mysql-server", "percona", "percona-server"),
        user=("MYSQL_USER",),
        password=("MYSQL_PASSWORD", "MYSQL_PASSWORD_FILE", "MYSQL_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD_FILE"),
        path=("MYSQL_DATABASE",),
        default_user="root",
    ),
    Image(
        "mariadb",
        ("mariadb", "mariadb-galera"),
        user=("MARIADB_USER", "MYSQL_USER"),
        password=("MARIADB_PASSWORD", "MYSQL_PASSWORD", "MARIADB_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD"),
        path=("MARIADB_DATABASE", "MYSQL_DATABASE"),
        default_user="root",
    ),
    Image("redis", ("redis", "redis-stack", "redis-stack-server", "keydb", "dragonfly"), password=("REDIS_PASSWORD",)),
    Image("valkey", ("valkey", "valkey-bundle"), password=("VALKEY_PASSWORD", "REDIS_PASSWORD")),
    Image(
        "amqp",
        ("rabbitmq", "lavinmq"),
        user=("RABBITMQ_DEFAULT_USER", "RABBITMQ_USERNAME"),
        password=("RABBITMQ_DEFAULT_PASS", "RABBITMQ_PASSWORD"),
        path=("RABBITMQ_DEFAULT_VHOST",),
        default_user="guest",
        default_login="the image makes guest, whose password is guest",
        beside={"management": 15672},
    ),
    Image("memcached", ("memcached",)),
    Image("nginx+docker", ("nginx", "nginx-unprivileged")),
    Image("apache+docker", ("httpd",)),
)


def image_of(name: str) -> Image | None:
    """Return what is known of an image; only whole names count, so that an exporter is not taken for its server.

    >>> image_of("registry.example:5000/library/postgres:16.4-alpine@sha256:00").scheme
    'postgresql'
    >>> image_of("oliver006/redis_exporter"), image_of("${IMAGE}")
    (None, None)
    """
    last = name.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()
    found = next((image for image in IMAGES if last in image.names), None)
    return found if found and found.scheme in services.schemes() else None
