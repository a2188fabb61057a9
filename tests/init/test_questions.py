"""Answers at a terminal become environments."""

from __future__ import annotations

import signal
from io import StringIO
from pathlib import Path

import pytest

from parity_tui.init import EnvironmentDraft
from parity_tui.init.questions import Questions
from tests.init.builders import read
from tests.ui.terminal import opened


def answer(folder: Path, *answers: str) -> tuple[list[EnvironmentDraft], str]:
    """Return the environments of these answers, and the text on the screen."""
    screen = StringIO()
    return Questions(folder, StringIO("".join(f"{answer}\n" for answer in answers)), screen).ask(), screen.getvalue()


def test_invalid_answer_is_asked_again(tmp_path: Path) -> None:
    environments, screen = answer(
        tmp_path, "dev", "redos://:hunter22@a", "redis://a", "redis://b", "other = redis://b", ""
    )
    assert [draft.target.service for draft in environments[0].services] == ["cache", "other"]
    assert 'unknown scheme "redos"; did you mean "redis"?' in screen
    assert "dev has a cache already: write NAME=URL" in screen
    assert "hunter22" not in screen


def test_end_of_input_is_an_empty_answer(tmp_path: Path) -> None:
    environments, _ = answer(tmp_path)
    assert [(environment.name, environment.services) for environment in environments] == [
        ("dev", ()),
        ("production", ()),
    ]


def test_answers_at_a_terminal_become_a_configuration(tmp_path: Path) -> None:
    file = tmp_path / "parity.toml"
    with opened("init", "-o", str(file), module="parity_tui") as terminal:
        terminal.see("Your environments, in order [dev production]:")
        terminal.type("dev, live\n")
        terminal.see("dev: ")
        terminal.type("memory://\n")
        terminal.see("cache: memory at memory")
        terminal.type("\n")
        terminal.see("live: ")
        terminal.type("cache=redis://:hunter22@cache.live\n")
        terminal.see("(its password is not stored)")
        terminal.type("\n")
        terminal.see("LIVE_CACHE_PASSWORD")
        assert terminal.end() == 0
    text = file.read_text()
    assert "hunter22" not in text
    found = read(text, tmp_path)
    assert [(t.environment, t.service, t.kind) for t in found.targets] == [
        ("dev", "cache", "memory"),
        ("live", "cache", "redis"),
    ]
    assert found.baseline == "live"


@pytest.mark.parametrize("key", ["\x03", "signal"])
def test_interrupt_leaves_no_file(key: str, tmp_path: Path) -> None:
    file = tmp_path / "parity.toml"
    with opened("init", "-o", str(file), module="parity_tui") as terminal:
        terminal.type("dev\n")
        terminal.see("dev: ")
        terminal.type("redis://a\n")
        terminal.see("cache: redis at a:6379")
        if key == "signal":
            terminal.process.send_signal(signal.SIGINT)
        else:
            terminal.type(key)
        assert terminal.end() == 130
        assert not any("Traceback" in line for line in terminal.shown)
    assert list(tmp_path.iterdir()) == []
