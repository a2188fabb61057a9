"""The variables of dotenv files that are no service: compared without being asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from parity_tui.config import Config, load


@pytest.fixture(autouse=True)
def _made_up_kinds() -> None:
    """Use the real kinds."""


def load_texts(folder: Path, *texts: str) -> Config:
    for number, text in enumerate(texts):
        (folder / f"{number}.env").write_text(text)
        (folder / f"{number}.env").chmod(0o600)
    return load(env_files=[(f"e{number}", folder / f"{number}.env") for number in range(len(texts))], environ={})


def services(config: Config) -> list[tuple[str, str, str]]:
    return [(target.environment, target.service, target.kind) for target in config.targets]


def test_variables_are_a_section_behind_the_services(tmp_path: Path) -> None:
    config = load_texts(tmp_path, "CACHE_URL=memory://\nDEBUG=1\n", "QUEUE_URL=sync://\n")
    assert services(config)[2:] == [("e0", "env", "env"), ("e1", "env", "env")]
    assert config.services == ("cache", "queue", "env")
    assert [target.path for target in config.targets[2:]] == [str(tmp_path / "0.env"), str(tmp_path / "1.env")]


def test_services_are_not_told_twice(tmp_path: Path) -> None:
    """Not even where a variable is a service in one environment and empty in the other."""
    config = load_texts(tmp_path, "CACHE_URL=memory://\nA=1\n", "CACHE_URL=\nOTHER_URL=memory://\nA=1\n")
    assert config.targets[-1].options == {"without": "CACHE_URL OTHER_URL"}


@pytest.mark.parametrize("texts", [("CACHE_URL=memory://\nA=1\n",), ("CACHE_URL=memory://\n",) * 2])
def test_nothing_to_compare_is_no_section(texts: tuple[str, ...], tmp_path: Path) -> None:
    assert "env" not in load_texts(tmp_path, *texts).services


def test_service_of_the_same_name_keeps_it(tmp_path: Path) -> None:
    assert load_texts(tmp_path, *("ENV_URL=memory://\nA=1\n",) * 2).services == ("env", "variables")


def test_equal_files_are_quiet_and_a_missing_name_is_a_row(tmp_path: Path) -> None:
    check = [sys.executable, "-m", "parity_tui", "check", "--env-file", "dev=0.env", "--env-file", "production=1.env"]
    load_texts(tmp_path, *("CACHE_URL=memory://\nA=1\n",) * 2)
    result = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout.split()[-1]) == (0, "parity")
    load_texts(tmp_path, "CACHE_URL=memory://\nA=1\n", "CACHE_URL=memory://\nA=1\nB=1\n")
    result = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (result.returncode, "! B " in result.stdout) == (1, True)
