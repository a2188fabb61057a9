"""The kinds that there really are: each can be written into a configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_tui import services
from parity_tui.config import parse
from parity_tui.config.target import MODES


@pytest.fixture(autouse=True)
def _made_up_kinds() -> None:
    """Leave the kinds as they are."""


@pytest.mark.parametrize("scheme", services.schemes())
def test_every_scheme_of_every_kind_gives_a_target_of_that_kind(scheme: str) -> None:
    """With the port and the mode of TLS of its kind."""
    kind = services.schemes()[scheme]
    service = services.kinds()[kind]
    place = "ann@host" if service.port else "place" if scheme.endswith(("+ssh", "+docker")) else ""
    url = f"{scheme}://{place}/x"
    target = parse(f"[environments.dev.services]\nit = '{url}'\n", "parity.toml", {}, Path("/srv")).targets[0]
    assert (target.kind, target.scheme, target.tls in MODES) == (kind, scheme, True)
    assert bool(target.port) == bool(service.port)
    assert (target.tls == "verify-full") == (scheme in service.tls_schemes)
