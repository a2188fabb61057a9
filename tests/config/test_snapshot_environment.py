"""An environment out of a file: `snapshot = FILE`, with the whole engine on it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from parity_tui import secrets
from parity_tui.cli import Exit, main
from parity_tui.cli.snapshots import snapshot_config
from parity_tui.config import ConfigError, load
from tests.cli.test_diff import snapshot

LIVE = '[environments.prod.services]\nit = "memory://"\n'


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(secrets, "_key", secrets._key)  # put back at the end
    snapshot("all.json", {"dev": {"zone": "a"}, "prod": {"zone": "b"}})
    snapshot("one.json", {"dev": {"zone": "c"}})


def config(*lines: str) -> Path:
    path = Path("parity.toml")
    path.write_text("\n".join(lines))
    return path


def zones(*lines: str) -> dict[str, str | None]:
    """Return the zone of each environment of a configuration."""
    readings = {o.target.environment: o.reading for o in load(config(*lines)).kept}
    return {name: reading.facts["zone"].raw for name, reading in readings.items() if reading}


def test_environment_is_named_the_only_one_or_of_the_same_name() -> None:
    named = ("[environments.x]", 'snapshot = "all.json"', 'environment = "prod"')
    only = ("[environments.y]", 'snapshot = "one.json"')
    same = ("[environments.dev]", 'snapshot = "all.json"')
    assert zones(*named, *only, *same) == {"x": "b", "y": "c", "dev": "a"}


def test_engine_judges_a_snapshot_as_a_live_environment(capsys: pytest.CaptureFixture[str]) -> None:
    environments = (
        'baseline = "prod"\n[environments.x]\nsnapshot = "one.json"\n[environments.prod]\nsnapshot = "all.json"\n'
    )
    expect = '[[expect]]\nservice = "it"\nsetting = "zone"\nreason = "moved"\n'
    severity = '[severity]\n"*.zone" = "critical"\n'
    for more, code in (("", Exit.PARITY), (severity, Exit.DRIFT), (severity + expect, Exit.PARITY)):
        config(environments, more)
        assert main(["check", "--format", "json"]) == code
        document = json.loads(capsys.readouterr().out)
        (row,) = document["services"][0]["rows"]
        assert row["odd"] == ["x"]
        assert document["services"][0]["readings"]["x"]["at"] == "2025-11-28T02:40:00Z"
    main(["check"])
    assert "as of 2025-11-28" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('[environments.x]\nsnapshot = "all.json"', 'all.json has several environments: dev and prod: environment = "'),
        ('[environments.x]\nsnapshot = "all.json"\nenvironment = "qa"', 'all.json has no environment "qa"'),
        ('[environments.x]\nsnapshot = "none.json"', "none.json: there is no such file"),
        ('[environments.x]\nsnapshot = "/dev/zero"', "/dev/zero cannot be read: it is a device"),
        ('[environments.x]\nsnapshot = "parity.toml"', "parity.toml: line 1: it is not JSON"),
        (
            '[environments.x]\nenvironment = "dev"\n[environments.x.services]\nit = "memory://"',
            "snapshot is missing",
        ),
        (
            '[environments.x]\nsnapshot = "one.json"\n[environments.x.services]\nit = "memory://"',
            "leave out its services, or the snapshot",
        ),
        ('[environments.x]\nsnapshot = "${NOT_SET_HERE}"', "NOT_SET_HERE"),
        ("[environments.x]\nsnapshot = 3", "snapshot"),
    ],
)
def test_wrong_snapshot_is_refused_with_its_line(lines: str, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(config(LIVE, lines))
    problem = raised.value.problems[0]
    assert words in problem
    assert problem.startswith("parity.toml:")


def test_board_of_a_file_takes_the_expectations_of_a_named_configuration() -> None:
    config('[environments.a.services]\nit = "memory://"\n[severity]\n"*.zone" = "critical"\n')
    opened = snapshot_config(argparse.Namespace(file="all.json"))
    named = snapshot_config(argparse.Namespace(file="all.json", config=Path("parity.toml"), baseline="dev"))
    assert (opened.severities, opened.baseline) == ((), "")
    assert ([name for name, _ in named.severities], named.baseline) == (["*.zone"], "dev")


def test_selection_applies_to_snapshots() -> None:
    both = load(config(LIVE, '[environments.dev]\nsnapshot = "all.json"'))
    assert both.services == ("it",)
    assert [environment.name for environment in both.environments] == ["prod", "dev"]
    assert both.only(["prod"]).kept == ()
    assert len(both.only(["dev"]).kept) == 1
