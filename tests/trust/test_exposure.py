"""A configuration that others can write or replace is refused, with real owners where the tests run as root."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from parity_tui.config.trust.exposure import exposure

STRANGER = 65_533

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir(mode=0o755)
    path = folder / "parity.toml"
    path.touch(0o644)
    return path


def both(path: Path) -> list[str]:
    """Return why a file is not used, found in its folder and named by its user."""
    return [exposure(path, named=named) for named in (False, True)]


def test_own_file_is_used(file: Path) -> None:
    assert both(file) == ["", ""]
    assert both(file.with_name("missing")) == ["", ""]


@pytest.mark.parametrize("mode", [0o646, 0o602, 0o666, 0o664, 0o620])
def test_file_that_others_write_is_refused(file: Path, mode: int) -> None:
    if mode & 0o020 and not mode & 0o002 and os.geteuid() != 0:
        pytest.skip("the group may be the user's own")
    file.chmod(mode)
    assert both(file) == [f"{file} is not used: others can write it: read it, then chmod go-w {file}"] * 2


@pytest.mark.parametrize("depth", [0, 1])
def test_folder_that_others_write_is_refused(file: Path, depth: int) -> None:
    folder = file.parents[depth]
    folder.chmod(0o777)
    assert all(f"others can write to the folder {folder} " in reason for reason in both(file))
    folder.chmod(0o1777)
    assert both(file) == ["", ""]


@as_root
@pytest.mark.parametrize("part", ["file", "folder"])
def test_owner_counts_unless_the_file_is_named(file: Path, part: str) -> None:
    path = file if part == "file" else file.parent
    os.chown(path, STRANGER, STRANGER)
    found, named = both(file)
    assert f"{path} belongs to user {STRANGER}, neither to you nor to root" in found
    assert named == ""


def test_target_of_a_link_counts(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to("shop/../shop/parity.toml")
    assert both(link) == ["", ""]
    file.chmod(0o666)
    assert all(f"chmod go-w {file}" in reason for reason in both(link))
    file.chmod(0o644)
    file.parent.chmod(0o777)
    assert all(f"the folder {file.parent} " in reason for reason in both(link))


@as_root
def test_link_of_a_stranger_is_refused(file: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    link = shared / "parity.toml"
    link.symlink_to(file)
    os.chown(link, STRANGER, STRANGER, follow_symlinks=False)
    assert f"{link} belongs to" in exposure(link, named=False)


_AS_USER = """\
import grp, os, pwd, sys  # before the user changes, who may not see this Python
from pathlib import Path
from parity_tui.config.trust.exposure import exposure
name, path = sys.argv[1:]
user = pwd.getpwnam(name)
os.setgroups([])
os.setgid(user.pw_gid)
os.setuid(user.pw_uid)
print(exposure(Path(path), named=False) or "used")
"""


def open_up(folder: Path) -> None:
    """Let other users enter a folder of this test."""
    for each in (folder, *folder.parents):
        if each.is_relative_to(tempfile.gettempdir()) and each != Path(tempfile.gettempdir()):
            each.chmod(0o755)


def as_user(name: str, path: Path) -> str:
    return subprocess.run(
        [sys.executable, "-c", _AS_USER, name, str(path)], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()


@as_root
def test_root_is_trusted_and_another_user_is_not(file: Path, tmp_path: Path) -> None:
    open_up(file.parent)
    assert as_user("daemon", file) == "used"
    os.chown(file, STRANGER, STRANGER)
    assert "belongs to user" in as_user("daemon", file)


@as_root
def test_group_of_one_user_is_the_user(file: Path, tmp_path: Path) -> None:
    """Ubuntu and Fedora give each user a group, and its files mode 664."""
    open_up(tmp_path)
    for path in (file, file.parent):
        os.chown(path, 1, 1)
    file.chmod(0o664)
    file.parent.chmod(0o775)
    assert as_user("daemon", file) == "used"
    assert "others can write" in exposure(file, named=True)
    os.chown(file, 1, STRANGER)
    assert "others can write it" in as_user("daemon", file)
