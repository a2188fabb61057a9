"""An hour of a board, compressed: what servers log is what their own clients would have left."""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing
from pathlib import Path

from msgspec.structs import replace

from parity_tui.config import target
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.drift.policy import Policy
from parity_tui.model import TlsMode
from parity_tui.services import kinds
from parity_tui.watcher import Watcher
from tests.authority import Authority

HOUR = 60
"""renewals"""


def rotate(server: Postgres) -> None:
    """Change the password of the login, with a connection open."""
    server.sql("ALTER ROLE parity PASSWORD 'other'")


async def test_hour_leaves_no_line_that_a_client_would_not(servers: Servers, authority: Authority) -> None:
    """A rejected certificate, a rotated password, and servers that nothing happens to."""
    pem = authority.lent("own", servers)
    loud = {"log_connections": "on", "log_disconnections": "on"}
    sql = ["CREATE ROLE parity LOGIN PASSWORD 'sesame'"]
    rotated = servers.postgres("16", password="boss", settings=loud, sql=sql)
    redis = servers.redis("7.0", settings={"loglevel": "verbose"})
    maria = servers.mariadb("10.11", settings={"ssl_cert": pem, "ssl_key": pem, "log_warnings": "9"})
    urls = {
        "rotated": rotated.url("parity", "sesame", "postgres"),
        "redis": redis.url(),
        "maria": maria.url("root"),
        "rejected": maria.url("root"),
    }
    targets = [target("dev", name, url, Path("/"), {}) for name, url in urls.items()]
    targets[-1] = replace(targets[-1], tls=TlsMode.VERIFY_FULL, ca=authority.path("ca"))
    watcher = Watcher(["dev"], targets, kinds(), Policy(), interval=0.02, timeout=20, renewal=0.05)
    redis_connections: set[float] = set()
    boards = 0
    async with asyncio.timeout(120), aclosing(watcher.boards()) as stream:  # type: ignore[type-var]
        async for board in stream:
            found = {outcome.target.service: outcome for outcome in board.outcomes()}
            boards += 1
            if boards == 20:
                await asyncio.to_thread(rotate, rotated)
            redis_connections.add(found["redis"].at)
            if len(redis_connections) > 4 * HOUR and found["rotated"].failure and found["maria"].reading:
                words = maria.words()  # leaving may cancel a login, as renewals follow upon each other here
                break
    assert found["rejected"].failure is not None
    assert found["rejected"].failure.reason == "tls"
    assert found["rotated"].failure is not None
    assert found["rotated"].failure.reason == "auth"
    assert (found["maria"].failure, found["redis"].failure) == (None, None)
    await asyncio.sleep(0.2)
    assert rotated.words().count("password authentication failed") == 1
    assert not re.search("unexpected EOF|could not receive|reset by peer", rotated.words())
    assert not re.search("Protocol error|Error writing|reset by peer", redis.words())
    assert words.count("Aborted connection") <= 1, "as the client mariadb leaves for a rejected certificate"
    assert "reading communication packets" not in maria.words()
