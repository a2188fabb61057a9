"""`parity-tui diff`: snapshots with each other or with live environments, in the formats and exit codes of check."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from parity_tui import secrets
from parity_tui.cli import Exit, main
from parity_tui.model import Fact, State
from parity_tui.secrets import fingerprint, key_id
from parity_tui.snapshot.document import snapshot_of
from parity_tui.snapshot.file import write
from tests import builders
from tests.test_end_to_end import write_config

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run diff in a folder of its own; return the code and the JSON report, or the error as `error`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("PARITY_CONFIG", raising=False)
    monkeypatch.setattr(secrets, "_key", secrets._key)  # put back at the end

    def run_diff(*arguments: str) -> tuple[int, dict[str, Any]]:
        code = main(["diff", *arguments, "--format", "json"])
        output = capsys.readouterr()
        return code, json.loads(output.out) if output.out else {"error": output.err}

    return run_diff


def snapshot(file: str, environments: Mapping[str, Mapping[str, Fact | str]], key: str = "") -> None:
    """Write a snapshot of one service, of a kind that is not installed."""
    board = builders.board({name: builders.reading(facts) for name, facts in environments.items()})
    write(Path(file), snapshot_of(board, 1_764_297_600.0, "parity.toml", key or key_id()))


def rows(document: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, str]]:
    """Return (service, setting) -> the text of each value, of every row."""
    return {
        (service["name"], row["setting"]): {name: value["text"] for name, value in row["values"].items()}
        for service in document["services"]
        for row in service["rows"]
    }


def test_files_of_one_environment_are_named_after_their_files(run: Run) -> None:
    snapshot("monday.json", {"prod": {"zone": "a"}})
    snapshot("friday.json", {"prod": {"zone": "b"}})
    code, found = run("monday.json", "now=friday.json", "--fail-on", "info")
    assert code == Exit.DRIFT
    assert found["environments"] == ["monday", "now"]
    assert rows(found) == {("it", "zone"): {"monday": "a", "now": "b"}}
    assert found["services"][0]["readings"]["now"]["snapshot"] == "now=friday.json"
    assert found["services"][0]["readings"]["now"]["at"] == "2025-11-28T02:40:00Z"


def test_file_compared_with_itself_is_parity(run: Run) -> None:
    snapshot("a.json", {"dev": {"zone": "a"}, "prod": {"zone": "b"}})
    code, found = run("a.json", "a.json", "a.json")
    assert code == Exit.PARITY
    assert found["environments"] == ["a", "a.json", "a.json 2"]


def test_alarm_counts_in_diff_as_in_check(run: Run, tmp_path: Path) -> None:
    """An ended release line stands even where all environments agree; only a golden file asks what is new."""
    reading = builders.reading({"zone": "a"}, "9.6.24", "PostgreSQL")
    write(Path("a.json"), snapshot_of(builders.board({"prod": reading}), 1_764_297_600.0, "parity.toml", key_id()))
    code, found = run("a.json", "a.json")
    assert code == Exit.DRIFT
    assert list(rows(found)) == [("it", "end of life")]
    sides = "".join(f'[environments.{name}]\nsnapshot = "a.json"\nenvironment = "prod"\n' for name in ("a", "b"))
    Path("parity.toml").write_text(sides)
    assert main(["check"]) == Exit.DRIFT
    assert main(["snapshot", "--approve", "-o", "lock.json"]) == Exit.PARITY
    assert main(["check", "--against", "lock.json"]) == Exit.PARITY


def test_files_of_several_environments_are_compared_each_with_itself(run: Run) -> None:
    snapshot("monday.json", {"dev": {"zone": "a"}, "prod": {"zone": "b"}})
    snapshot("friday.json", {"dev": {"zone": "c"}, "prod": {"zone": "b"}, "qa": {}})
    code, found = run("monday.json", "friday.json", "--fail-on", "info")
    assert code == Exit.DRIFT
    assert [service["name"] for service in found["services"]] == ["dev it", "prod it"]
    assert rows(found) == {("dev it", "zone"): {"monday": "a", "friday": "c"}}
    assert run("monday.json", "friday.json", "--environment", "prod")[0] == Exit.PARITY
    code, found = run("monday.json", "friday.json", "--environment", "qa")
    assert code == Exit.USAGE
    assert 'monday.json has no environment "qa"' in found["error"]


def test_live_environment_may_be_one_side(run: Run, tmp_path: Path) -> None:
    for name in ("dev", "prod"):
        (tmp_path / f"{name}.env").write_text("SECRET_KEY=0123456789abcdef0123456789\nA=1\n")
    expected = (
        '[[expect]]\nservice = "app"\nsetting = "*"\nreason = "the environments may differ, their moments may not"'
    )
    config = write_config(tmp_path, {name: {"app": f"env:///{name}.env"} for name in ("dev", "prod")})
    config.write_text(f"{config.read_text()}\n{expected}\n")
    assert main(["snapshot", "-o", "all.json"]) == Exit.PARITY
    assert run("all.json", "prod")[0] == Exit.PARITY
    (tmp_path / "prod.env").write_text("SECRET_KEY=fedcba9876543210fedcba9876\nA=1\nB=1\n")
    code, found = run("all.json", "prod", "--fail-on", "info")
    assert code == Exit.DRIFT
    assert found["environments"] == ["all", "prod"]
    assert [setting for _, setting in rows(found)] == ["B", "value of SECRET_KEY"]
    secret = found["services"][0]["rows"][1]
    assert (secret["severity"], secret["why"]) == ("info", "It was renewed between the two moments.")


def test_secret_of_another_key_is_neither_same_nor_drift(run: Run) -> None:
    ours, theirs = (Fact(fingerprint(text), state=State.SECRET) for text in ("fish", "bird"))
    snapshot("a.json", {"prod": {"token": ours, "zone": "a"}}, "0000aaaa")
    snapshot("b.json", {"prod": {"token": theirs, "zone": "a"}}, "0000bbbb")
    snapshot("c.json", {"prod": {"token": ours, "zone": "a"}}, "0000aaaa")
    _, found = run("a.json", "b.json", "c.json", "--all")
    (row,) = [row for row in found["services"][0]["rows"] if row["setting"] == "token"]
    assert row["verdict"] == "unknown"
    assert row["values"]["b"] == {"state": "unknown", "text": None, "raw": None, "note": "hashed with another key"}
    assert row["values"]["a"]["state"] == row["values"]["c"]["state"] == "secret"


@pytest.mark.parametrize(
    ("sides", "words"),
    [
        (["a.json"], "diff compares two sides or more"),
        (["a.json", "none.json"], "none.json: there is no such file, and no configuration"),
        (["a.json", "x=none.json"], "none.json: there is no such file"),
        (["a.json", "x="], '"x=" is not NAME=FILE'),
        (["a.json", "a.json", "--baseline", "b"], 'no side is called "b"'),
    ],
)
def test_wrong_sides_are_refused_in_words(run: Run, sides: list[str], words: str) -> None:
    snapshot("a.json", {"dev": {"zone": "a"}, "prod": {"zone": "b"}})
    code, found = run(*sides)
    assert code == Exit.USAGE
    assert words in found["error"]


def test_unknown_environment_is_refused_with_the_nearest_name(run: Run, tmp_path: Path) -> None:
    snapshot("a.json", {"dev": {"zone": "a"}})
    write_config(tmp_path, {"production": {"cache": "memory://"}})
    code, found = run("a.json", "producton")
    assert code == Exit.USAGE
    assert '"producton" is neither a file nor an environment; did you mean "production"?' in found["error"]


def test_hostile_values_are_printable_in_every_format(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = {"zone\x1b[2J": "\x1b]0;x\x07", "b\n::error::x": "1\n::set-output name=x::y"}
    snapshot("a.json", {"prod": {"c": "2"}})
    snapshot("b.json", {"prod": hostile})
    for form in ("text", "json", "markdown", "junit", "github"):
        assert main(["diff", "a.json", "b.json", "--format", form, "--fail-on", "info"]) == Exit.DRIFT
        out = capsys.readouterr().out
        assert all(character.isprintable() or character == "\n" for character in out), form
        assert not [line for line in out.splitlines() if line.startswith("::") and "title=" not in line]
