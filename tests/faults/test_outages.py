"""An outage of a real server, across boards in a terminal, reports and the history."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from parity_tui.demo.servers import Servers
from tests.faults.program import finish, start, write_config
from tests.faults.test_history import board, leave


def output(home: Path, *words: str) -> Any:
    """Run a command on the configuration and return its JSON."""
    command, *options = words
    _, out, error = finish(start(command, "--config", home / "parity.toml", "--format", "json", *options, folder=home))
    assert out, error
    return json.loads(out)


def failed_reading(home: Path) -> dict[str, Any]:
    (service,) = output(home, "check")["services"]
    reading: dict[str, Any] = service["readings"]["staging"]
    return reading


def test_outage_keeps_its_since_across_boards(servers: Servers, tmp_path: Path) -> None:
    steady, server = servers.redis("7.0"), servers.redis("7.0")
    entries = "".join(
        f'[environments.{name}.services]\ncache = "{each.url()}"\n'
        for name, each in (("production", steady), ("staging", server))
    )
    write_config(tmp_path, f'interval = "0.3s"\n{entries}')
    with board(tmp_path) as first:
        server.kill()
        first.see("staging cache: refused the connection")
        first.see("✗ refused")
        first.quiet(2)
        leave(first)
    reading = failed_reading(tmp_path)
    (begin,) = output(tmp_path, "history")["changes"]
    assert (reading["state"], reading["reason"], reading["since"]) == ("failed", "refused", begin["began"])
    assert (begin["kind"], begin["ended"]) == ("failed", None)
    with board(tmp_path) as second:
        second.see("✗ refused")
        assert b"since you last looked" not in second.written
        server.start()
        second.see("staging cache: answers again after")
        second.quiet(2)
        leave(second)
    assert "since" not in failed_reading(tmp_path)
    newest, oldest = output(tmp_path, "history", "--since", "1h")["changes"]
    assert (newest["kind"], newest["began"], oldest["kind"]) == ("recovered", begin["began"], "failed")
