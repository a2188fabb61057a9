"""Records conversations with real servers: ``python -m tests.fuzz.conversations.record [NAME …]``."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from parity_tui.demo.process import free_port
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.model import Output, Target
from parity_tui.services import kinds
from parity_tui.services.host.parse.output import SECTIONS
from parity_tui.transport.dialer import NetworkDialer
from tests.conftest import TestServers
from tests.fuzz.conversations.child import fix_bytes
from tests.fuzz.conversations.conversation import (
    COMMANDS,
    MANAGEMENT_PORT,
    MARK,
    PASSWORD,
    PORT,
    SHELL,
    Conversation,
    Line,
    Turn,
    save,
    target_of,
)
from tests.fuzz.conversations.replay import stream_pair
from tests.services.elasticsearch import stand_in as elasticsearch
from tests.services.mongodb import stand_in as mongodb
from tests.services.nats.builders import nats
from tests.services.pgbouncer.builders import pgbouncer
from tests.services.smtp.servers import exim

READINGS = 2

IN_ROOT = {"vhost": "/", "arguments": {}}
QUEUE = {**IN_ROOT, "durable": True, "auto_delete": False}
POLICY = {"name": "ha", "pattern": "^q", "apply-to": "queues", "definition": {"max-length": 9}, "priority": 0}
BINDING = {"source": "x", "destination": "q1", "destination_type": "queue", "routing_key": "a"}
RABBITMQ_OBJECTS = {
    "policies": [{"vhost": "/", **POLICY}],
    "queues": [{**QUEUE, "name": f"q{number}"} for number in range(4)],
    "exchanges": [{**QUEUE, "name": "x", "type": "topic", "internal": False}],
    "bindings": [{**IN_ROOT, **BINDING}],
}
ENVIRON = b"".join(
    f"{name}={value}\0".encode()
    for name, value in {
        **{f"SHOP_{number}": "x" * number for number in range(40)},
        "DEBUG": "off",
        "SECRET_KEY": PASSWORD,
        "DATABASE_URL": f"postgresql://shop:{PASSWORD}@db.example/shop",
        "NOTE": "two\nlines",
    }.items()
)
PROXIES = """
frontend more
    bind 127.0.0.1:{port}
    maxconn 100
    default_backend pool
backend pool
    balance leastconn
    server one 127.0.0.1:1 maxconn 30 check
    server two 127.0.0.1:2 maxconn 30 check weight 10
"""
HEADERS = 'location / { return 200 "hello"; add_header Cache-Control "max-age=60"; add_header X-Frame-Options deny; }'


def mariadb(servers: Servers) -> Server:
    user = f"CREATE USER parity@'%' IDENTIFIED VIA mysql_native_password USING PASSWORD('{PASSWORD}')"
    return servers.mariadb("11.8", sql=[user])


def postgres(servers: Servers) -> Server:
    role = f"CREATE ROLE parity LOGIN PASSWORD '{PASSWORD}' IN ROLE pg_read_all_settings"
    return servers.postgres("18", password=PASSWORD, sql=[role])


def redis(servers: Servers, product: str = "redis", version: str = "8.0") -> Server:
    words = ("parity", "on", f">{PASSWORD}", "-@all", "+info", "+config|get")
    return servers.redis(version, acl=[words], product=product)


def rabbitmq(servers: Servers) -> Server:
    node = servers.rabbitmq("4.0", definitions=RABBITMQ_OBJECTS)
    node.settle()
    return node


def haproxy(servers: Servers) -> Server:
    return servers.haproxy("3.0", level="operator", proxies=PROXIES.format(port=free_port()))


def console(servers: Servers) -> Server:
    databases = ["shop = host=db1 pool_size=9", "blog = host=db2 pool_mode=transaction"]
    return pgbouncer(servers, "1.24", databases=databases, password=PASSWORD)


def messages(servers: Servers) -> Server:
    user = f"authorization {{ users: [ {{ user: parity, password: {PASSWORD} }} ] }}"
    return nats(servers, "2.10", user, 'jetstream { store_dir: "{folder}/js", max_mem: 64MB, max_file: 256MB }')


SERVERS: dict[str, tuple[str, Callable[[Servers], Server]]] = {
    "postgres": ("postgres", postgres),
    "mariadb": ("mysql", mariadb),
    "redis": ("redis", redis),
    "valkey": ("redis", lambda servers: redis(servers, "valkey", "9")),
    "memcached": ("memcached", lambda servers: servers.memcached("1.6.38")),
    "rabbitmq": ("rabbitmq", rabbitmq),
    "haproxy": ("haproxy", haproxy),
    "pgbouncer": ("pgbouncer", console),
    "nats": ("nats", messages),
    "smtp": ("smtp", exim),
    "web": ("http", lambda servers: servers.nginx(server=HEADERS)),
}
"""name of the recording -> kind, function that starts the server"""


STAND_INS: dict[str, tuple[str, Callable[[], AbstractAsyncContextManager[tuple[object, int]]]]] = {
    "elasticsearch": ("elasticsearch", elasticsearch.running),
    "mongodb": ("mongodb", lambda: mongodb.running(replica_set="rs0")),
}
"""likewise of kinds whose servers cannot be had: (kind, stand-in that yields itself and its port)"""


async def record_stand_in(
    name: str, kind: str, start: Callable[[], AbstractAsyncContextManager[tuple[object, int]]]
) -> Conversation:
    async with start() as (_, port):
        return await record(name, kind, {PORT: port})


class RecordingDialer(NetworkDialer):
    """Connects to a real server and records both directions."""

    def __init__(self, target: Target, ports: dict[int, int]) -> None:
        super().__init__(target, 60)
        self._ports = ports
        self.recorded: list[tuple[int, list[Turn]]] = []
        self._relays: set[asyncio.Task[None]] = set()

    async def stream(self, host: str, port: int) -> socket.socket:
        real = await super().stream(host, self._ports[port])
        ours, theirs = stream_pair()
        turns: list[Turn] = []
        self.recorded.append((port, turns))
        self._relays.add(asyncio.create_task(relay(theirs, real, turns)))
        return ours

    async def sh(self, script: str, cap: int = 1 << 30, *, outside: bool = False) -> Output:
        output = await super().sh(script, cap, outside=outside)
        self.recorded.append((SHELL, [Turn(0, output.out)]))
        return output


async def relay(client: socket.socket, server: socket.socket, turns: list[Turn]) -> None:
    """Forward both directions until either side ends; a reply lasts until the client sends again."""
    loop = asyncio.get_running_loop()
    sent = answered = 0

    async def up() -> None:
        nonlocal sent
        while data := await loop.sock_recv(client, 1 << 20):
            sent += len(data)
            await loop.sock_sendall(server, data)

    async def down() -> None:
        nonlocal answered
        while data := await loop.sock_recv(server, 1 << 20):
            if turns and sent == answered:
                turns[-1] = Turn(sent, turns[-1].reply + data)
            else:
                turns.append(Turn(sent, data))
            answered = sent
            await loop.sock_sendall(client, data)

    with client, server:
        both = [asyncio.create_task(up()), asyncio.create_task(down())]
        await asyncio.wait(both, return_when="FIRST_COMPLETED")
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)


async def record(name: str, kind: str, ports: dict[int, int]) -> Conversation:
    """Read a server and return the conversation; ``ports`` are the server's own by those of the recording."""
    target = target_of(kind)
    dialer = RecordingDialer(target, ports)
    async with kinds()[kind].connect(target, dialer) as read:
        for _ in range(READINGS):
            reading = await read()
    lines = tuple(Line(port, tuple(turns)) for port, turns in dialer.recorded)
    sizes = [(line.port, [(turn.sent, len(turn.reply)) for turn in line.turns][:20]) for line in lines]
    print(name, reading.product, reading.version, len(reading.facts), reading.hidden, sizes)  # noqa: T201
    return Conversation(name, kind, lines, READINGS)


def main(wanted: list[str]) -> None:
    """Record the named conversations, all of them by default."""
    fix_bytes()
    with TestServers() as servers:
        for name, (kind, start) in SERVERS.items():
            if not wanted or name in wanted:
                server = start(servers)
                api = getattr(server, "management_port", getattr(server, "monitoring_port", 0))
                ports = {PORT: server.port, MANAGEMENT_PORT: api}
                save(asyncio.run(record(name, kind, ports)))
    for name, (kind, stand_in) in STAND_INS.items():
        if not wanted or name in wanted:
            save(asyncio.run(record_stand_in(name, kind, stand_in)))
    for kind in COMMANDS:
        if kind == "host" and (not wanted or kind in wanted):
            output = (Path(__file__).parents[2] / "services/host/debian.txt").read_bytes()
            lacking = (name for name in SECTIONS if f"@@mark {name}\n".encode() not in output)
            output = b"".join(f"@@mark {name}\n\n".encode() for name in lacking) + output
            line = Line(SHELL, (Turn(0, output.replace(b"@@mark", f"@@{MARK}".encode())),))
            save(Conversation(kind, kind, (line,) * READINGS, READINGS))
        elif kind == "env" and (not wanted or kind in wanted):  # a made-up one: that of a real process is private
            output = f"\n@@{MARK} started 99\n".encode() + ENVIRON + f"\n@@{MARK} end 0\n".encode()
            save(Conversation(kind, kind, (Line(SHELL, (Turn(0, output),)),) * READINGS, READINGS))
        elif not wanted or kind in wanted:
            save(asyncio.run(record(kind, kind, {})))


if __name__ == "__main__":
    main(sys.argv[1:])
