"""Recorded conversations of every kind: what a client asked for, by its length, and the server's replies."""

from __future__ import annotations

import lzma
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from parity_tui.model import Target, TlsMode
from tests.builders import target

FOLDER = Path(__file__).parent / "recordings"
PASSWORD = "open-sesame"
HOST = "127.0.0.1"
PORT, MANAGEMENT_PORT = 1, 2
"""in recordings"""
SHELL = 0
"""the port under which the output of a script is recorded"""
MARK = "0123456789abcdef"
"""of the scripts that separate their sections by a random mark"""
NO_TLS = -1


class Turn(Struct, frozen=True):
    """One reply."""

    sent: int
    """bytes that the client has sent on this connection before the reply"""
    reply: bytes


class Line(Struct, frozen=True):
    """One connection."""

    port: int
    turns: tuple[Turn, ...]
    tls_at: int = NO_TLS
    """bytes that the client has sent before TLS begins"""

    @property
    def size(self) -> int:
        """Bytes of all replies."""
        return sum(len(turn.reply) for turn in self.turns)

    @property
    def stream(self) -> bytes:
        """All replies."""
        return b"".join(turn.reply for turn in self.turns)


class Conversation(Struct, frozen=True):
    """All connections of one client."""

    name: str
    kind: str
    lines: tuple[Line, ...]
    readings: int = 2
    """how often the client reads"""

    def target(self, ca: str = "") -> Target:
        """Return the target to which the recorded client was connected; ``ca`` is the authority of the replay's TLS."""
        return target_of(self.kind, ca if self.encrypted else "")

    @property
    def encrypted(self) -> bool:
        return any(line.tls_at != NO_TLS for line in self.lines)


COMMANDS: Mapping[str, str] = {"apache": "", "env": "/1234", "host": "", "nginx": "", "runtime": "python3"}
"""kinds that run a script -> the path of their URL"""
APIS = {"rabbitmq": "management", "nats": "monitoring"}
"""option that holds the address of a kind's HTTP API"""
USERS = {"haproxy": "", "memcached": "", "smtp": "", "http": "", "mongodb": "", "rabbitmq": "guest"}


def target_of(kind: str, ca: str = "") -> Target:
    """Return the target of a recorded or replayed server; with ``ca`` it speaks TLS."""
    if kind in COMMANDS:
        return target(kind=kind, scheme=f"{kind}+local", host="", port=0, path=COMMANDS[kind])
    user = USERS.get(kind, "parity")
    password = {"guest": "guest", "": None}.get(user, PASSWORD)
    api = f"http{'s' * bool(ca)}://{HOST}:{MANAGEMENT_PORT}"
    return target(
        kind=kind,
        port=PORT,
        user=user,
        password=password,
        path="postgres" if kind == "postgres" else "/" if kind == "rabbitmq" else "",
        tls=TlsMode.VERIFY_FULL if ca else TlsMode.OFF,
        ca=ca,
        options={APIS[kind]: api} if kind in APIS else {},
    )


def save(conversation: Conversation) -> None:
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{conversation.name}.xz").write_bytes(lzma.compress(msgspec.msgpack.encode(conversation)))


@cache
def load(name: str) -> Conversation:
    """Return a recording; of `NAME+tls` the recording NAME as it would be inside TLS."""
    plain, _, tls = name.partition("+")
    conversation = msgspec.msgpack.decode(lzma.decompress((FOLDER / f"{plain}.xz").read_bytes()), type=Conversation)
    return _encrypted(conversation) if tls else conversation


def names() -> list[str]:
    """Return the recordings, and the variants inside TLS of those with connections."""
    plain = sorted(path.stem for path in FOLDER.glob("*.xz"))
    return [each for name in plain for each in (name, *([f"{name}+tls"] if load(name).kind not in COMMANDS else []))]


def _encrypted(conversation: Conversation) -> Conversation:
    lines = tuple(ENCRYPT.get(conversation.kind, _from_start)(line) for line in conversation.lines)
    if conversation.kind == "http":  # it asks on two more connections which TLS the server speaks
        lines += (Line(PORT, (), 0), Line(PORT, (), 0))
    return replace(conversation, name=f"{conversation.name}+tls", lines=lines)


def _from_start(line: Line) -> Line:
    return replace(line, tls_at=0)


def _after_request(line: Line) -> Line:
    """PostgreSQL: the client's request of 8 bytes is answered by S."""
    turns = (Turn(8, b"S"), *(replace(turn, sent=turn.sent + 8) for turn in line.turns))
    return replace(line, turns=turns, tls_at=8)


def _after_greeting(line: Line) -> Line:
    """MySQL: a packet of 36 bytes asks for TLS, so that the number of the packet that answers the login is one more."""
    greeting, login, *rest = line.turns
    answer = login.reply[:3] + bytes([login.reply[3] + 1]) + login.reply[4:]
    turns = (greeting, *(replace(turn, sent=turn.sent + 36) for turn in (replace(login, reply=answer), *rest)))
    return replace(line, turns=turns, tls_at=36)


def _after_info(line: Line) -> Line:
    """NATS: the greeting asks for TLS; the monitoring speaks it from the start."""
    if line.port != PORT:
        return _from_start(line)
    greeting, *rest = line.turns
    asking = greeting.reply.replace(b"{", b'{"tls_required":true,', 1)
    return replace(line, turns=(replace(greeting, reply=asking), *rest), tls_at=0)


def _after_starttls(line: Line) -> Line:
    """SMTP: EHLO offers TLS, STARTTLS of 10 bytes asks for it, and EHLO asks again within it."""
    banner, offer, *rest = line.turns
    inside = offer.sent + 10
    offering = replace(offer, reply=offer.reply.replace(b"250-SIZE", b"250-STARTTLS\r\n250-SIZE", 1))
    again = [replace(turn, sent=turn.sent + inside) for turn in (offer, *rest)]
    return replace(line, turns=(banner, offering, Turn(inside, b"220 go\r\n"), *again), tls_at=inside)


ENCRYPT = {
    "postgres": _after_request,
    "pgbouncer": _after_request,
    "mysql": _after_greeting,
    "nats": _after_info,
    "smtp": _after_starttls,
}
