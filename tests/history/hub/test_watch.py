"""`parity-tui watch` on a hub: one of several watchers asks the servers and announces."""

from __future__ import annotations

import signal
from pathlib import Path

from parity_tui.demo.servers import Servers
from parity_tui.model import Target
from tests.daemon.program import Watching, two_environments


def test_other_host_takes_over_without_a_second_announcement(servers: Servers, hub: Target, tmp_path: Path) -> None:
    dev = servers.valkey("9", settings={"maxmemory-policy": "allkeys-lru"})
    production = servers.valkey("9")
    url = f'history = "postgresql://{hub.user}@{hub.address}/{hub.path}?sslmode=disable"'
    hosts = [tmp_path / name for name in ("one", "two")]
    for host in hosts:
        host.mkdir()
        two_environments(host, dev, production, url)
    with Watching(hosts[0], "--config", "parity.toml") as first:
        first.event("new", setting="maxmemory-policy")
        with Watching(hosts[1], "--config", "parity.toml", "--metrics", "m.prom") as second:
            second.until(lambda: "this one waits" in second.words)
            dev.do("CONFIG", "SET", "slowlog-max-len", "129")
            first.event("new", setting="slowlog-max-len")
            second.until(lambda: 'severity="info"} 1.0' in (hosts[1] / "m.prom").read_text())
            first.end(signal.SIGKILL)
            second.begun()
            dev.do("CONFIG", "SET", "maxmemory-policy", "noeviction")
            second.event("resolved", setting="maxmemory-policy")
            assert second.end() == 143
    assert second.kinds(kind="new") == []
