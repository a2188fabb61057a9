"""The floor: reads the same servers by raw sockets with the fewest round trips, and takes no reply apart.

``python -m tests.bench.floor ADDRESSES`` (as JSON) prints the number of bytes. Each conversation is sent ahead as far
as its protocol allows and ends with the client's farewell, so that a reply ends where the server closes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import struct
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from threading import Thread
from typing import Any

Address = Mapping[str, Any]

_SETTINGS = (
    b"SELECT name, setting FROM pg_settings UNION ALL SELECT 'extension ' || extname, extversion FROM pg_extension"
)
_VARIABLES = b"SELECT variable_name, variable_value FROM information_schema.global_variables"
_PATHS = ("/api/nodes", "/api/policies", "/api/feature-flags")


def postgres(address: Address) -> bytes:
    """Log in by SCRAM, the statement sent with its last message: two round trips after that of TCP."""
    first = b"n=,r=" + b64encode(os.urandom(18))
    mechanism = b"SCRAM-SHA-256\0" + struct.pack("!i", len(first) + 3) + b"n,," + first
    names = b"user\0" + address["user"].encode() + b"\0database\0postgres\0\0"
    startup = struct.pack("!ii", len(names) + 8, 196608) + names
    with _connected(address["port"]) as connection:
        connection.sendall(startup + _message(b"p", mechanism))
        greeting = connection.recv(65536)
        while b"i=" not in greeting:
            greeting += connection.recv(65536)
        server = greeting[greeting.index(b"r=") :].partition(b"\0")[0]
        proof = _proof(address["password"].encode(), first, server)
        last = _message(b"p", proof) + _message(b"Q", _SETTINGS + b"\0") + _message(b"X", b"")
        return _answer(connection, last)


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _proof(password: bytes, first: bytes, server: bytes) -> bytes:
    """Return the client's last message of SCRAM-SHA-256."""
    fields = dict(part.split(b"=", 1) for part in server.split(b","))
    salted = hashlib.pbkdf2_hmac("sha256", password, b64decode(fields[b"s"]), int(fields[b"i"]))
    key = hmac.digest(salted, b"Client Key", "sha256")
    bare = b"c=biws,r=" + fields[b"r"]
    signature = hmac.digest(hashlib.sha256(key).digest(), b",".join((first, server, bare)), "sha256")
    return bare + b",p=" + b64encode(bytes(a ^ b for a, b in zip(key, signature, strict=True)))


def redis(address: Address) -> bytes:
    with _connected(address["port"]) as connection:
        return _answer(connection, b"INFO server\r\nCONFIG GET *\r\nQUIT\r\n")


def memcached(address: Address) -> bytes:
    with _connected(address["port"]) as connection:
        return _answer(connection, b"stats\r\nstats settings\r\nquit\r\n")


def mysql(address: Address) -> bytes:
    """Log in without a password, the statement sent with the login: two round trips after that of TCP."""
    login = struct.pack("<IIB23x", 0x000FA205, 1 << 24, 45) + address["user"].encode() + b"\0\0mysql_native_password\0"
    with _connected(address["port"]) as connection:
        connection.recv(4096)
        return _answer(connection, _packet(1, login) + _packet(0, b"\3" + _VARIABLES) + _packet(0, b"\1"))


def _packet(number: int, body: bytes) -> bytes:
    return struct.pack("<I", len(body))[:3] + bytes((number,)) + body


def rabbitmq(address: Address) -> bytes:
    """Ask the HTTP API by three connections at once; AMQP's greeting by a fourth."""
    login = b64encode(f"{address['user']}:{address['password']}".encode()).decode()
    replies: list[bytes] = []

    def ask(path: str) -> None:
        words = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {login}\r\nConnection: close\r\n\r\n"
        with _connected(address["management"]) as connection:
            replies.append(_answer(connection, words.encode()))

    threads = [Thread(target=ask, args=(path,)) for path in _PATHS]
    for thread in threads:
        thread.start()
    with _connected(address["port"]) as connection:
        connection.sendall(b"AMQP\0\0\x09\1")
        replies.append(connection.recv(65536))
    for thread in threads:
        thread.join()
    return b"".join(replies)


def _connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), 30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _answer(connection: socket.socket, request: bytes) -> bytes:
    """Send; return all that comes until the server closes."""
    connection.sendall(request)
    parts = []
    while part := connection.recv(1 << 18):
        parts.append(part)
    return b"".join(parts)


KINDS: dict[str, Callable[[Address], bytes]] = {
    "postgres": postgres,
    "redis": redis,
    "memcached": memcached,
    "rabbitmq": rabbitmq,
    "mysql": mysql,
}


def once(address: Address) -> bytes:
    """Return the bytes of all replies of one server."""
    return KINDS[address["kind"]](address)


def main() -> None:
    """Read all at once; print the number of bytes of each."""
    sizes: list[str] = []

    def read(address: Address) -> None:
        sizes.append(f"{address['kind']} {len(once(address))}")

    threads = [Thread(target=read, args=(address,)) for address in json.loads(sys.argv[1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("\n".join(sizes))  # noqa: T201


if __name__ == "__main__":
    main()
