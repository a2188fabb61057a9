"""Messages of refused logins: our own words stay, a secret within the text of a server does not."""

from __future__ import annotations

import ast
import asyncio
from base64 import b64encode
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.config import target
from parity_tui.crash_report import format_crash
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.model import Failure, Reason, ServiceError, Target, TlsMode
from parity_tui.secrets import REDACTED, Secret
from parity_tui.services import kinds
from parity_tui.services.elasticsearch.errors import words_of as elasticsearch_words
from parity_tui.services.memcached.parse import parse as parse_memcached
from parity_tui.services.mongodb.errors import why_hidden as mongodb_words
from parity_tui.services.mysql.errors import describe_error as describe_mysql
from parity_tui.services.rabbitmq.connection import describe_refusal
from parity_tui.services.rabbitmq.queries import parse_reply as parse_rabbitmq
from parity_tui.services.redis.errors import Refusal, login_rejected
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.errors import describe
from parity_tui.transport.foreign import foreign
from parity_tui.transport.http import Reply
from parity_tui.transport.ssh.errors import describe_exit
from tests.proxy import listening

WORDS = ("password", "guest", "wrong", "user")
"""passwords that are words of our sentences"""
KINDS = ("postgres", "mariadb", "redis", "valkey", "rabbitmq", "memcached")


@pytest.fixture(scope="module")
def refusing(servers: Servers) -> dict[str, Server]:
    """Servers that refuse the user app."""
    return {
        "postgres": servers.postgres("16", password="other", sql=["CREATE ROLE app LOGIN PASSWORD 'its own'"]),
        "mariadb": servers.mariadb("10.11", sql=["CREATE USER app@'%' IDENTIFIED BY 'its own'"]),
        "redis": servers.redis("7.0", password="other"),
        "valkey": servers.valkey("9", password="other"),
        "rabbitmq": servers.rabbitmq("3.10"),
        "memcached": servers.memcached("1.6.38", login=("app", "its own")),
    }


async def failure(where: Target) -> Failure:
    try:
        async with kinds()[where.kind].connect(where, NetworkDialer(where, 20)) as read:
            await read()
    except Exception as error:
        return describe(error, where, 20)
    pytest.fail("it did not fail")


@pytest.mark.parametrize("kind", KINDS)
async def test_refused_login_is_described_in_our_own_words(kind: str, refusing: dict[str, Server]) -> None:
    server = refusing[kind]
    where = target("dev", "it", server.url("app"), Path("/"), {})
    expected = await failure(replace(where, password=lambda: Secret("Zx81-kQ0pLm4")))
    assert expected.reason is Reason.AUTH
    assert REDACTED not in expected.message
    for word in (*WORDS, "127"):
        Secret(word)  # another target's
        assert await failure(replace(where, password=lambda word=word: Secret(word))) == expected


@pytest.mark.parametrize("word", [*WORDS, "Zx81-kQ0pLm4"])
def test_secret_within_the_text_of_a_server_is_redacted(word: str) -> None:
    Secret(word)
    here = Target("dev", "it", "mysql", host="db", port=1, user="app")
    errors: list[Exception | None] = [
        login_rejected(Refusal("ERR", f"auth {word} refused"), here),
        describe_refusal(OSError(), 541, f"so {word} it", "db:1", "app", "/"),
        ServiceError(Reason.SERVER, f"db:1 returned an error: {foreign(f'not {word}!')}"),
        OSError(f"strange {word} failure"),
    ]
    for error in errors:
        assert error is not None
        assert word not in describe(error, here, 3).message.partition(": ")[2]


def test_error_of_mysql_is_redacted_where_it_is_foreign() -> None:
    asyncmy = pytest.importorskip("asyncmy.errors")
    Secret("error")
    described = describe_mysql(
        asyncmy.OperationalError(4000, "an error of it"), Target("", "", "mysql", host="db"), True
    )
    assert str(described) == f"db returned an error: an {REDACTED} of it"


def test_unmistakable_secret_is_redacted_even_in_a_careless_message() -> None:
    """A plug-in may put it there."""
    Secret("Zx81-kQ0pLm4")
    here = Target("dev", "it", "plugin", host="db")
    assert describe(ServiceError("auth", "no Zx81-kQ0pLm4"), here, 3).message == f"no {REDACTED}"
    assert describe(ServiceError("auth", "no redis://a:b@h"), here, 3).message == f"no redis://a:{REDACTED}@h"


def test_crash_report_keeps_the_lines_of_our_source() -> None:
    for word in ("Exception", "raise", "format_crash", "line", "Traceback"):
        Secret(word)
    try:
        raise ValueError("a raise of Exception")
    except ValueError as error:
        report = format_crash(error)
    assert "Traceback (most recent call last)" in report
    assert 'raise ValueError("a raise of Exception")' in report
    assert report.endswith(f"ValueError: a {REDACTED} of {REDACTED}")


@pytest.mark.parametrize("at", range(170, 215))
async def test_secret_is_not_shown_in_part_where_a_message_is_cut(at: int) -> None:
    """A message is cut after its secrets are redacted: of one that is cut first, a part would be left."""
    password = "correct-horse-battery-staple-17"
    words = f"{'x' * (at - 1)} {password} {'y ' * 200}"
    Secret(password)
    shown = [
        foreign(words, 200),
        Refusal.of(f"ERR {words}").text,
        str(describe_refusal(OSError(), 541, words, "db:1", "app", "/")),
        elasticsearch_words(Reply(503, f'{{"error": "{words}"}}'.encode())),
        parse_rabbitmq(Reply(500, f'{{"reason": "{words}"}}'.encode())).why,
        mongodb_words({"code": 8000, "errmsg": words}),
        describe_exit(words, "bastion"),
        parse_memcached({b"version": b"1.6"}, words, "mc:1").hidden[0][1],
    ]
    assert [text for text in shown if password[:4] in text] == []


def test_no_text_is_cut_before_it_is_redacted() -> None:
    package = Path(__file__).parents[1] / "parity_tui"
    cut = [
        f"{path.relative_to(package)}:{call.lineno}"
        for path in package.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "foreign"
        if isinstance(each := call.args[0], ast.Subscript) and isinstance(each.slice, ast.Slice) and each.slice.upper
    ]
    assert cut == []


@pytest.mark.parametrize("password", ["s3cr", "two  blanks\tand a tab", "pässwörd", "a/b@c:d%e", "not \udce9 UTF-8"])
@pytest.mark.parametrize("kind", ["smtp", "elasticsearch"])
async def test_login_in_base64_that_a_server_repeats_is_redacted(kind: str, password: str) -> None:
    """It holds the password as clearly as the clear text does."""
    banner = b"220 mx ESMTP\r\n" if kind == "smtp" else b""
    async with listening(lambda *streams: repeat(banner, *streams)) as port:
        here = Target("dev", "it", kind, kind, "127.0.0.1", port, user="app", tls=TlsMode.OFF)
        here = replace(here, password=lambda: Secret(password))
        said = (await failure(here)).message
    assert f"repeats {REDACTED}" in said
    for login in (f"app:{password}", f"\0app\0{password}"):
        encoded = b64encode(login.encode(errors="surrogateescape")).decode()
        assert encoded.rstrip("=") not in said


async def repeat(banner: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer a login by its last word."""
    writer.write(banner)
    while line := await reader.readline():
        words = line.split() or [b""]
        if words[0] == b"EHLO":
            writer.write(b"250-mx\r\n250 AUTH PLAIN\r\n")
        elif words[0] in (b"AUTH", b"authorization:", b"Authorization:"):
            body = b'{"error": "it repeats %s"}' % words[-1]
            head = b"HTTP/1.1 500 No\r\ncontent-length: %d\r\n\r\n" % len(body)
            writer.write(b"535 it repeats " + words[-1] + b"\r\n" if banner else head + body)


def test_secret_is_redacted_also_where_a_text_was_put_into_one_line() -> None:
    Secret("two  blanks\tand a tab")
    assert foreign("no two blanks and a tab here") == f"no {REDACTED} here"
