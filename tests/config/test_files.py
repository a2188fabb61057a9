"""Finding and reading the file of the configuration."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from parity_tui.config import ConfigError, find, load

ONE = "[environments.dev.services]\ncache = 'memory://'\n"


@pytest.fixture
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter an empty folder, as a user without a configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))


@pytest.mark.usefixtures("_nowhere")
def test_first_of_four_locations_counts(tmp_path: Path) -> None:
    own = tmp_path / "own" / "parity-tui" / "parity.toml"
    own.parent.mkdir(parents=True)
    own.touch()
    assert find(None, {}) == own
    Path("parity.toml").touch()
    assert find(None, {}) == Path("parity.toml")
    assert find(None, {"PARITY_CONFIG": "x.toml"}) == Path("x.toml")
    assert find(None, {"PARITY_CONFIG": ""}) == Path("parity.toml")
    assert find(Path("y.toml"), {"PARITY_CONFIG": "x.toml"}) == Path("y.toml")


@pytest.mark.usefixtures("_nowhere")
def test_missing_configuration_explains_how_to_begin(tmp_path: Path) -> None:
    """Fault 33."""
    with pytest.raises(ConfigError) as caught:
        load(environ={})
    for words in (
        "$PARITY_CONFIG",
        "./parity.toml",
        str(tmp_path / "own"),
        "--env-file dev=.env.dev",
        "parity-tui demo",
    ):
        assert words in str(caught.value)


@pytest.mark.usefixtures("_nowhere")
def test_found_file_is_read_and_named(tmp_path: Path) -> None:
    Path("parity.toml").write_text(ONE.replace("memory://", "sqlite:///a.db"))
    config = load(environ={})
    assert (config.name, config.targets[0].path) == ("parity.toml", str(tmp_path / "a.db"))


def test_unreadable_file_is_explained(tmp_path: Path) -> None:
    """Fault 33."""
    with pytest.raises(ConfigError, match="there is no such file") as caught:
        load(tmp_path / "no such.toml", environ={})
    path = tmp_path / "no such.toml"
    assert str(caught.value) == f"{path}: there is no such file\nto write one: parity-tui init -o '{path}'"
    with pytest.raises(ConfigError, match="there is no such file") as caught:
        load(env_files=[("dev", tmp_path / ".env.no")], environ={})
    assert str(caught.value) == f"{tmp_path / '.env.no'}: there is no such file"
    with pytest.raises(ConfigError, match=r"this is a folder, not a file$"):
        load(tmp_path, environ={})
    with pytest.raises(ConfigError, match="cannot be read"):
        load(Path("a\0b"), environ={})
    big = tmp_path / "big.toml"
    big.write_text("#" * 5_000_000)
    with pytest.raises(ConfigError, match="larger than 1 MB"):
        load(big, environ={})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_forbidden_file_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "parity.toml"
    path.write_text(ONE)
    path.chmod(0)
    with pytest.raises(ConfigError, match="you may not read this file"):
        load(path, environ={})


def test_file_not_in_utf8_names_the_line(tmp_path: Path) -> None:
    """Fault 42."""
    path = tmp_path / "parity.toml"
    path.write_bytes((ONE + "# caf\xe9\n").encode("latin-1"))
    with pytest.raises(ConfigError, match=r"parity\.toml:3: this line is not in UTF-8"):
        load(path, environ={})
    path.write_bytes((ONE + "# caf\xe9\n").encode("utf-8-sig"))
    assert load(path, environ={}).services == ("cache",)


@pytest.mark.parametrize(
    ("entry", "held"),
    [
        ("{ url = 'redis://h', password = 'hunter22' }", True),
        ("'redis://:hunter22@h'", True),
        ("'redis://:${PW:-hunter22}@h'", True),
        ("{ url = 'amqp://h', management = 'http://u:hunter22@h' }", True),
        ("{ url = 'redis://h', password = '${PW}' }", False),
        ("'redis://ann:${PW}@h'", False),
        ("'redis://ann@h'", False),
        ("{ url = 'redis://h', password_env = 'PW' }", False),
    ],
)
def test_world_readable_password_gives_a_warning(tmp_path: Path, entry: str, held: bool) -> None:
    """Fault 40."""
    path = tmp_path / "parity.toml"
    path.write_text(f"[environments.dev.services]\ncache = {entry}\n")
    path.chmod(0o640)
    warning = f"{path} holds a password and can be read by others: chmod 600 {path}"
    assert load(path, environ={"PW": "swordfish"}).warnings == ((warning,) if held else ())
    path.chmod(0o600)
    assert load(path, environ={"PW": "swordfish"}).warnings == ()
