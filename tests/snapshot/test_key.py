"""The key of kept fingerprints: private, made once, refused where others can read it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from parity_tui import secrets
from parity_tui.secrets import fingerprint, key_id
from parity_tui.snapshot import key
from parity_tui.snapshot.key import key_path, use_stored_key

PRINT = (
    "from parity_tui.snapshot.key import *; from parity_tui.secrets import *; use_stored_key(); print(fingerprint('a'))"
)


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = secrets._key
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(key, "key_path", lambda: tmp_path / "parity-tui" / "fingerprints.key")
    yield
    secrets.use_key(before)


def test_key_is_private_and_made_once() -> None:
    random = key_id()
    use_stored_key()
    first = key_id()
    use_stored_key()
    assert key_id() == first != random
    status = key.key_path().stat()
    assert (stat.S_IMODE(status.st_mode), status.st_size) == (0o600, 32)
    assert os.listdir(key.key_path().parent) == ["fingerprints.key"]


def test_name_of_the_key_does_not_hold_it() -> None:
    use_stored_key()
    assert len(key_id()) == 8
    assert key_id() not in key.key_path().read_bytes().hex()


def test_processes_that_start_together_share_one_key() -> None:
    started = [subprocess.Popen([sys.executable, "-c", PRINT], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    prints = {process.communicate(timeout=120)[0] for process in started}
    use_stored_key()
    if sys.platform == "linux":
        assert prints == {f"{fingerprint('a')}\n"}
    assert len(prints) == 1


def test_key_that_others_can_read_is_refused() -> None:
    use_stored_key()
    key.key_path().chmod(0o644)
    with pytest.raises(OSError, match="others can read or replace it"):
        use_stored_key()


def test_key_of_another_size_is_refused() -> None:
    use_stored_key()
    key.key_path().write_bytes(b"short")
    with pytest.raises(OSError, match="it does not hold the 32 bytes of a key"):
        use_stored_key()


def test_link_in_place_of_the_key_is_refused(tmp_path: Path) -> None:
    use_stored_key()
    key.key_path().rename(tmp_path / "elsewhere")
    key.key_path().symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=r"symbolic links"):
        use_stored_key()


def test_key_lies_in_the_state_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert key_path().name == "fingerprints.key"
