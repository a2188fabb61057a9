"""Finds what the kinds of service declare about a container image."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from parity_tui import services
from parity_tui.model import Image

_VERSION = re.compile(r"(?:v|pg|el|rhel|ubi|centos|c|fc|deb|ubuntu|debian|alpine|php)?\d[\d.]*(?:s|v\d+)?")
_SEPARATORS = re.compile(r"[-_.]")
_SHORTEST = 5
"""letters of a name that counts as a word of a longer one"""
_MEANINGLESS = frozenset((
    "alpine", "debian", "ubuntu", "centos", "rhel", "ubi", "fedora", "suse", "bookworm", "bullseye", "buster", "trixie",
    "jammy", "noble", "slim", "rpi", "arm", "arm64", "arm64v8", "arm32v7", "armhf", "amd64", "x86", "aarch64", "server",
    "cluster", "ha", "ce", "ee", "community", "enterprise", "oss", "single", "standalone", "custom", "docker", "image",
    "container", "base", "official", "latest", "replica", "primary", "master", "slave", "multiple", "databases",
    "db", "database", "dev", "development", "prod", "production", "staging", "local", "test", "tests", "testing", "ci",
    "fips", "hardened", "debug", "rootless", "management", "extended", "extensions", "persistent", "with", "fpm",
    "my",
))  # fmt: skip
"""words of an image's name that do not change which server it runs"""
_COMPANIONS = frozenset((
    "exporter", "backup", "backups", "admin", "ui", "gui", "commander", "insight", "client", "cli", "tools", "tool",
    "proxy", "operator", "init", "migrate", "migration", "migrations", "wait", "dump", "restore", "browser", "manager",
    "adapter", "bridge", "sidecar", "monitor", "monitoring", "metrics", "agent", "api", "meta", "sentinel",
    "controller", "ingress", "prometheus", "seed", "schema", "loader", "sync", "s3", "checker", "healthcheck",
    "connector", "router", "for", "to", "from", "logs", "log", "stats", "console", "dashboard", "web", "view", "viewer",
    "replicator",
))  # fmt: skip
"""words in the names of images that use a server without being one"""
_RUNTIMES = frozenset((
    "node", "python", "golang", "go", "ruby", "php", "openjdk", "jdk", "jre", "eclipse-temurin", "amazoncorretto",
    "rust", "elixir", "erlang", "deno", "bun", "perl", "gradle", "maven", "composer", "aspnet", "sdk", "dotnet",
    "runtime", "buildpack-deps", "uv", "distroless", "traefik", "adminer", "phpmyadmin", "pgadmin4",
))  # fmt: skip
"""images of languages and of clients: the port of a server says nothing about a container of theirs"""
_WEB_PORTS = (80, 443, 8080)


def image_of(name: str) -> Image | None:
    """Return the declaration of a container image, None for an unknown one.

    The last part of the name counts, in the spellings of registries, distributions and projects.

    >>> image_of("oliver006/redis_exporter"), image_of("acme/wait-for-postgres"), image_of("${IMAGE}")
    (None, None, None)
    >>> names = ("quay.io/sclorg/mariadb-105-c9s", "h:5000/shop-postgres@sha256:0", "php:8.3-apache")
    >>> [image_of(name).scheme for name in names]
    ['mariadb', 'postgresql', 'apache+docker']
    """
    declared = _declared()
    if server := _by_tag(name, declared):
        return server
    for part in reversed(name.partition("@")[0].lower().split("/")):
        last = part.partition(":")[0]
        if last in declared:
            return declared[last]
        words = [word for word in _SEPARATORS.split(last) if word]
        if found := _by_words(words, declared):
            return declared[found]
        if not words or not all(_is_meaningless(word) for word in words):
            return None
    return None


def image_by_port(ports: Collection[int]) -> tuple[Image, int] | None:
    """Return the declaration of a kind by the ports of a container, and the port; None where they tell nothing."""
    kinds = services.kinds()
    for kind in kinds.search_order():
        service = kinds[kind]
        if service.port in ports and service.port not in _WEB_PORTS:
            for image in service.images:
                if "+" not in image.scheme and image.scheme in services.schemes():
                    return image, service.port
    return None


def is_runtime(name: str) -> bool:
    """Return whether an image is that of a language or of a client.

    >>> is_runtime("docker.io/library/node:20"), is_runtime("acme/store")
    (True, False)
    """
    return name.partition("@")[0].rpartition("/")[2].partition(":")[0].lower() in _RUNTIMES


def _by_tag(name: str, declared: dict[str, Image]) -> Image | None:
    """Return the web server that the tag names, as in php:8.3-apache; None for none.

    Only such servers, which are read with commands: the tag of a tool names the databases that it works with.
    """
    tag = name.partition("@")[0].rpartition("/")[2].partition(":")[2].lower()
    found = [declared[word] for word in _SEPARATORS.split(tag) if word in declared]
    return next((image for image in found if "+" in image.scheme), None)


def _declared() -> dict[str, Image]:
    kinds = services.kinds()
    found: dict[str, Image] = {}
    for kind in kinds.search_order():
        for image in kinds[kind].images:
            if image.scheme in services.schemes():
                found |= {name: image for name in image.names if name not in found}
    return found


def _by_words(words: list[str], declared: dict[str, Image]) -> str:
    """Return the declared name within a longer one, "" for none.

    The name may be the first word, where nothing but versions, distributions and the like follow, or the last.
    """
    if _COMPANIONS.intersection(words):
        return ""
    for part in _without_ends(words):
        if "-".join(part) in declared:
            return "-".join(part)
    names = [word.rstrip("0123456789.") for word in words]
    found = [index for index, name in enumerate(names) if name in declared and len(name) >= _SHORTEST]
    if not found or any(not _is_meaningless(word) for word in words[found[-1] + 1 :]):
        return ""
    return names[found[-1]]


def _without_ends(words: list[str]) -> Iterator[list[str]]:
    """Yield the words without meaningless ones at the end, then at the beginning too."""
    end = len(words)
    while end > 1 and _is_meaningless(words[end - 1]):
        end -= 1
        yield words[:end]
    begin = 0
    while begin < end - 1 and _is_meaningless(words[begin]):
        begin += 1
        yield words[begin:end]


def _is_meaningless(word: str) -> bool:
    return word in _MEANINGLESS or bool(_VERSION.fullmatch(word))
