"""Metrics over HTTP, for Prometheus to scrape. Needs the extra `metrics`: prometheus-client writes the formats.

Its own server is not used: it starts a thread for each connection, and waits without a limit for a slow one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import h11

from parity_tui.config import ConfigError
from parity_tui.daemon.metrics import Family, Metrics

LOOPBACK = "127.0.0.1"
MAX_CONNECTIONS = 16
TIMEOUT = 5.0
"""seconds for one request and its answer"""
_LONGEST = 8192
"""bytes of a request"""

_OPEN = b"application/openmetrics-text"

Answer = tuple[int, str, bytes]
"""status, type of the content, content"""


def parse_address(text: str) -> tuple[str, int]:
    """Return host and port. Raises ConfigError.

    >>> parse_address("9187"), parse_address(":9187"), parse_address("0.0.0.0:9187"), parse_address("[::1]:9187")
    (('127.0.0.1', 9187), ('127.0.0.1', 9187), ('0.0.0.0', 9187), ('::1', 9187))
    """
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal() and int(port) < 65536) or (":" in host and host[0] != "["):
        raise ConfigError(f"--listen {text}: must be a port, or HOST:PORT, such as {LOOPBACK}:9187")
    return host.strip("[]") or LOOPBACK, int(port)


class Scraper:
    """Answers requests for the metrics while its block runs."""

    def __init__(self, address: str, metrics: Metrics) -> None:
        """Create a server that does not listen yet. Raises ConfigError."""
        self.host, self.port = parse_address(address)
        self._metrics = metrics
        self._choose = _encoders()
        self._connections: dict[Any, None] = {}
        """tasks, the oldest first"""
        self._server: asyncio.Server | None = None
        self._second = 0
        self._cached: dict[str, bytes] = {}
        """contents of this second by their type: however many ask, the counts are made once"""

    async def __aenter__(self) -> Scraper:
        """Listen. Raises ConfigError where the address cannot be used."""
        try:
            self._server = await asyncio.start_server(self._serve, self.host, self.port, limit=_LONGEST)
        except OSError as error:
            reason = (error.strerror or str(error)).partition(": ")[2] or error.strerror or str(error)
            raise ConfigError(f"cannot listen on {self.host}:{self.port}: {reason.lower()}") from None
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, and drop what is connected."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request; a slow client is dropped, and the oldest one when there are too many."""
        task = asyncio.current_task()
        if len(self._connections) >= MAX_CONNECTIONS:
            next(iter(self._connections)).cancel()
        self._connections[task] = None
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._answer(reader, writer)
                writer.close()
                await writer.wait_closed()
        except (OSError, h11.ProtocolError, asyncio.CancelledError):
            pass
        finally:
            del self._connections[task]
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        exchange = h11.Connection(h11.SERVER, max_incomplete_event_size=_LONGEST)
        while (event := exchange.next_event()) is h11.NEED_DATA:
            exchange.receive_data(await reader.read(_LONGEST))
        if not isinstance(event, h11.Request):
            return
        status, kind, content = self._content(event)
        headers = [("Content-Type", kind), ("Content-Length", str(len(content))), ("Connection", "close")]
        writer.write(exchange.send(h11.Response(status_code=status, headers=headers)) or b"")
        if event.method != b"HEAD":
            writer.write(exchange.send(h11.Data(content)) or b"")
        await writer.drain()

    def _content(self, request: h11.Request) -> Answer:
        text = "text/plain; charset=utf-8"
        if request.method not in (b"GET", b"HEAD"):
            return 405, text, b"only GET\n"
        if request.target.partition(b"?")[0] != b"/metrics":
            return 404, text, b"the metrics are at /metrics\n"
        wants_open = any(name == b"accept" and _OPEN in value for name, value in request.headers)
        encode, kind = self._choose(f"{_OPEN.decode()}; version=1.0.0" if wants_open else "")
        now = time.time()
        if self._second != int(now):
            self._second, self._cached = int(now), {}
        if kind not in self._cached:
            self._cached[kind] = encode(_Collector(self._metrics.families(now)))
        return 200, kind, self._cached[kind]


class _Collector:
    """The part of a registry of prometheus-client that its encoders use."""

    def __init__(self, families: list[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        for family in self._families:
            names = list(family.samples[0][0])
            made = (CounterMetricFamily if family.counter else GaugeMetricFamily)(
                family.name, family.help, labels=names
            )
            for labels, value in family.samples:
                made.add_metric([labels[name] for name in names], value)
            yield made


def _encoders() -> Callable[[str], tuple[Callable[[Any], bytes], str]]:
    """Return the function that gives the encoder for a header Accept. Raises ConfigError without the extra."""
    try:
        from prometheus_client.exposition import choose_encoder
    except ImportError:
        raise ConfigError("--listen needs a package: pip install 'parity-tui[metrics]'") from None
    return choose_encoder
