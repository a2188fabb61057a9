"""The key `kube`, and Services and pods as hosts of URLs."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_tui.config import Config, ConfigError, parse
from parity_tui.model import Target
from parity_tui.transport.routes import Routes


@pytest.fixture(autouse=True)
def _made_up_kinds() -> None:
    """Use the real kinds."""


def config(url: str, kube: str = 'kube = "prod/shop"', **variables: str) -> Config:
    text = f"[environments.far]\n{kube}\n[environments.far.services]\nit = {url}\n"
    return parse(text, "parity.toml", variables, Path("/"))


def target(url: str, kube: str = 'kube = "prod/shop"', **variables: str) -> Target:
    return config(url, kube, **variables).targets[0]


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "user"),
    [
        ("redis://svc/cache:6380/2", "svc/cache", 6380, "2", ""),
        ("redis://svc/cache", "svc/cache", 6379, "", ""),
        ("redis://svc%2Fcache:6380/2", "svc/cache", 6380, "2", ""),
        ("rediss://ann:p%40ss@pod/cache-0", "pod/cache-0", 6379, "", "ann"),
        ("postgresql://ann:x@svc/db:5433/shop?sslmode=require", "svc/db", 5433, "shop", "ann"),
        ("mysql://ann@svc/db/shop", "svc/db", 3306, "shop", "ann"),
        ("amqp://ann:x@svc/mq/%2F", "svc/mq", 5672, "/", "ann"),
        ("memcached://svc/cache", "svc/cache", 11211, "", ""),
        ("https://svc/web:8443/health", "svc/web", 8443, "health", ""),
        ("app+http://pod/web-0:8080/version", "pod/web-0", 8080, "version", ""),
        ("nginx+kube://pod/web-0/etc/nginx/nginx.conf", "pod/web-0", 0, "/etc/nginx/nginx.conf", ""),
    ],
)
def test_every_kind_takes_services_and_pods(url: str, host: str, port: int, path: str, user: str) -> None:
    made = target(f'"{url}"')
    assert (made.host, made.port, made.path, made.user, made.kube) == (host, port, path, user, "prod/shop")


def test_nodes_are_pods() -> None:
    nodes = config('{ urls = ["redis://pod/cache-0", "redis://pod/cache-1"] }').targets
    assert [node.node for node in nodes] == ["pod/cache-0:6379", "pod/cache-1:6379"]


def test_other_hosts_need_no_cluster() -> None:
    for url in ("redis://svc:6379/0", "redis://cache.prod", "postgresql://ann@pod:5432/db"):
        made = target(f'"{url}"')
        assert (made.kube, made.consent, made.in_cluster) == ("", (), False)


def test_host_of_dotenv_file_is_a_plain_host() -> None:
    from parity_tui.config.address import parse_url

    address = parse_url("redis://svc/0", ("redis",), lenient=True)
    assert (address.host, address.path) == ("svc", "0")


@pytest.mark.parametrize(
    ("url", "kube", "words"),
    [
        ('"redis://svc/cache"', "", r'set kube = "context/namespace" in its environment \(a host named svc is written'),
        ('"redis://svc/cache"', 'kube = "shop"', "kube must be context/namespace"),
        ('"redis://svc/cache"', 'kube = "-x/shop"', "kube must be context/namespace"),
        ('"redis://svc/cache"', 'kube = "prod/Shop"', "kube must be context/namespace"),
        ('"redis://svc/cache:99999"', 'kube = "prod/shop"', "the port must be a number"),
        ('{ url = "redis://svc/cache", container = "c" }', 'kube = "prod/shop"', r"belongs to KIND\+kube"),
    ],
)
def test_mistake_is_reported(url: str, kube: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        config(url, kube)


def test_unset_variable_fails_only_what_needs_it() -> None:
    text = '[environments.far]\nkube = "${CONTEXT}/shop"\n[environments.far.services]\na = "redis://svc/a"\nb = "redis://b"\n'
    inside, outside = parse(text, "parity.toml", {}, Path("/")).targets
    assert inside.problem is not None
    assert "CONTEXT" in inside.problem.message
    assert outside.problem is None


def test_cluster_needs_consent() -> None:
    assert target('"redis://svc/cache"').consent == ("run kubectl with the context prod",)
    both = 'kube = "arn:aws:eks:eu:1:cluster/prod/shop"\nssh = "bastion"'
    made = target('"redis://svc/cache"', both)
    where = "run kubectl with the context arn:aws:eks:eu:1:cluster/prod on bastion"
    assert made.consent == (where, "log in to bastion with ssh")
    command = target('"nginx+kube://pod/web"').consent
    assert command == ("run nginx in pod/web", "run kubectl with the context prod")


def test_certificate_has_name_of_service() -> None:
    urls = {
        "svc/cache": '"rediss://svc/cache"',
        "pod/cache-0": '"rediss://pod/cache-0"',
        "c.prod": '"rediss://c.prod"',
        "svc/other": '{ url = "rediss://svc/other", tls_name = "cache.example" }',
        "10.0.0.1": '{ url = "rediss://10.0.0.1", tls_name = "cache.example" }',
    }
    names = [target(url).server_name(host) for host, url in urls.items()]
    assert names == ["cache.shop.svc", "cache-0", "c.prod", "cache.example", "cache.example"]


def test_same_host_of_two_clusters_is_two_servers() -> None:
    from parity_tui.drift.same_server import _address
    from parity_tui.model import Reading

    reading = Reading("Valkey", "9", {})
    one, other = target('"redis://svc/cache"'), target('"redis://svc/cache"', 'kube = "stage/shop"')
    assert _address(one, reading) != _address(other, reading)
    assert Routes().of(one) is not Routes().of(other)
