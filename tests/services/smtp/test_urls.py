"""The URLs of mail servers, as frameworks write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_tui.config import target
from parity_tui.config.app_url import understand
from parity_tui.services.smtp.connection import speaks_tls_first


@pytest.mark.parametrize(
    ("url", "port", "tls", "first"),
    [
        ("smtp://mail", 25, "prefer", False),
        ("smtp://app:s3cr@mail:2525", 2525, "prefer", False),
        ("smtps://app:s3cr@mail", 465, "verify-full", True),
        ("smtps://app:s3cr@mail:587", 587, "verify-full", False),
        ("submission://app:s3cr@mail", 587, "prefer", False),
        ("smtp://mail:465", 465, "prefer", True),
        ("smtp://mail?tls=require", 25, "require", False),
    ],
)
def test_scheme_and_port_decide_how_tls_begins(url: str, port: int, tls: str, first: bool) -> None:
    where = target("dev", "mail", url, Path("/"), {})
    assert (where.kind, where.port, str(where.tls)) == ("smtp", port, tls)
    assert speaks_tls_first(where) is first


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("smtp+ssl://app:s3cr@mail:465", "smtps"),
        ("smtp+tls://app:s3cr@mail:587", "smtp"),
        ("submissions://mail", "smtps"),
        ("smtps://app:s3cr@mail:465?verify_peer=0", "smtps"),
        ("smtp://app:s3cr@mail:587?ssl=True&timeout=5", "smtp"),
    ],
)
def test_spellings_of_frameworks_are_understood(url: str, scheme: str) -> None:
    understood = understand(url)
    assert understood is not None
    assert understood.scheme == scheme
