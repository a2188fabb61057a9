"""A stand-in for Elasticsearch and OpenSearch: answers over HTTP/1.1 in the form of recorded replies.

No server of either product can be installed where the tests run. The names and defaults are in settings.txt.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parity_tui.services.elasticsearch.queries import INFO, NODES, SETTINGS
from tests.proxy import listening

FILE = Path(__file__).with_name("settings.txt")
MONITOR = "cluster:monitor/state"
GB = 1 << 30
TAGLINES = {"es": "You Know, for Search", "os": "The OpenSearch Project: https://opensearch.org/"}
BUNDLED = ("opensearch-security", "opensearch-sql")


@dataclass
class StandIn:
    """One cluster; its fields are read at each request."""

    product: str = "es"
    version: str = "9.1.0"
    name: str = "one"
    processors: int = 4
    heap: int = GB
    size: int = 1
    plugins: Sequence[str] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    """other values of the node"""
    persistent: Mapping[str, Any] = field(default_factory=dict)
    transient: Mapping[str, Any] = field(default_factory=dict)
    roles: Sequence[str] = ("data", "ingest", "master")
    started: int = 1_760_000_000_000
    login: str = ""
    """value of the header Authorization that is demanded, "" for none"""
    rights: bool = True
    """whether the login has the privilege monitor"""
    replies: Mapping[str, tuple[int, bytes]] = field(default_factory=dict)
    """status and body in place of the stand-in's own, by path"""
    asked: list[str] = field(default_factory=list)
    """request lines and header names, in order"""

    def defaults(self) -> dict[str, Any]:
        """Return the settings of a node, without those that are set by the API."""
        words = {
            "name": self.name, "address": f"10.0.0.{len(self.name)}", "processors": self.processors,
            "half": max(1, self.processors // 2), "searchers": self.processors * 3 // 2 + 1,
            "triple": self.processors * 3, "replica": self.heap * 15 // 100,
        }  # fmt: skip
        settings: dict[str, Any] = {}
        for line in FILE.read_text("utf-8").splitlines():
            first, _, rest = line.partition(" ")
            if first in ("es", "os"):
                if first != self.product:
                    continue
                first, _, rest = rest.partition(" ")
            elif first == "#":
                continue
            for word, value in words.items():
                rest = rest.replace(f"{{{word}}}", str(value))
            settings[first] = json.loads(rest) if rest[:1] == "[" or rest == "null" else rest
        settings |= self.settings
        return {name: value for name, value in settings.items() if name not in {*self.persistent, *self.transient}}

    def info(self) -> dict[str, Any]:
        """Return the reply to the first question."""
        version: dict[str, Any] = {
            "number": self.version, "build_type": "tar", "build_hash": f"{len(self.name):040x}",
            "build_snapshot": False, "lucene_version": f"10.{self.version.split('.')[1]}.0",
        }  # fmt: skip
        version |= {"distribution": "opensearch"} if self.product == "os" else {"build_flavor": "default"}
        uuid = b64encode(self.name.encode() * 4).decode()
        head = {"name": self.name, "cluster_name": f"{self.name}-cluster", "cluster_uuid": uuid}
        return {**head, "version": version, "tagline": TAGLINES[self.product]}

    def nodes(self) -> dict[str, Any]:
        """Return the reply to the third question, with the filter applied."""
        bundled = BUNDLED if self.product == "os" else ()
        plugins = [{"name": name, "version": f"{self.version}.0"} for name in bundled]
        plugins += [{"name": name, "version": self.version} for name in self.plugins]
        node = {
            "name": self.name, "version": self.version, "roles": list(self.roles), "plugins": plugins,
            "jvm": {"version": "24.0.1", "start_time_in_millis": self.started, "mem": {"heap_max_in_bytes": self.heap}},
        }  # fmt: skip
        nodes = {f"{self.name}{number}": node for number in range(self.size)}
        return {"_nodes": {"total": self.size, "successful": self.size, "failed": 0}, "nodes": nodes}

    def reply(self, path: str, authorization: str) -> tuple[int, bytes]:
        """Return status and body."""
        if path in self.replies:
            return self.replies[path]
        if self.login and authorization != self.login:
            reason = "missing authentication credentials for REST request [/]"
            return 401, json.dumps({"error": {"type": "security_exception", "reason": reason}, "status": 401}).encode()
        if not self.rights and path != INFO:
            reason = f"action [{MONITOR}] is unauthorized for user [parity] with effective roles [none]"
            return 403, json.dumps({"error": {"type": "security_exception", "reason": reason}, "status": 403}).encode()
        groups = {"persistent": self.persistent, "transient": self.transient, "defaults": self.defaults()}
        documents = {INFO: self.info(), SETTINGS: groups, NODES: self.nodes()}
        if path not in documents:
            return 400, b'{"error": "no handler found for uri and method [GET]", "status": 400}'
        return 200, json.dumps(documents[path]).encode()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, pipelined ones in their order."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            line, *headers = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            values = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in headers)}
            self.asked += [line, *(f"header {name}" for name in values if name)]
            status, body = self.reply(line.split(" ")[1], values.get("authorization", ""))
            head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
            brand = "X-elastic-product: Elasticsearch\r\n" if self.product == "es" else ""
            writer.write(f"{head}{brand}\r\n".encode() + body)
            await writer.drain()


@asynccontextmanager
async def running(cluster: StandIn | None = None, **fields: Any) -> AsyncIterator[tuple[StandIn, int]]:
    """Yield a stand-in and its port."""
    cluster = cluster or StandIn(**fields)
    async with listening(cluster.serve) as port:
        yield cluster, port
