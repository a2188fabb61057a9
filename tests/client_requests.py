"""Decodes recorded client traffic into requests, and finds requests that allowed.toml does not list."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import bson
import pamqp.frame

LIST = Path(__file__).with_name("allowed.toml")

SSL_REQUEST, VERSION_3 = 80877103, 196608
_ONE_WHOLE = re.compile(r"SELECT ' whole', '(\w+)', CAST\(@@GLOBAL\.\1 AS BINARY\), NULL, NULL, NULL", re.ASCII)
_TEXT = r"COALESCE\(pg_catalog\.left\(CAST\(\"\w+\" AS pg_catalog\.text\), \d+\), ''\)"
_TIME = r"COALESCE\(pg_catalog\.left\(CAST\(pg_catalog\.to_json\(\"\w+\"\) AS pg_catalog\.text\), \d+\), ''\)"
_POSTGRES_KNOWN = re.compile(r"(?<=OPERATOR\(pg_catalog\.=\) )(?:NULL|'-?\d+')::pg_catalog\.int8")
"""the hash of the document that the client has"""
_POSTGRES_FIELD = rf"(?:''|{_TIME}|pg_catalog\.concat_ws\(pg_catalog\.chr\(31\)(?:, {_TEXT})+\))"
_POSTGRES_LEDGER = re.compile(
    rf"\(SELECT pg_catalog\.json_build_array\(\d+(?:, {_POSTGRES_FIELD}){{5}}\)"
    r' FROM \(SELECT \* FROM "[^"]+"\."\w+"(?: ORDER BY (?:"\w+" DESC(?:, )?)+)? LIMIT 5001\) t\)(?: UNION ALL )?'
)
_MYSQL_FIELD = (
    r"(?:NULL|CAST\(CONCAT_WS\(CHAR\(31\)(?:, LEFT\(IFNULL\(CAST\(`\w+` AS BINARY\), ''\), \d+\))+\) AS BINARY\))"
)
_MYSQL_LEDGER = re.compile(
    rf"\(SELECT ' ledger \d+'(?:, {_MYSQL_FIELD}){{5}}"
    r" FROM `[^`]+`\.`\w+`(?: ORDER BY (?:`\w+` DESC(?:, )?)+)? LIMIT \d+\)"
)
"""the newest rows of one ledger of migrations, whose names and columns only the database knows"""
_POSTGRES = {
    b"P": "Parse", b"D": "Describe", b"B": "Bind", b"E": "Execute", b"S": "Sync", b"H": "Flush", b"X": "Terminate",
    b"p": "Password", b"C": "Close", b"Q": "Query",
}  # fmt: skip
_MYSQL = {1: "Quit", 2: "InitDB", 3: "Query", 14: "Ping", 22: "Prepare", 23: "Execute"}


def one_line(text: str) -> str:
    """Return a statement with single blanks."""
    return " ".join(text.split())


def postgres(sent: bytes) -> Iterator[str]:
    """Yield the messages of version 3 of PostgreSQL's protocol."""
    while len(sent) >= 8 and sent[:1] == b"\0":  # before the start messages have no type
        size, code = int.from_bytes(sent[:4], "big"), int.from_bytes(sent[4:8], "big")
        words, sent = sent[8:size].rstrip(b"\0").split(b"\0"), sent[size:]
        names = " ".join(sorted(word.decode() for word in words[::2] if word))
        yield {SSL_REQUEST: "SSLRequest", VERSION_3: f"Startup {names}"}.get(code, f"Startup of version {code}")
        if code == VERSION_3:
            break
    while sent:
        kind, size = sent[:1], int.from_bytes(sent[1:5], "big")
        body, sent = sent[5 : 1 + size], sent[1 + size :]
        name = _POSTGRES.get(kind, f"message {kind!r}")
        texts = body.split(b"\0")
        statement = {b"P": texts[1:2], b"Q": texts[:1]}.get(kind, [])
        prepared = f"under the name {texts[0]!r} " if kind == b"P" and texts[0] else ""
        text = _POSTGRES_KNOWN.sub("…", one_line(b"".join(statement).decode("utf-8", "replace")))
        yield f"{name} {prepared}{_POSTGRES_LEDGER.sub('…', text)}".strip().replace("……", "…")


def redis(sent: bytes) -> Iterator[str]:
    """Yield the commands of RESP, without passwords."""
    while sent:
        count, _, rest = sent.partition(b"\r\n")
        assert count.startswith(b"*"), f"no command: {sent[:80]!r}"
        words = []
        for _ in range(int(count[1:])):
            size, _, rest = rest.partition(b"\r\n")
            length = int(size[1:])
            words.append(rest[:length].decode("utf-8", "replace"))
            rest = rest[length + 2 :]
        sent = rest
        yield "AUTH" if words[0] == "AUTH" else " ".join(words)


def memcached(sent: bytes) -> Iterator[str]:
    """Yield the lines of the text protocol, without data blocks."""
    while sent:
        line, _, sent = sent.partition(b"\r\n")
        words = line.decode("utf-8", "replace").split()
        if words[:1] == ["set"]:
            sent = sent[int(words[4]) + 2 :]
            words = words[:2]
        yield " ".join(words)


def haproxy(sent: bytes) -> Iterator[str]:
    """Yield the commands of the lines sent to a stats socket."""
    yield from (command for line in sent.decode("utf-8", "replace").splitlines() for command in line.split(";"))


def mysql(sent: bytes) -> Iterator[str]:
    """Yield the commands of MySQL's protocol, and "Login" for each packet of the login."""
    while sent:
        size, number = int.from_bytes(sent[:3], "little"), sent[3]
        body, sent = sent[4 : 4 + size], sent[4 + size :]
        if number:
            yield "Login"
            continue
        name = _MYSQL.get(body[0], f"command {body[0]}")
        statement = _ONE_WHOLE.sub("…", one_line(body[1:].decode("utf-8", "replace")))
        statement = _MYSQL_LEDGER.sub("…", re.sub("_utf8mb4 0x[0-9a-f]+", "_utf8mb4 0x…", statement))
        statement = statement.replace(f" UNION ALL {one_line(_list()['mysql']['candidates'])}", "")
        yield f"{name} {re.sub(' UNION ALL …', '', statement)}".strip()


def amqp(sent: bytes) -> Iterator[str]:
    """Yield the names of AMQP's frames, with the channel unless it is 0."""
    assert sent.startswith(b"AMQP\0\0\x09\x01")
    sent = sent[8:]
    while sent:
        length, channel, frame = pamqp.frame.unmarshal(sent)
        sent = sent[length:]
        yield f"{frame.name} on channel {channel}" if channel else frame.name


def mongodb(sent: bytes) -> Iterator[str]:
    """Yield the commands of OP_MSG; of a greeting and of a login only the name."""
    while sent:
        size, code = int.from_bytes(sent[:4], "little"), int.from_bytes(sent[12:16], "little")
        document = bson.decode(sent[21:size]) if code == 2013 else {f"message of the kind {code}": ""}
        sent = sent[size:]
        name = next(iter(document))
        bare = name in ("hello", "ismaster", "saslStart", "saslContinue")
        yield name if bare else f"{name} {document[name]!r}"


def http(sent: bytes) -> Iterator[str]:
    """Yield each request line and the names of its headers."""
    while sent:
        head, _, sent = sent.partition(b"\r\n\r\n")
        line, *headers = head.decode("utf-8", "replace").split("\r\n")
        names = sorted(header.partition(":")[0].lower() for header in headers)
        yield line
        yield from (f"header {name}" for name in names)


def nats(sent: bytes) -> Iterator[str]:
    """Yield the commands of NATS, without the arguments of the login."""
    yield from (line.split(" ", 1)[0] for line in _lines(sent))


def smtp(sent: bytes) -> Iterator[str]:
    """Yield the commands of SMTP, without our address and the login."""
    yield from (" ".join(line.split()[:2]) if line.startswith("AUTH") else line.split()[0] for line in _lines(sent))


def _lines(sent: bytes) -> list[str]:
    return [line for line in sent.decode("utf-8", "replace").split("\r\n") if line]


DECODERS: dict[str, Callable[[bytes], Iterator[str]]] = {
    "postgres": postgres, "redis": redis, "memcached": memcached, "mysql": mysql, "amqp": amqp, "management": http,
    "http": http, "app": http, "haproxy": haproxy, "elasticsearch": http, "mongodb": mongodb,
    "pgbouncer": postgres,
    "nats": nats, "varz": http, "smtp": smtp,
}  # fmt: skip


@cache
def _list() -> dict[str, Any]:
    return tomllib.loads(LIST.read_text("utf-8"))


def allowed(protocol: str) -> set[str]:
    """Return the requests that the list allows."""
    return {one_line(request) for request in _list()[protocol]["requests"]}


def trips(protocol: str) -> tuple[int, int]:
    """Return the allowed round trips up to the first reading, and for each further one."""
    numbers = _list()[protocol]
    return numbers["first"], numbers["each"]


def forbidden(protocol: str, sent: bytes) -> list[str]:
    """Return the requests that the list does not allow."""
    known = allowed(protocol)
    return [request for request in DECODERS[protocol](sent) if request not in known]
