"""Endpoints that answer something else, or without end: each is a failure of its target, in words."""

from __future__ import annotations

import asyncio
import json

import pytest
from msgspec.structs import replace

from parity_tui.drift.policy import Policy
from parity_tui.model import Outcome, ServiceError
from parity_tui.secrets import Secret
from parity_tui.services import kinds
from parity_tui.watcher import Watcher
from tests.proxy import Script, listening
from tests.services.app.builders import ONE, app, read, target

TOKEN = "https://sso.example/login?token=fish"


@pytest.mark.parametrize(
    ("status", "headers", "body", "reason", "message"),
    [
        (302, {"Location": TOKEN}, "", "protocol", "redirects to https://sso.example/login, which is not followed"),
        (301, {}, "", "protocol", "redirects to nowhere"),
        (200, {"Content_Type": "text/html"}, "<html>v1.4</html>", "protocol", "a page for browsers"),
        (200, {}, "OK", "protocol", "names no build: none of the keys commit, sha"),
        (200, {}, '{"status": "UP", "db": {"version": "16.4"}}', "protocol", "names no build"),
        (200, {}, '{"commit": "unknown", "version": ""}', "protocol", "names no build"),
        (200, {}, "[" * 60_000, "protocol", "names no build"),
        (401, {}, "", "auth", "wants a login: write a user in the URL, and password_env names the variable"),
        (403, {}, "", "forbidden", "is forbidden (403)"),
        (404, {}, "", "server", "answers with the status 404"),
        (503, {}, "", "server", "answers with the status 503"),
        (200, {}, "x" * 70_000, "protocol", "sends more than 65,536 bytes for one answer"),
    ],
)  # fmt: skip
async def test_unusable_reply_fails_in_words(
    status: int, headers: dict[str, str], body: str, reason: str, message: str
) -> None:
    with app() as served:
        served.show("/version", body, status, **headers)
        with pytest.raises(ServiceError) as caught:
            await read(target(served.port, "version"))
        assert caught.value.reason == reason
        assert message in caught.value.message
        assert "fish" not in caught.value.message


async def test_rejected_login_is_no_missing_one() -> None:
    with app() as served:
        served.show("/version", "", 401)
        with pytest.raises(ServiceError, match="does not take this user and password"):
            await read(target(served.port, "version", user="ann", password="fish"))
        served.show("/version", json.dumps({"commit": ONE}))
        await read(target(served.port, "version", user="ann", password="fish"))
        assert Secret("fish") is not None


async def test_endpoint_without_any_build_names_the_paths() -> None:
    with app() as served:
        with pytest.raises(ServiceError, match=r"names no build at /__version__, /version, .*: name the path"):
            await read(target(served.port))
        served.show("/version", "", 401)
        with pytest.raises(ServiceError, match="/version wants a login"):
            await read(target(served.port))


async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while True:
        writer.write(b"x" * 100_000)
        await writer.drain()


async def dripping(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def outcome(port: int) -> Outcome:
    """Return the outcome of one attempt of a watcher with a short timeout."""
    watcher = Watcher(["dev"], [target(port, "version")], kinds(), Policy(), timeout=0.5, once=True)
    async for _ in watcher.boards():
        pass
    (found,) = watcher.board.outcomes()
    return found


@pytest.mark.parametrize(
    ("script", "reason", "message"),
    [(endless, "protocol", "more than"), (dripping, "timeout", "0.5 s")],
)
async def test_endless_reply_ends_within_budget_and_timeout(script: Script, reason: str, message: str) -> None:
    async with listening(script) as port:
        failure = (await outcome(port)).failure
        assert failure is not None
        assert (failure.reason, message in failure.message) == (reason, True), failure


async def test_failing_app_leaves_the_others_alone() -> None:
    with app() as served:
        served.show("/version", json.dumps({"commit": ONE}))
        good, bad = target(served.port, "version"), target(served.port, "nothing", node="")
        watcher = Watcher(["dev", "eu"], [good, replace(bad, environment="eu")], kinds(), Policy(), once=True)
        async for _ in watcher.boards():
            pass
        dev, eu = watcher.board.outcomes()
        assert dev.reading is not None
        assert eu.failure is not None
