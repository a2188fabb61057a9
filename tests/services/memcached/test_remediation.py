"""The options that would set a value."""

from __future__ import annotations

import pytest

from parity_tui.model import ABSENT
from parity_tui.services.memcached.remediation import remediate


@pytest.mark.parametrize(
    ("setting", "wanted", "command"),
    [
        ("maxconns", "2048", "memcached -c 2048"),
        ("cas_enabled", "no", "memcached -C"),
        ("cas_enabled", "yes", "memcached, without -C"),
        ("item_size_max", "1; rm -rf /", ""),
        ("tcpport", "11211", ""),
    ],
)
def test_remediation_is_a_safe_command_line_option(setting: str, wanted: str, command: str) -> None:
    """A value with characters of the shell's syntax gives no command."""
    assert remediate(setting, wanted, ABSENT).split("  #")[0] == command
