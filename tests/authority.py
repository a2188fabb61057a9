"""Certificates for the tests: valid ones, and some that no client should accept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from parity_tui.demo.servers import Servers

HERE = ("127.0.0.1",)
NOW = datetime.now(UTC)
LASTS = {"valid": 300, "soon": 10, "expired": -5, "client": 300, "own": 300}
"""days until each certificate expires; "own" is of another authority"""


class Authority:
    """PEM files by name; each certificate has its key in the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        good, other = trustme.CA(organization_name="Good CA"), trustme.CA(organization_name="Other CA")
        self._texts = {"ca": good.cert_pem.bytes().decode()}
        for name, days in LASTS.items():
            issuer = other if name == "own" else good
            certificate = issuer.issue_cert(
                *(("parity",) if name == "client" else HERE),
                not_before=NOW - timedelta(days=40),
                not_after=NOW + timedelta(days=days),
            )
            self._texts[name] = certificate.private_key_and_cert_chain_pem.bytes().decode()
        for name, text in self._texts.items():
            Path(self.path(name)).write_text(text)

    def path(self, name: str) -> str:
        """Return the file of "ca" or of a certificate, for clients."""
        return str(self._folder / f"{name}.pem")

    def text(self, name: str) -> str:
        """Return the text of the file, for servers that need one of their own."""
        return self._texts[name]

    def lent(self, name: str, servers: Servers) -> str:
        """Return a copy of the file that servers can read."""
        return str(servers.file(f"{name}.pem", self._texts[name]))

    @staticmethod
    def end(name: str) -> str:
        """Return the last day of a certificate, such as 2026-12-31."""
        return (NOW + timedelta(days=LASTS[name])).date().isoformat()
