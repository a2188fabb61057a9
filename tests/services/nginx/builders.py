"""Readings of configurations without a server."""

from __future__ import annotations

from parity_tui.model import Reading
from parity_tui.services import redact_reading
from parity_tui.services.nginx import SERVICE
from parity_tui.services.nginx.parse import parse
from parity_tui.services.nginx.parse.output import ScriptOutput
from tests.services import web

BUILD = "nginx version: nginx/1.22.1\nconfigure arguments: --with-http_v2_module --with-stream=dynamic"


def drift(*readings: Reading) -> set[str]:
    """Return the names of drifting settings."""
    return web.drift(*readings, kind="nginx")


def made(text: str, build: str = BUILD, **includes: str) -> Reading:
    """Return the reading of a configuration without a server; ``includes`` are further files: name -> text."""
    files = {f"/etc/nginx/{name}.conf": part for name, part in {"nginx": text, **includes}.items()}
    matches = {f"{name}.conf": [f"/etc/nginx/{name}.conf"] for name in includes}
    output = ScriptOutput(build, "/etc/nginx/nginx.conf", files, matches, whole=True)
    return redact_reading(parse(output, "web1"), SERVICE)


def http(text: str) -> Reading:
    """Return the reading of a configuration whose http block has this content."""
    return made(f"events {{}} http {{ {text} }}")
