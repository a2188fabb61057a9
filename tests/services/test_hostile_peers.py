"""J1, J2, J18: nothing that a server sends ends, freezes or bloats the process, or passes for a reading."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from parity_tui.model import ServiceError, Target, TlsMode
from parity_tui.services.mysql.connection.conversation import MySQLConversation
from parity_tui.services.postgres.connection.conversation import PostgresConversation
from parity_tui.transport.conversation import Conversation
from tests.proxy import listening, says
from tests.services import scripted_mysql
from tests.services.hostile_peers import CONVERSATIONS, survive
from tests.services.mysql import conversations as mysql
from tests.services.postgres import conversations as postgres
from tests.services.postgres.connections import failure, target

SWITCH = scripted_mysql.packet(2, b"\xfecaching_sha2_password\0saltsaltsaltsaltsalt\0")
TARGET = Target("dev", "it", "postgres", host="db", port=1, user="app")
SASL = postgres.method(10, postgres.MECHANISMS)
# Requests of our client in the well-formed conversation of each kind.
POSTGRES_ASKS = (postgres.message(b"Q", b"COPY (SELECT 1) TO STDOUT (FORMAT 'binary')\0"), b"")
WELL_FORMED = {"postgres": [0, 1], "mysql": [0]}
"""kind -> its conversations that deserve a reading"""
MYSQL_ASKS = (b"\1\0\0\1x", b"\7\0\0\0\3SELECT", b"")


@pytest.mark.parametrize("kind", sorted(CONVERSATIONS))
def test_hostile_servers_neither_end_nor_freeze_us(kind: str) -> None:
    """In child processes; unguarded, 12 conversations end asyncpg by a signal and 19 freeze it."""
    result = survive(kind)
    assert (result.deaths, result.hangs) == ({}, [])
    assert len(result.outcomes) == len(CONVERSATIONS[kind]()) > 200
    assert [number for number, (word, _) in result.outcomes.items() if word == "reading"] == WELL_FORMED[kind]
    assert result.growth < 50_000


def started(kind: str) -> tuple[Conversation, tuple[bytes, ...], tuple[bytes, ...]]:
    """Return a new conversation, the server's parts of it, and the client's request after each."""
    said = CONVERSATIONS[kind]()[0]
    if kind == "mysql":
        return MySQLConversation("db:1"), said, MYSQL_ASKS
    return PostgresConversation(TARGET, lambda method: None), said, POSTGRES_ASKS


@pytest.mark.parametrize("kind", sorted(CONVERSATIONS))
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64, 1000])
def test_message_cut_anywhere_arrives_whole(kind: str, size: int) -> None:
    conversation, said, asks = started(kind)
    for part, ask in zip(said, asks, strict=True):
        released = [conversation.received(part[at : at + size]) for at in range(0, len(part), size)]
        assert b"".join(released) == part
        if size == 1:
            assert all(conversation.received(b"") == b"" for _ in range(2))
        conversation.sent(ask)


@pytest.mark.parametrize("kind", sorted(CONVERSATIONS))
def test_cut_message_is_withheld(kind: str) -> None:
    for cut in range(1, 6):
        conversation, said, asks = started(kind)
        for part, ask in zip(said[:-1], asks, strict=False):
            conversation.received(part)
            conversation.sent(ask)
        released = conversation.received(said[-1][:-cut])
        assert said[-1].startswith(released)
        assert len(released) < len(said[-1]) - cut


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("kind", sorted(CONVERSATIONS))
def test_equal_replies_are_compared_instead_of_checked(kind: str, size: int) -> None:
    conversation, said, asks = started(kind)
    for part, ask in zip(said[:-1], asks, strict=False):
        conversation.received(part)
        conversation.sent(ask)
    assert conversation.received(said[-1]) == said[-1]
    conversation.check = None  # type: ignore[assignment, method-assign]
    for _ in range(2):
        conversation.sent(asks[-2])
        assert (
            b"".join(conversation.received(said[-1][at : at + size]) for at in range(0, len(said[-1]), size))
            == said[-1]
        )


@pytest.mark.parametrize(
    ("kind", "at"),
    [("mysql", 0), ("mysql", 3), ("mysql", 40), ("mysql", -5), ("postgres", 0), ("postgres", 3), ("postgres", -5)],
)
def test_reply_that_differs_late_is_checked(kind: str, at: int) -> None:
    conversation, said, asks = started(kind)
    for part, ask in zip(said[:-1], asks, strict=False):
        conversation.received(part)
        conversation.sent(ask)
    conversation.received(said[-1])
    conversation.sent(asks[-2])
    changed = bytearray(said[-1])
    changed[at] ^= 0x80

    def receive() -> None:
        for byte in changed:
            conversation.received(bytes([byte]))

    with pytest.raises(ServiceError):
        receive()


def test_request_amid_an_equal_reply_is_checked() -> None:
    conversation, said, asks = started("postgres")
    for part, ask in zip(said[:-1], asks, strict=False):
        conversation.received(part)
        conversation.sent(ask)
    conversation.received(said[-1])
    conversation.sent(asks[0])
    assert conversation.received(said[-1][:10]) == b""
    conversation.sent(asks[0])
    assert conversation.received(said[-1][10:]) == said[-1]
    assert conversation.received(said[1]) == said[1]
    assert conversation.idle


def test_many_pieces_of_a_message_cost_little() -> None:
    """A message of a megabyte in single bytes is looked at twice, not a million times."""
    conversation = PostgresConversation(TARGET, lambda method: None)
    conversation.received(postgres.LOGIN)
    conversation.sent(POSTGRES_ASKS[0])
    looks = []
    check = conversation.check

    def counted(data: bytes | bytearray) -> tuple[int, int]:
        looks.append(len(data))
        return check(data)

    conversation.check = counted  # type: ignore[method-assign]
    big = postgres.message(b"E", b"M" + b"x" * 100_000 + b"\0\0")
    released = b"".join(conversation.received(big[at : at + 1]) for at in range(len(big)))
    assert released == big
    assert len(looks) <= 5


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (postgres.method(11), "a message R when none is due"),
        (postgres.LOGIN + b"\0\0\0\0\4", "a message of type 0 when none is due"),
        (SASL + postgres.method(11, b"r=a,s=YQ==,i=2000000000"), "2,000,000,000 rounds"),
        (postgres.ACCEPTED + postgres.parameter("a", "b") * 501, "sends more than any PostgreSQL would"),
        (postgres.ACCEPTED + postgres.READY, "it reports no version"),
        (postgres.ACCEPTED + postgres.parameter("server_version", "Postgre" * 20), "a message S is malformed"),
        (postgres.message(b"E", b"C28P01\0Mm\xe9chant\0\0"), "rejects the password of app"),
        (postgres.method(7), "requires app to log in by GSSAPI, which is not supported"),
    ],
    ids=["sasl", "type-0", "rounds", "parameters", "version", "long-version", "latin1", "gssapi"],
)  # fmt: skip
def test_hostile_postgres_is_explained(said: bytes, words: str) -> None:
    with pytest.raises(ServiceError, match=words):
        started("postgres")[0].received(said)


@pytest.mark.parametrize("rounds", [1, 4096, 100_000])
def test_usual_rounds_of_hashing_are_accepted(rounds: int) -> None:
    said = SASL + postgres.method(11, b"r=a,s=YQ==,i=%d" % rounds)
    assert started("postgres")[0].received(said) == said


@pytest.mark.parametrize("tls", [TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL, TlsMode.REQUIRE, TlsMode.OFF])
def test_only_verified_server_may_ask_for_many_rounds(tls: TlsMode) -> None:
    conversation = PostgresConversation(replace(TARGET, tls=tls), lambda method: None)
    said = SASL + postgres.method(11, b"r=a,s=YQ==,i=600000")
    if tls in (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL):
        assert conversation.received(said) == said
    else:
        with pytest.raises(ServiceError, match=r"600,000 rounds .* which only a server may that TLS verifies"):
            conversation.received(said)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (scripted_mysql.packet(1, b"\xfb/etc/passwd"), "requests a file of this machine, which is not sent"),
        (scripted_mysql.packet(1, b"\0\0\0\x0a\0\0\0"), "more results than were asked for"),
        (scripted_mysql.packet(2, scripted_mysql.OK), "packet 2 where packet 1 is due"),
        (scripted_mysql.packet(1, scripted_mysql.OK) * 2, "packet 1 where packet 2 is due"),
        (mysql.packets(scripted_mysql.OK, scripted_mysql.OK), "a packet when none is due"),
    ],
    ids=["file", "results", "number", "twice", "unasked"],
)
def test_hostile_mysql_is_explained(said: bytes, words: str) -> None:
    conversation, _, asks = started("mysql")
    conversation.received(mysql.GREETING)
    conversation.sent(asks[0])
    conversation.received(mysql.ACCEPTED)
    conversation.sent(asks[1])
    with pytest.raises(ServiceError, match=words):
        conversation.received(said)


def test_packets_before_tls_are_forgotten() -> None:
    """Their sender is not known."""
    conversation = MySQLConversation("db:1")
    conversation.received(mysql.GREETING)
    conversation.sent(b"\1\0\0\1x")
    conversation.received(mysql.ACCEPTED + b"\7")
    conversation.start_tls()
    conversation.sent(b"\1\0\0\2x")
    assert conversation.received(scripted_mysql.packet(3, scripted_mysql.OK)) == scripted_mysql.packet(
        3, scripted_mysql.OK
    )


@pytest.mark.parametrize(
    "steps",
    [
        (scripted_mysql.packet(2, b"\1\3") + scripted_mysql.packet(3, scripted_mysql.OK),),
        (scripted_mysql.packet(2, b"\1\4"), scripted_mysql.packet(4, scripted_mysql.OK)),
        (SWITCH, scripted_mysql.packet(4, b"\1\3") + scripted_mysql.packet(5, scripted_mysql.OK)),
        (SWITCH, scripted_mysql.packet(4, b"\1\4"), scripted_mysql.packet(6, scripted_mysql.OK)),
        (SWITCH, scripted_mysql.packet(4, scripted_mysql.OK)),
    ],
    ids=["known", "full", "switch, known", "switch, full", "switch"],
)
def test_every_way_of_a_login_is_accepted(steps: tuple[bytes, ...]) -> None:
    conversation = MySQLConversation("db:1")
    conversation.received(scripted_mysql.greeting(plugin=b"caching_sha2_password"))
    for number, step in enumerate(steps):
        conversation.sent(b"\1\0\0" + bytes([1 + 2 * number]) + b"x")
        assert conversation.received(step) == step
    assert conversation.idle


def test_password_is_not_kept_after_the_login() -> None:
    conversation = PostgresConversation(TARGET, lambda method: None)
    conversation.received(postgres.method(3))
    conversation.sent(postgres.message(b"p", b"swordfish\0"))
    conversation.received(postgres.LOGIN)
    assert b"swordfish" not in repr(vars(conversation)).encode()


@pytest.mark.parametrize("tls", ["off", "prefer", "verify-full"])
async def test_step_of_sasl_before_sasl_is_a_failure(tls: str) -> None:
    """J1, as it comes over the network."""
    async with listening(says(b"N", postgres.method(11)) if tls != "off" else says(postgres.method(11))) as port:
        result = await failure(target(port, tls=tls))
    expected = "offers no TLS" if tls == "verify-full" else "a message R when none is due"
    assert result.message.endswith(expected)
