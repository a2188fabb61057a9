"""Folders of releases: Capistrano's files, and checkouts of git, of which git is not needed to be installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from parity_tui.model import Entry, Ledger, ServiceError, Target
from parity_tui.services.app.queries import folder_script
from tests import builders
from tests.services.app.builders import ONE, OTHER, only, raws, read


def folder(path: Path) -> Target:
    """Return the target of a folder of this machine."""
    return builders.target(service="app", kind="app", scheme="app+local", host="", port=0, path=str(path))


def release(root: Path, name: str, sha: str) -> Path:
    """Plant a release of Capistrano and make it the current one."""
    path = root / "releases" / name
    path.mkdir(parents=True)
    (path / "REVISION").write_text(f"{sha}\n")
    current = root / "current"
    current.unlink(missing_ok=True)
    current.symlink_to(path)
    return current


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder; return its output."""
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=ann", "-c", "user.email=ann@example.com", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ("git", *who, *arguments), cwd=folder, env=environ, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def committed(folder: Path) -> str:
    """Make a repository with a commit; return its hash."""
    folder.mkdir(exist_ok=True)
    git(folder, "init", "-q")
    git(folder, "commit", "-q", "--allow-empty", "-m", "one")
    return git(folder, "rev-parse", "HEAD")


async def test_capistrano_names_revision_release_and_user(tmp_path: Path) -> None:
    current = release(tmp_path, "20261123060000", ONE)
    (current / "REVISION_TIME").write_text("1795327200\n")
    log = f"Branch main (at {ONE[:7]}) deployed as release 20261123060000 by ann\n"
    (tmp_path / "revisions.log").write_text(
        f"Branch main (at {OTHER[:7]}) deployed as release 20261101060000 by bob\n{log}"
    )
    assert raws(await read(folder(current))) == {
        "revision": ONE,
        "committed": "2026-11-22T06:00:00Z",
        "deployed": "2026-11-23T06:00:00Z",
        "deployed by": "ann",
    }


async def test_rollback_of_capistrano_names_its_user(tmp_path: Path) -> None:
    current = release(tmp_path, "20261101060000", OTHER)
    lines = (
        f"Branch main (at {OTHER[:7]}) deployed as release 20261101060000 by bob",
        f"Branch main (at {ONE[:7]}) deployed as release 20261123060000 by ann",
        "eve rolled back to release 20261101060000",
    )
    (tmp_path / "revisions.log").write_text("\n".join(lines) + "\n")
    fact = (await read(folder(current))).facts["deployed by"]
    assert fact.raw == "eve"
    assert fact.ledger == Ledger((Entry(OTHER[:7], by="bob"), Entry(ONE[:7], by="ann")))


async def test_log_alone_names_the_revision(tmp_path: Path) -> None:
    current = release(tmp_path, "20261123060000", "")
    (tmp_path / "revisions.log").write_text(f"Branch main (at {ONE[:8]}) deployed as release 20261123060000 by ann\n")
    assert raws(await read(folder(current)))["revision"] == ONE[:8]


async def test_checkout_is_read_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sha = committed(tmp_path / "shop")
    git(tmp_path / "shop", "worktree", "add", "-q", "-b", "other", str(tmp_path / "beside"))
    only(monkeypatch, tmp_path / "programs", "sh", "head", "sed", "awk", "tail", "cut", "cat", "rm", "sleep")
    for name in ("shop", "beside"):
        assert raws(await read(folder(tmp_path / name)))["revision"] == sha


@pytest.mark.parametrize("state", ["packed", "detached", "branch with a slash"])
async def test_every_state_of_a_checkout_is_read(state: str, tmp_path: Path) -> None:
    sha = committed(tmp_path)
    match state:
        case "packed":
            git(tmp_path, "pack-refs", "--all")
        case "detached":
            git(tmp_path, "checkout", "-q", "--detach")
        case _:
            git(tmp_path, "checkout", "-q", "-b", "fix/one")
    assert raws(await read(folder(tmp_path)))["revision"] == sha


async def test_name_of_a_branch_leads_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "shop/.git").mkdir(parents=True)
    (tmp_path / "secret").write_text(f"{ONE}\n")
    (tmp_path / "shop/.git/HEAD").write_text("ref: ../../secret\n")
    with pytest.raises(ServiceError, match="names no build"):
        await read(folder(tmp_path / "shop"))


async def test_missing_and_empty_folder_fail_in_words(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="does not exist, or may not be entered"):
        await read(folder(tmp_path / "none"))
    with pytest.raises(ServiceError, match=r"it has no REVISION, and no \.git with a commit"):
        await read(folder(tmp_path))
    git(tmp_path, "init", "-q")
    with pytest.raises(ServiceError, match="names no build"):
        await read(folder(tmp_path))


async def test_huge_files_are_cut(tmp_path: Path) -> None:
    current = release(tmp_path, "20261123060000", ONE + " " * 5_000_000)
    line = f"Branch main (at {OTHER[:7]}) deployed as release 1 by bob\n"
    last = f"Branch main (at {ONE[:7]}) deployed as release 20261123060000 by ann\n"
    (tmp_path / "revisions.log").write_text(line * 100_000 + last)
    assert raws(await read(folder(current)))["deployed by"] == "ann"


def test_path_is_quoted_for_the_shell() -> None:
    assert "cd -- '/srv/$(reboot)'" in folder_script("/srv/$(reboot)", "@@")
