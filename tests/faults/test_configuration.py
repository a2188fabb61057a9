"""Faults 37, 41: references in a circle, an edited file. Faults 33 to 36, 38 to 40 and 42: tests/config."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from parity_tui.config import dotenv, parse
from parity_tui.demo.redis import Redis
from tests.faults.program import configured, ended, started
from tests.ui.terminal import opened


def test_variables_that_name_each_other_are_filled_in_once(tmp_path: Path) -> None:
    """Fault 37: there is no `extends`, and what a variable holds is text: nothing can go round in a circle."""
    text = "[environments.dev.services]\ncache = 'redis://h/0?db=${A}'\n"
    config = parse(text, "parity.toml", {"A": "${B}", "B": "${A}"}, tmp_path)
    assert [target.address for target in config.targets] == ["h:6379"]


def test_lines_of_a_dotenv_file_that_name_each_other_end(tmp_path: Path) -> None:
    """Fault 37: a line sees those before it, and what it cannot see is empty, as the app reads it."""
    text = "ONE=${OTHER}\nOTHER=${ONE}\nA_URL=redis://a${OTHER}\nD_URL=redis://d\n"
    found = dotenv.read(text, ".env", "dev", {}, tmp_path)
    assert {target.service: target.problem is None for target in found.targets} == {"a": True, "d": True}


def test_hundreds_of_targets_are_read_and_none_is_forgotten(tmp_path: Path) -> None:
    """Fault 43: more than are connected to at once."""
    lines = "".join(f"s{at} = 'redis://127.0.0.1:1'\n" for at in range(200))
    configured(tmp_path, f"[environments.dev.services]\n{lines}")
    code, out, error = ended(started("check", folder=tmp_path))
    assert (code, out.count("refused the connection"), error) == (3, 200, "")


def test_an_edited_file_is_read_again_when_it_is_asked_for(tmp_path: Path, valkey_servers: Mapping[str, Redis]) -> None:
    """Fault 41: R shows what the file names now; one that is not right changes nothing, and is said with its line."""
    one = f'[environments.a.services]\ncache = "{valkey_servers["8"].url()}"\n'
    other = f'[environments.b.services]\ncache = "{valkey_servers["9"].url()}"\n'
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
        terminal.see("a is the baseline")
        terminal.see("Valkey 9.")
        terminal.type("q")
        assert terminal.end() == 0
