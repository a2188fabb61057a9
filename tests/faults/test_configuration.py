"""Faults of the configuration that tests/config does not show: circular references, an edited file, many targets."""

from __future__ import annotations

from pathlib import Path

from parity_tui.config import dotenv, parse
from tests.faults.program import finish, start, write_config


def test_circular_variables_are_expanded_once(tmp_path: Path) -> None:
    """Fault 37: The value of a variable is text and is not expanded again."""
    text = "[environments.dev.services]\ncache = 'redis://h/0?db=${A}'\n"
    config = parse(text, "parity.toml", {"A": "${B}", "B": "${A}"}, tmp_path)
    assert [target.address for target in config.targets] == ["h:6379"]


def test_circular_dotenv_lines_are_expanded_once(tmp_path: Path) -> None:
    """Fault 37: A line can refer to earlier lines only; other references are empty, as in the app."""
    text = "ONE=${OTHER}\nOTHER=${ONE}\nA_URL=redis://a${OTHER}\nD_URL=redis://d\n"
    found = dotenv.read(text, ".env", "dev", {}, tmp_path)
    assert {target.service: target.problem is None for target in found.targets} == {"a": True, "d": True}


def test_check_reports_each_of_many_targets(tmp_path: Path) -> None:
    """Fault 43: More targets than may connect at once."""
    lines = "".join(f"s{at} = 'redis://127.0.0.1:1'\n" for at in range(200))
    write_config(tmp_path, f"[environments.dev.services]\n{lines}")
    code, out, error = finish(start("check", folder=tmp_path))
    assert (code, out.count("refused the connection"), error) == (3, 200, "")
