"""Reads apps: a real HTTP server that serves planted documents, containers, folders."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from parity_tui.model import Reading, Target
from parity_tui.services import redact_reading
from parity_tui.services.app import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests import builders

ONE, OTHER = "3f786850e387550fdab836ed7e6dc881de23001b", "89e6c98d92887913cadf06b2adb97f26cde4849b"
"""hashes of two commits"""

Document = tuple[int, Mapping[str, str], str]
"""status, headers and body"""


class App:
    """A server whose documents are set by path; every other path is 404. It counts its requests."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.requests: list[str] = []
        self.port = 0

    def show(self, path: str, body: str, status: int = 200, **headers: str) -> None:
        """Serve a document from now on; an underscore in a header's name is a hyphen."""
        self.documents[path] = (status, {name.replace("_", "-"): text for name, text in headers.items()}, body)


@contextmanager
def app() -> Iterator[App]:
    """Yield a running app of this machine."""
    made = App()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            made.requests.append(f"{self.command} {self.path}")
            status, headers, body = made.documents.get(self.path, (404, {}, "no such page"))
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def target(port: int, path: str = "", **fields: object) -> Target:
    """Return the target of an endpoint of this machine."""
    return builders.target(service="app", kind="app", scheme="app+http", port=port, path=path, **fields)  # type: ignore[arg-type]


async def read(source: Target, times: int = 1) -> Reading:
    """Connect and read some times; return the last reading."""
    async with asyncio.timeout(20), SERVICE.connect(source, NetworkDialer(source, 20)) as read_once:
        for _ in range(times - 1):
            await read_once()
        return redact_reading(await read_once(), SERVICE)


def raws(reading: Reading) -> dict[str, str]:
    """Return the raw values of a reading."""
    return {name: fact.raw or "" for name, fact in reading.facts.items()}


def only(monkeypatch: pytest.MonkeyPatch, folder: Path, *names: str) -> None:
    """Put no other programs of this system on PATH."""
    folder.mkdir()
    for name in names:
        (folder / name).symlink_to(shutil.which(name, path="/usr/bin:/bin") or name)
    monkeypatch.setenv("PATH", str(folder))


rows = partial(builders.rows, kind="app")
drift = partial(builders.drift, kind="app")
