"""The manual page: made from the parser, up to date, understood by man, part of the wheel."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from parity_tui.cli.options import create_parser
from tests import manpage

ROOT = Path(__file__).parent.parent.parent


def test_manual_page_is_up_to_date() -> None:
    assert manpage.PAGE.read_text("utf-8") == manpage.make(), "run: make man"


def test_manual_page_has_every_command_and_option() -> None:
    page = manpage.make().replace("\\-", "-")
    parser, commands = create_parser()
    for name, command in commands.items():
        assert f".SS {name}\n" in page
        section = page.partition(f".SS {name}\n")[2].partition("\n.S")[0]
        assert [option for option in command.options() if f"\\fB{option}\\fR" not in section] == []
    assert [option for option in parser.options() if f"\\fB{option}\\fR" not in page] == []
    assert "--names" not in page


def test_wheel_installs_the_manual_page() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        targets = tomllib.load(file)["tool"]["hatch"]["build"]["targets"]
    assert targets["wheel"]["shared-data"] == {"docs/parity-tui.1": "share/man/man1/parity-tui.1"}
    assert "docs/parity-tui.1" in targets["sdist"]["include"]  # the wheel is built from it


def test_troff_finds_no_mistake() -> None:
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    command = ["groff", "-man", "-ww", "-Tutf8", str(manpage.PAGE)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert result.stderr == ""
