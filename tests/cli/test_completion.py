"""`parity-tui completion`: the real shells complete commands, options, choices and names."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from parity_tui.cli import Exit, main
from parity_tui.cli.completion import SHELLS

BINARIES = Path(sys.executable).parent
CONFIG = "".join(f"[environments.{name}.services]\ncache = 'memory://'\n" for name in ("dev", "staging"))
LINES = {
    "parity-tui che": ["check"],
    "parity-tui check --fail": ["--fail-on"],
    "parity-tui check --format mark": ["markdown"],
    "parity-tui check --environment st": ["staging"],
    "parity-tui --service ca": ["cache"],
    "parity-tui check --config par": ["parity.toml"],
    "parity-tui completion z": ["zsh"],
}

ZSHRC = """PS1=; autoload -U compinit; compinit -u -D; eval "$(cat {script})"
finish() {{ print -r -- "<<$BUFFER>>"; BUFFER= }}
leave() {{ exit }}
zle -N finish; bindkey '^X' finish; zle -N leave; bindkey '^Y' leave
"""
"""at ^X the shell prints its line and begins another, at ^Y it ends"""

ZSH = """zmodload zsh/zpty
zpty shell zsh -i
for line; do zpty -n -w shell $line$'\\t\\x18'; done
zpty -n -w shell $'\\x19'
while zpty -r shell text; do print -r -- $text; done
"""
"""types lines, each with a tab and ^X, into an interactive shell, then ^Y"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a folder with a configuration and, in it, the scripts; parity-tui is on the PATH."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PARITY_CONFIG", raising=False)
    monkeypatch.setenv("PATH", f"{BINARIES}:{os.environ['PATH']}")
    Path("parity.toml").write_text(CONFIG)
    return tmp_path


def save_script(shell: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    assert main(["completion", shell]) == Exit.PARITY
    path = folder / "script"
    path.write_text(capsys.readouterr().out)
    return path


def output(*command: str) -> list[str]:
    result = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True)
    assert result.stderr == ""
    return result.stdout.splitlines()


def test_bash_completes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = save_script("bash", folder, capsys)
    for line, expected in LINES.items():
        words = line.split()
        code = (
            f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; "
            f"_shtab_parity_tui parity-tui {words[-1]} {words[-2]} 2>/dev/null; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        )
        assert output("bash", "--norc", "-c", code) == expected, line


def test_fish_completes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = save_script("fish", folder, capsys)
    for line, expected in LINES.items():
        found = output("fish", "--no-config", "-c", f"source {script}; complete -C '{line}'")
        assert [word.partition("\t")[0] for word in found] == expected, line


def test_zsh_completes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = save_script("zsh", folder, capsys)
    (folder / ".zshrc").write_text(ZSHRC.format(script=script))
    (folder / "run").write_text(f"export ZDOTDIR={folder}\n{ZSH}")
    found = re.findall("<<(.*?)>>", "".join(output("zsh", "-f", str(folder / "run"), *LINES)))
    assert [line.split()[-1:] for line in found] == list(LINES.values())


def test_script_needs_a_shell(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion"]) == Exit.USAGE
    assert capsys.readouterr().err == f"parity-tui completion needs a shell: {', '.join(SHELLS)}\n"


def test_names_without_configuration_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARITY_CONFIG", "no.toml")
    assert main(["completion", "--names", "service"]) == Exit.PARITY
    assert capsys.readouterr() == ("", "")
