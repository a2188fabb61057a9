"""A stand-in for MongoDB: OP_MSG with BSON, SCRAM-SHA-256, and replies in the form of recorded ones.

No server can be installed where the tests run. The names are those of MongoDB 7.0, the values its defaults.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import struct
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bson

from tests.proxy import listening

FILE = Path(__file__).with_name("parameters.txt")
OP_MSG = 2013
SALT, ITERATIONS = b"0123456789abcdef", 4096
OPEN = ("hello", "isMaster", "ismaster", "saslStart", "saslContinue", "buildInfo")
"""commands that need no login"""
MONITORED = ("getParameter", "getCmdLineOpts")
Document = dict[str, Any]


def error(code: int, words: str) -> Document:
    return {"ok": 0.0, "errmsg": words, "code": code, "codeName": "Error"}


@dataclass
class StandIn:
    """One server; its fields are read at each request."""

    version: str = "7.0.14"
    name: str = "one"
    replica_set: str = ""
    members: int = 3
    primary: bool = True
    details: bool = True
    """whether getParameter shows details"""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    build: Mapping[str, Any] = field(default_factory=dict)
    user: str = ""
    password: str = ""
    rights: bool = True
    process: str = "0123456789ab0123456789ab"
    iterations: int = ITERATIONS
    replies: Mapping[str, Document] = field(default_factory=dict)
    """documents in place of the stand-in's own, by command"""
    asked: list[str] = field(default_factory=list)
    """commands with their argument, in order"""
    connections: int = 0

    def values(self) -> Document:
        """Return all parameters."""
        values: Document = {}
        for line in FILE.read_text("utf-8").splitlines():
            name, _, text = line.partition(" ")
            values[name] = {"true": True, "false": False}.get(text, text)
            if text.lstrip("-").isdecimal():
                values[name] = int(text)
        values |= {"featureCompatibilityVersion": {"version": ".".join(self.version.split(".")[:2])}}
        values |= {"authenticationMechanisms": ["SCRAM-SHA-1", "SCRAM-SHA-256"], "saslHostName": self.name}
        values |= {"logComponentVerbosity": {"verbosity": 0, "query": {"verbosity": -1}}}
        return values | dict(self.parameters)

    def command_line(self) -> Document:
        """Return the reply to getCmdLineOpts; as in the server's own, a secret option shows no value."""
        parsed: Document = {
            "net": {"port": 27017 + len(self.name), "bindIp": f"10.0.0.{len(self.name)}"},
            "storage": {"dbPath": f"/var/lib/{self.name}", "wiredTiger": {"engineConfig": {"cacheSizeGB": 1.0}}},
            "systemLog": {"path": f"/var/log/{self.name}.log", "destination": "file"},
            "security": {"authorization": "enabled"},
        }
        return {"argv": ["mongod", "--config", "/etc/mongod.conf"], "parsed": merged(parsed, self.options), "ok": 1.0}

    def greeting(self) -> Document:
        """Return the reply to hello."""
        hello: Document = {
            "helloOk": True, "ismaster": self.primary, "isWritablePrimary": self.primary, "maxWireVersion": 21,
            "minWireVersion": 0, "maxBsonObjectSize": 16 << 20, "maxMessageSizeBytes": 48000000,
            "maxWriteBatchSize": 100000, "logicalSessionTimeoutMinutes": 30, "readOnly": False, "connectionId": 7,
            "topologyVersion": {"processId": bson.ObjectId(self.process), "counter": bson.Int64(6)},
        }  # fmt: skip
        if self.replica_set:
            hosts = [f"{self.name}-{number}:27017" for number in range(self.members)]
            hello |= {"setName": self.replica_set, "hosts": hosts, "secondary": not self.primary}
        return hello | {"ok": 1.0}

    def reply(self, command: str, document: Document, session: Document) -> Document:
        """Return the reply to one command."""
        if command in self.replies:
            return dict(self.replies[command])
        if self.user and command not in OPEN and not session.get("logged in"):
            return error(13, f"Command {command} requires authentication")
        if command in MONITORED and not self.rights:
            return error(13, f"not authorized on admin to execute command {{ {command}: 1 }}")
        match command:
            case "hello" | "isMaster" | "ismaster":
                return self.greeting() | ({"saslSupportedMechs": ["SCRAM-SHA-256"]} if self.user else {})
            case "buildInfo":
                build = {
                    "version": self.version, "gitVersion": "a" * 40, "modules": [], "allocator": "tcmalloc", "bits": 64,
                    "javascriptEngine": "mozjs", "debug": False, "maxBsonObjectSize": 16 << 20, "sysInfo": "x",
                    "storageEngines": ["devnull", "wiredTiger"], "openssl": {"running": "OpenSSL 3.0.2"},
                }  # fmt: skip
                return {**build, **self.build, "ok": 1.0}
            case "getCmdLineOpts":
                return self.command_line()
            case "getParameter" if document[command] == "*":
                return self.values() | {"ok": 1.0}
            case "getParameter" if not self.details:
                return error(72, "no option found to get")
            case "getParameter":
                flags = {"settableAtRuntime": True, "settableAtStartup": True}
                return {name: {"value": value, **flags} for name, value in self.values().items()} | {"ok": 1.0}
            case "saslStart":
                return self._first(document, session)
            case "saslContinue":
                return self._final(document, session)
        return error(59, f"no such command: '{command}'")

    def _first(self, document: Document, session: Document) -> Document:
        bare = bytes(document["payload"]).decode().removeprefix("n,,")
        fields = dict(part.split("=", 1) for part in bare.split(","))
        nonce = fields["r"] + "server"
        first = f"r={nonce},s={b64encode(SALT).decode()},i={self.iterations}"
        session |= {"name": fields["n"], "message": f"{bare},{first},c=biws,r={nonce}"}
        return {"conversationId": 1, "done": False, "payload": first.encode(), "ok": 1.0}

    def _final(self, document: Document, session: Document) -> Document:
        salted = hashlib.pbkdf2_hmac("sha256", self.password.encode(), SALT, ITERATIONS)
        key = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(key).digest(), session["message"].encode(), "sha256")
        proof = bytes(a ^ b for a, b in zip(key, signature, strict=True))
        sent = bytes(document["payload"]).decode().rpartition(",p=")[2]
        if session["name"] != self.user or b64decode(sent) != proof:
            return error(18, "Authentication failed.")
        session["logged in"] = True
        server = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), session["message"].encode(), "sha256")
        return {"conversationId": 1, "done": True, "payload": b"v=" + b64encode(server), "ok": 1.0}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the commands of one connection."""
        self.connections += 1
        session: Document = {}
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._answer(reader, writer, session)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: Document) -> None:
        while True:
            document, request = await read_message(reader)
            command = next(iter(document))
            sasl = command.startswith("sasl")
            self.asked.append(command if sasl else f"{command} {document[command]!r}")
            writer.write(message(self.reply(command, document, session), request))
            await writer.drain()


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> Document:
    """Return nested documents, the second one in front."""
    both = dict(one)
    for name, value in other.items():
        both[name] = merged(both[name], value) if isinstance(both.get(name), dict) and value else value
    return both


async def read_message(reader: asyncio.StreamReader) -> tuple[Document, int]:
    """Return the document of one message and its number."""
    size, request, _, code = struct.unpack("<iiii", await reader.readexactly(16))
    body = await reader.readexactly(size - 16)
    assert code == OP_MSG
    return bson.decode(body[5:]), request


def message(document: Mapping[str, Any], request: int) -> bytes:
    """Return the message that replies to a request."""
    body = b"\0\0\0\0\0" + bson.encode(document)
    return struct.pack("<iiii", 16 + len(body), 1, request, OP_MSG) + body


@asynccontextmanager
async def running(server: StandIn | None = None, **fields: Any) -> AsyncIterator[tuple[StandIn, int]]:
    """Yield a stand-in and its port."""
    server = server or StandIn(**fields)
    async with listening(server.serve) as port:
        yield server, port
