"""Readings of configurations without a server."""

from __future__ import annotations

from parity_tui.model import Reading
from parity_tui.services import redact_reading
from parity_tui.services.apache import SERVICE
from parity_tui.services.apache.parse import parse
from tests.services import web


def drift(*readings: Reading) -> set[str]:
    """Return the names of drifting settings."""
    return web.drift(*readings, kind="apache")


def made(config: str, version: str = "2.4.71") -> Reading:
    """Return the reading of a configuration without a server, as printed by DUMP_CONFIG."""
    lines = [f"#  {number}:\n{line}" for number, line in enumerate(config.split("\n"), 1)]
    output = {
        "version": f"Server version: Apache/{version} (Debian)\nServer MPM:     event",
        "run": " core_module (static)",
        "result 0": "",
        "config": "\n".join(["# In file: /etc/apache2/apache2.conf", *lines]),
        "end": "",
    }
    return redact_reading(parse(output, "web1"), SERVICE)
