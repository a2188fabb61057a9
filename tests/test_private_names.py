"""Every private or undocumented name of a library that parity_tui uses is listed here and still exists."""

from __future__ import annotations

import argparse
import ast
import asyncio
import functools
import importlib
import inspect
import io
import pkgutil
import re
import ssl
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import aio_pika
import aiomcache
import aiomcache.pool
import aiormq.connection
import asyncmy.connection
import asyncpg.connect_utils
import pymongo.asynchronous.pool
import pymongo.auth_shared
import pymongo.network_layer
import pytest
import redis._parsers
import redis.asyncio
import textual._ansi_sequences
import textual._compositor
import textual._styles_cache
import textual._xterm_parser
import textual.app
import textual.drivers._writer_thread
import textual.drivers.linux_driver
import textual.widget
from yarl import URL

import parity_tui

ROOT = Path(__file__).parent.parent
BROKER = "amqp://broker/"


class NoTransport(aiormq.connection.TransportFactory):
    async def create(self, url: Any, **kwargs: Any) -> Any:
        """Connect to nothing."""


def tls_client() -> Any:
    return ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="a")


def postgres_tls_request() -> Any:
    loop = asyncio.get_running_loop()
    return asyncpg.connect_utils.TLSUpgradeProto(loop, "a", 1, ssl.create_default_context(), True)


def mysql_connection() -> Any:
    return asyncmy.connection.Connection(host="a")  # type: ignore[no-untyped-call]


def board_driver() -> Any:
    return textual.drivers.linux_driver.LinuxDriver(textual.app.App())


def amqp_connection() -> Any:
    return aiormq.Connection(BROKER, transport_factory=NoTransport())


TABLE: list[tuple[str, Callable[[], Any], str]] = [
    # partial updates of the screen are painted narrower
    ("textual", lambda: textual._compositor, "ChopsUpdate"),
    ("textual", lambda: textual._compositor.ChopsUpdate([], [], []), "chops spans chop_ends render_segments"),
    ("textual", textual.app.App, "_display"),
    # a cache that keeps every sheet is emptied
    ("textual", lambda: textual._styles_cache, "StylesCache"),
    ("textual", lambda: textual._styles_cache.StylesCache.get_inner_outer, "cache_clear"),
    # the board stops painting while the terminal takes nothing
    ("textual", textual.app.App, "_driver"),
    # lines are scrolled by the terminal
    ("textual", textual.app.App, "_sync_available"),
    ("textual", lambda: textual.drivers.linux_driver.LinuxDriver(textual.app.App()), "_writer_thread"),
    ("textual", lambda: textual.drivers._writer_thread.WriterThread(io.StringIO()), "_queue"),
    # a crash report without secrets replaces Textual's
    ("textual", textual.app.App, "_fatal_error _handle_exception _close_messages_no_wait"),
    # input that is bounded before Textual parses it
    ("textual", board_driver, "_app _run_input_thread _query_in_band_window_resize _get_terminal_size"),
    ("textual", lambda: textual._ansi_sequences, "ANSI_SEQUENCES_KEYS"),
    ("textual", lambda: textual._xterm_parser.XTermParser(), "feed tick"),
    # never hiredis: it has no limit; and streams of our own
    ("redis", lambda: redis._parsers, "_AsyncRESP2Parser"),
    ("redis", redis.asyncio.Connection, "_connect _parser _reader _writer"),
    # an event loop and a login of our own
    ("asyncmy", mysql_connection, "_loop _password _secure _client_flag _ssl_context _result _transport"),
    ("asyncmy", mysql_connection, "_get_server_information _process_auth write_packet get_transaction_status"),
    # a server without TLS is an answer where TLS is only preferred
    ("asyncpg", postgres_tls_request, "ssl_is_advisory"),
    # one connection without a pool and monitors, on a transport of our own
    ("pymongo", lambda: pymongo.auth_shared, "_build_credentials_tuple"),
    ("pymongo", lambda: pymongo.network_layer, "AsyncNetworkingInterface PyMongoProtocol"),
    ("pymongo", lambda: pymongo.asynchronous.pool, "Pool"),
    ("pymongo", lambda: pymongo.asynchronous.pool.AsyncConnection, "hello authenticate command"),
    # streams of our own
    ("aiomcache", lambda: aiomcache.Client("a", 1), "_pool"),
    ("aiomcache", lambda: aiomcache.pool.Connection, "reader writer"),
    ("aio-pika", lambda: aio_pika.Connection(URL(BROKER)), "kwargs transport"),
    ("aiormq", amqp_connection, "_transport_factory is_opened"),
    # a limit on received bytes
    ("python", lambda: asyncio.StreamReader(loop=asyncio.get_running_loop()), "_buffer _transport"),
    # an answer that came again is taken as it is
    ("python", lambda: asyncio.StreamReader(loop=asyncio.get_running_loop()), "_eof _wait_for_data"),
    ("python", lambda: asyncio.StreamReader(loop=asyncio.get_running_loop()), "_maybe_resume_transport"),
    # the end of a certificate that is not verified
    ("python", tls_client, "_sslobj"),
    ("python", lambda: tls_client()._sslobj, "get_unverified_chain"),
    # the nearest name of a mistyped command; help that cannot be written
    ("python", lambda: argparse, "_SubParsersAction"),
    ("python", argparse.ArgumentParser, "_check_value _match_argument _actions _option_string_actions _print_message"),
]
"""library, maker of a specimen, names on the specimen: private ones, and public ones without documentation"""

PRIVATE_MODULES = {"_ansi_sequences", "_compositor", "_parsers", "_styles_cache", "_xterm_parser"}
DOCUMENTED = {"_exit"}


@pytest.mark.parametrize(
    ("library", "specimen", "names"), TABLE, ids=[f"{library}-{names.split()[0]}" for library, _, names in TABLE]
)
async def test_library_still_has_its_private_names(library: str, specimen: Callable[[], Any], names: str) -> None:
    thing = specimen()
    gone = [name for name in names.split() if not hasattr(thing, name)]
    assert not gone, f"{library} no longer has {', '.join(gone)}"


def test_library_with_private_names_has_upper_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = [*project["dependencies"], *project["optional-dependencies"]["mongodb"]]
    bounded = {re.split(r"[^\w.-]", text)[0] for text in requirements if "~=" in text or "<" in text or "==" in text}
    assert {library for library, _, _ in TABLE} - bounded <= {"python"}


async def test_no_other_private_name_is_used() -> None:
    specimens = [make() for _, make, _ in TABLE]
    listed = {name for _, _, names in TABLE for name in names.split()} | PRIVATE_MODULES
    trees = dict(package_modules())
    ours = set().union(*map(defined_names, trees.values()))
    found = set()
    for module, tree in trees.items():
        names = {(line, name) for line, name in foreign_candidates(tree) if is_private(name)}
        found |= {f"{module}:{line} {name}" for line, name in names if name not in ours | listed}
        for node in (node for node in tree.body if isinstance(node, ast.ClassDef) and node.bases):
            inherited = inherited_names(getattr(importlib.import_module(module), node.name), specimens) - listed
            collisions = used_on_itself(node) & inherited
            found |= {f"{module}:{node.lineno} {node.name}: {name} is the library's" for name in collisions}
    assert not found, "\n".join(sorted(found))


def package_modules() -> Iterator[tuple[str, ast.Module]]:
    for module in pkgutil.walk_packages(parity_tui.__path__, "parity_tui."):
        spec = module.module_finder.find_spec(module.name, None)
        assert spec
        assert spec.origin
        yield module.name, ast.parse(Path(spec.origin).read_text(encoding="utf-8"))


def is_private(name: str) -> bool:
    return bool(re.match(r"_(?!_)\w", name)) and name not in DOCUMENTED


def defined_names(tree: ast.AST) -> set[str]:
    """Return the private names that a module or a class defines."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                found.add(name)
    return set(filter(is_private, found))


def foreign_candidates(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and name of attributes, of getattr with a text, and of imports from other packages."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name):
                yield node.lineno, name
            case ast.Call(
                func=ast.Name(id="getattr" | "hasattr" | "setattr"), args=[_, ast.Constant(value=str(name)), *_]
            ):
                yield node.lineno, name
            case ast.ImportFrom(module=str(module), names=names) if not module.startswith("parity_tui"):
                yield from ((node.lineno, part) for part in (*module.split("."), *(each.name for each in names)))
            case ast.Import(names=names):
                yield from ((node.lineno, part) for each in names for part in each.name.split("."))


def used_on_itself(tree: ast.ClassDef) -> set[str]:
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return defined_names(tree) | set(filter(is_private, attributes))


def inherited_names(kind: type, specimens: Sequence[Any]) -> set[str]:
    """Return the private names of the foreign classes that a class of ours inherits from."""
    found: set[str] = set()
    for base in kind.__mro__[1:]:
        if not base.__module__.startswith("parity_tui") and base.__module__ not in ("builtins", "msgspec"):
            found.update(names_in_source(base), *(dir(thing) for thing in specimens if base in type(thing).__mro__))
    return set(filter(is_private, found))


@functools.cache
def names_in_source(kind: type) -> set[str]:
    names = set(vars(kind))
    with suppress(OSError, TypeError):  # a compiled class has no source: its specimen shows its names
        names.update(re.findall(r"\bself\.(_\w+)\s*[:=][^=]", inspect.getsource(kind)))
    return names
