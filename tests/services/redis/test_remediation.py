"""The commands that would set a value."""

from __future__ import annotations

import re

from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from parity_tui.model import Fact, State
from parity_tui.services.redis.remediation import remediate
from tests.services.redis.builders import another, drift, reading


def test_command_depends_on_the_setting() -> None:
    """A command, a line of the file where a restart is needed, and nothing for facts and secrets."""
    fact = Fact("noeviction", source="CONFIG GET")
    after = "   # then CONFIG REWRITE, or it is lost at the next restart"
    assert remediate("maxmemory-policy", "allkeys-lru", fact) == f"CONFIG SET maxmemory-policy allkeys-lru{after}"
    assert remediate("save", "", fact) == f'CONFIG SET save ""{after}'
    assert remediate("appendonly", "1", fact) == f"CONFIG SET appendonly yes{after}"
    assert remediate("io-threads", "4", fact) == "io-threads 4   # in the server's configuration file, then a restart"
    for name in ("module.search", "os", "role", "version", "requirepass", "password required"):
        assert remediate(name, "x", fact) == ""
    assert remediate("hz", "10", Fact(state=State.HIDDEN)) == ""


async def test_real_servers_obey_the_command(servers: Servers, each: Redis) -> None:
    server = another(servers, each)
    fact = Fact("", source="CONFIG GET")
    for name, wanted in (("save", "900 1 300 10"), ("client-output-buffer-limit", "pubsub 0 0 0"), ("hz", "20")):
        words = re.findall(r'"[^"]*"|\S+', remediate(name, wanted, fact).partition("   #")[0])
        assert server.do(*(word.strip('"') for word in words)) == "+OK"
    assert drift(await reading(each.port), await reading(server.port)) == {"save", "client-output-buffer-limit", "hz"}
