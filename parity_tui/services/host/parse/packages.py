"""Packages of apt, rpm, apk and Homebrew: the configured ones, or else those of well-known services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from parity_tui.model import Fact, ValueType
from parity_tui.services.host.parse.output import ScriptOutput
from parity_tui.services.host.rules import RULES
from parity_tui.transport.foreign import foreign

WELL_KNOWN = (
    "postgresql*", "pgbouncer", "redis*", "valkey*", "keydb*", "rabbitmq-server", "erlang", "erlang-base", "memcached",
    "mariadb*", "mysql*", "percona-server*", "nginx*", "apache2", "apache2-bin", "httpd", "haproxy", "varnish",
    "libc6", "glibc", "musl", "libicu*", "icu-libs", "icu-data*", "icu4c*", "openssl*", "libssl*", "libcrypto*",
    "ca-certificates", "tzdata", "python3", "python3.??", "python@*", "nodejs", "node", "node@*", "ruby", "php*-fpm",
    "docker-ce", "docker.io", "containerd.io", "mongodb-org-server", "elasticsearch", "opensearch", "sqlite",
    "sqlite3", "libsqlite3-0",
)  # fmt: skip
"""globs of the packages that are compared by default"""

_COMMON = ("haproxy", "memcached", "nginx", "pgbouncer", "rabbitmq-server")
SERVERS = {
    "dpkg": (*_COMMON, "apache2", "mariadb-server", "redis-server", "valkey-server"),
    "apk": (*_COMMON, "apache2", "mariadb", "redis", "valkey"),
    "rpm": (*_COMMON, "httpd", "mariadb-server", "redis", "valkey"),
}
"""source -> servers whose absence is reported by default, because no other release of the system explains it"""

NOT_INSTALLED = "not installed"
_EXPLAINED_BY_SYSTEM = {
    rule.name.removeprefix("package.") for rule in RULES if rule.name.startswith("package.") and rule.derived
}
_FOR_DEVELOPERS = re.compile(r".*-(dev|devel|doc|docs|dbg|dbgsym|debuginfo|libs-static)")
_VERSIONED_NAME = re.compile(r"(?P<stem>(libicu|libssl|libcrypto)(?=[0-9])|.+(?=@[0-9]))([0-9.@]+)(t64)?")


def packages(output: ScriptOutput, wanted: str) -> dict[str, Fact]:
    """Return the packages that match ``wanted`` (globs separated by commas or blanks) as package.NAME.

    A name without wildcard is reported even if it is not installed; if ``wanted`` is empty, well-known servers are.
    """
    names = tuple(filter(None, re.split(r"[\s,]+", wanted)))
    facts: dict[str, Fact] = {}
    expected = [(name, "") for name in names if not _is_glob(name)]
    for source in ("dpkg", "apk", "rpm", "brew"):
        if output[source] and not names:
            expected += [(name, source) for name in SERVERS.get(source, ())]
        for name, versions in selected(_installed(output, source), names).items():
            kind = ValueType.SET if len(versions) > 1 else ValueType.TEXT
            default = True if name in _EXPLAINED_BY_SYSTEM and not names else None
            fact = Fact(", ".join(sorted(versions)), kind, default=default, source=source)
            facts.setdefault(f"package.{name}", fact)
    for name, source in expected if not unlisted(output) else ():
        facts.setdefault(f"package.{name}", Fact(NOT_INSTALLED, source=source))
    return facts


def unlisted(output: ScriptOutput) -> str:
    """Return why the packages are not known, "" where their list is whole."""
    if problem := output["unlisted"]:
        return f"the packages cannot be listed: {foreign(problem.splitlines()[0], 200)}"
    sources = (source for source in ("dpkg", "apk", "rpm") if source in output)
    empty = next((source for source in sources if not any(True for _ in _installed(output, source))), "")
    return f"the packages cannot be listed: {empty} lists none" if empty else ""


def selected(installed: Iterable[tuple[str, str]], names: Sequence[str]) -> dict[str, set[str]]:
    """Return package -> versions of the packages that match ``names``.

    A version within the name of a library is removed, so that its versions are compared.

    >>> selected([("libicu72", "72.1-3"), ("libicu-dev", "72.1-3"), ("vim", "9")], ())
    {'libicu': {'72.1-3'}}
    >>> selected([("libicu72", "72.1-3"), ("vim", "9")], ("libicu72", "v*"))
    {'libicu72': {'72.1-3'}, 'vim': {'9'}}
    """
    exact = {name for name in names if not _is_glob(name)}
    globs = _globs(tuple(name for name in names or WELL_KNOWN if name not in exact))
    versions: dict[str, set[str]] = {}
    for name, version in installed:
        if name in exact:
            versions.setdefault(name, set()).add(version)
        elif globs.fullmatch(name) and (names or not _FOR_DEVELOPERS.fullmatch(name)):
            versions.setdefault(_stem(name), set()).add(version)
    return versions


@lru_cache(maxsize=64)
def _globs(names: tuple[str, ...]) -> re.Pattern[str]:
    """Return globs as one pattern, because a machine has thousands of packages; no globs match nothing."""
    return re.compile("|".join(re.escape(name).replace(r"\*", ".*").replace(r"\?", ".") for name in names) or "(?!)")


def _is_glob(name: str) -> bool:
    return "*" in name or "?" in name


def _stem(name: str) -> str:
    """Return the name of a package without a version in it.

    >>> _stem("libssl3t64"), _stem("libssl1.1"), _stem("icu4c@76"), _stem("libicu-dev"), _stem("postgresql-15")
    ('libssl', 'libssl', 'icu4c', 'libicu-dev', 'postgresql-15')
    """
    match = _VERSIONED_NAME.fullmatch(name)
    return match["stem"] if match else name


def _installed(output: ScriptOutput, source: str) -> Iterator[tuple[str, str]]:
    """Yield name and version of every package that one package manager has installed."""
    lines = output.lines(source)
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


def _apk(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield name and version from apk's list: P:NAME, then V:VERSION."""
    name = ""
    for line in lines:
        if line.startswith("P:"):
            name = line[2:]
        elif line.startswith("V:") and name:
            yield name, line[2:]
            name = ""
