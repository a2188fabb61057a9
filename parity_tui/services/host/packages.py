"""Packages by apt, rpm, apk and Homebrew: those that were asked for, else those that services are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from parity_tui.model import Fact, ValueType
from parity_tui.services.host.parts import Parts
from parity_tui.services.host.rules import RULES

WELL_KNOWN = (
    "postgresql*", "pgbouncer", "redis*", "valkey*", "keydb*", "rabbitmq-server", "erlang", "erlang-base", "memcached",
    "mariadb*", "mysql*", "percona-server*", "nginx*", "apache2", "apache2-bin", "httpd", "haproxy", "varnish",
    "libc6", "glibc", "musl", "libicu*", "icu-libs", "icu-data*", "icu4c*", "openssl*", "libssl*", "libcrypto*",
    "ca-certificates", "tzdata", "python3", "python3.??", "python@*", "nodejs", "node", "node@*", "ruby", "php*-fpm",
    "docker-ce", "docker.io", "containerd.io", "mongodb-org-server", "elasticsearch", "opensearch", "sqlite",
    "sqlite3", "libsqlite3-0",
)  # fmt: skip
"""what is compared where the configuration names nothing"""

_EVERYWHERE = ("haproxy", "memcached", "nginx", "pgbouncer", "rabbitmq-server")
SERVERS = {
    "dpkg": (*_EVERYWHERE, "apache2", "mariadb-server", "redis-server", "valkey-server"),
    "apk": (*_EVERYWHERE, "apache2", "mariadb", "redis", "valkey"),
    "rpm": (*_EVERYWHERE, "httpd", "mariadb-server", "redis", "valkey"),
}
"""by source, what is worth saying that it is not installed: no point release of a system explains that"""

NOT_INSTALLED = "not installed"
_OF_THE_SYSTEM = {row.name.removeprefix("package.") for row in RULES if row.name.startswith("package.") and row.derived}
_FOR_OTHERS = re.compile(r".*-(dev|devel|doc|docs|dbg|dbgsym|debuginfo|libs-static)")
_NUMBERED = re.compile(r"(?P<stem>(libicu|libssl|libcrypto)(?=[0-9])|.+(?=@[0-9]))([0-9.@]+)(t64)?")


def packages(parts: Parts, wanted: str) -> dict[str, Fact]:
    """Return the packages that ``wanted`` names, globs separated by commas or blanks, as package.NAME.

    What is named without a * is told even where it is not installed, and so are servers where nothing is named:
    their absence is a value like another.
    """
    names = tuple(filter(None, re.split(r"[\s,]+", wanted)))
    found: dict[str, Fact] = {}
    expected = [(name, "") for name in names if not _is_glob(name)]
    for source in ("dpkg", "apk", "rpm", "brew"):
        if parts[source] and not names:
            expected += [(name, source) for name in SERVERS.get(source, ())]
        for name, versions in selected(_installed(parts, source), names).items():
            kind = ValueType.SET if len(versions) > 1 else ValueType.TEXT
            default = True if name in _OF_THE_SYSTEM and not names else None
            fact = Fact(", ".join(sorted(versions)), kind, default=default, source=source)
            found.setdefault(f"package.{name}", fact)
    for name, source in expected:
        found.setdefault(f"package.{name}", Fact(NOT_INSTALLED, source=source))
    return found


def selected(installed: Iterable[tuple[str, str]], names: Sequence[str]) -> dict[str, set[str]]:
    """Return the versions of those packages that are wanted, by name.

    A library whose name holds its own version is called by what is left of it, so that its versions are compared.

    >>> selected([("libicu72", "72.1-3"), ("libicu-dev", "72.1-3"), ("vim", "9")], ())
    {'libicu': {'72.1-3'}}
    >>> selected([("libicu72", "72.1-3"), ("vim", "9")], ("libicu72", "v*"))
    {'libicu72': {'72.1-3'}, 'vim': {'9'}}
    """
    exact = {name for name in names if not _is_glob(name)}
    globs = _globs(tuple(name for name in names or WELL_KNOWN if name not in exact))
    found: dict[str, set[str]] = {}
    for name, version in installed:
        if name in exact:
            found.setdefault(name, set()).add(version)
        elif globs.fullmatch(name) and (names or not _FOR_OTHERS.fullmatch(name)):
            found.setdefault(_stem(name), set()).add(version)
    return found


@lru_cache(maxsize=64)
def _globs(names: tuple[str, ...]) -> re.Pattern[str]:
    """Return globs as one pattern: a machine has thousands of packages. None of them fits nothing."""
    return re.compile("|".join(re.escape(name).replace(r"\*", ".*").replace(r"\?", ".") for name in names) or "(?!)")


def _is_glob(name: str) -> bool:
    """Tell whether a name stands for several."""
    return "*" in name or "?" in name


def _stem(name: str) -> str:
    """Return the name without the version in it.

    >>> _stem("libssl3t64"), _stem("libssl1.1"), _stem("icu4c@76"), _stem("libicu-dev"), _stem("postgresql-15")
    ('libssl', 'libssl', 'icu4c', 'libicu-dev', 'postgresql-15')
    """
    match = _NUMBERED.fullmatch(name)
    return match["stem"] if match else name


def _installed(parts: Parts, source: str) -> Iterable[tuple[str, str]]:
    """Return name and version of everything that one program for packages has installed."""
    lines = parts.lines(source)
    match source:
        case "dpkg":
            for line in lines:
                state, *rest = line.split("\t")
                if state[1:2] == "i" and len(rest) == 2:
                    yield rest[0], rest[1]
        case "rpm":
            yield from (pair for line in lines if len(pair := line.split("\t")) == 2)  # type: ignore[misc]
        case "apk":
            yield from _apk(lines)
        case "brew":
            yield from ((path[-2], path[-1]) for line in lines if len(path := line.split("/")) > 2)


def _apk(lines: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Return name and version of the lines of apk's own list: P:NAME, then V:VERSION."""
    name = ""
    for line in lines:
        if line.startswith("P:"):
            name = line[2:]
        elif line.startswith("V:") and name:
            yield name, line[2:]
            name = ""
