"""Fault 41: the configuration changes while the board is open."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from parity_tui.demo.redis import Redis
from tests.ui.terminal import opened


def test_edited_configuration_is_reloaded_on_request(tmp_path: Path, valkey_servers: Mapping[str, Redis]) -> None:
    """Fault 41: R reloads the file; an invalid one changes nothing, and the message has the line."""
    first, second = valkey_servers["8"], valkey_servers["9"]
    one = f'[environments.a.services]\ncache = "{first.url()}"\n'
    other = f'[environments.b.services]\ncache = "{second.url()}"\n'
    file = tmp_path / "parity.toml"
    file.write_text(one)
    with opened("--config", str(file), module="parity_tui", environment={"HOME": str(tmp_path)}) as terminal:
        terminal.see("Valkey 8.")
        file.write_text(f'basline = "a"\n{one}')
        terminal.type("R")
        terminal.see('"basline"')  # the path before it may fill the first line
        terminal.see("Valkey 8.")
        file.write_text(f'baseline = "a"\n{one}{other}')
        terminal.type("R")
        terminal.see("against a")
        terminal.see("Valkey 9.")
        terminal.type("q")
        assert terminal.end() == 0
