"""Distances between revisions, as git counts them, on repositories made in a second."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from parity_tui.drift.ancestry import Ancestry
from parity_tui.transport.git import GitError, Repository
from tests.repositories import COMMITS, START, commit, git, give_away, history, made


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository of 20,000 commits with a side branch, a merge and a squash."""
    return made(tmp_path_factory.mktemp("large"), COMMITS)


async def ancestry(repository: Path, *revisions: str) -> Ancestry:
    """Return the answers of a repository."""
    return await Repository(str(repository)).ancestry(revisions)


def counted(repository: Path, one: str, other: str) -> tuple[int, int]:
    """Return the commits only in each of two revisions, as git itself counts them."""
    left, right = git(repository, "rev-list", "--left-right", "--count", f"{one}...{other}").split()
    return int(left), int(right)


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("main~17", "main", "17 behind"),
        ("main", "main~17", "17 ahead"),
        ("main~19999", "main", "19,999 behind"),
        ("side", "main", "diverged: 3 only here, 25 only there"),
        ("side", "merged", "26 behind"),
        ("squashed", "side", "diverged: 1 only here, 3 only there"),
        ("main", "main", ""),
    ],
)
async def test_distances_are_those_of_git(one: str, other: str, words: str, large: Path) -> None:
    here, there = git(large, "rev-parse", one), git(large, "rev-parse", other)
    known = await ancestry(large, here[:7], there)
    assert known.problem == ""
    apart = known.apart(here[:7], there)
    assert apart is not None
    assert (apart.words, (apart.ahead, apart.behind)) == (words, counted(large, here, there))


async def test_default_branch_is_that_of_the_remote(tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    head = history(origin, 3)
    assert await ancestry(origin) == Ancestry(branch="main", head=head, times={head: START + 120.0})
    git(tmp_path, "clone", "-q", str(origin), str(clone))
    commit(clone)
    known = await ancestry(clone)
    assert (known.branch, known.head) == ("origin/main", head)


async def test_shallow_clone_gives_no_number(large: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth", "30", f"file://{large}", "shallow")
    head = git(large, "rev-parse", "main")
    known = await ancestry(tmp_path / "shallow", head, git(large, "rev-parse", "main~17"))
    assert known.problem == "the repository is a shallow clone, which would count too few commits"
    assert (known.counts, known.apart(head, head[:7])) == ({}, None)


async def test_what_is_no_repository_is_named(tmp_path: Path) -> None:
    assert (await ancestry(tmp_path / "none")).problem == f"the repository {tmp_path}/none is no folder"
    assert (await ancestry(tmp_path)).problem == f"the repository {tmp_path} is no git repository"
    git(tmp_path, "init", "-q")
    assert await ancestry(tmp_path, "3f78685") == Ancestry(commits={"3f78685": ""})


async def test_fetch_under_way_is_named(tmp_path: Path) -> None:
    first = history(tmp_path, 1)
    known = await ancestry(tmp_path, first, "3f78685")
    assert (known.problem, known.commits) == ("", {first: first, "3f78685": ""})
    (tmp_path / ".git/objects/pack/tmp_pack_x").touch()
    assert (await ancestry(tmp_path, first, "3f78685")).problem == "a fetch into the repository is under way"
    assert (await ancestry(tmp_path, first)).problem == ""


async def test_slow_repository_ends_at_its_limit(large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    known = await Repository(str(large), limit=0.3).ancestry(["3f78685"])
    assert known.problem == "git has not answered within 0.3 s"
    with pytest.raises(GitError, match="within"):
        await Repository(str(large), limit=0.3).between("3f78685", "89e6c98")


async def test_repository_starts_no_program_and_stays_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs of its configuration, hooks and GIT_ variables do not run."""
    repository, trap = tmp_path / "shop", tmp_path / "trap"
    repository.mkdir()
    first = history(repository, 3)
    spring = tmp_path / "spring"
    spring.write_text(f"#!/bin/sh\ntouch {trap}\n")
    spring.chmod(0o755)
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "gpg.program", "core.editor", "credential.helper"):
        git(repository, "config", key, str(spring))
    git(repository, "config", "core.hooksPath", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_TRACE", str(trap))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(spring))
    before = {path: path.stat().st_mtime_ns for path in repository.rglob("*")}
    known = await ancestry(repository, first, "3f78685")
    assert (known.problem, known.commits[first]) == ("", first)
    assert not trap.exists()
    assert {path: path.stat().st_mtime_ns for path in repository.rglob("*")} == before


async def test_repository_of_another_user_is_read(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("takes root")
    first = history(tmp_path, 2)
    give_away(tmp_path)
    assert (await ancestry(tmp_path, first)).problem == ""


async def test_commits_between_have_their_times(large: Path) -> None:
    commits = await Repository(str(large)).between(git(large, "rev-parse", "main~17"), git(large, "rev-parse", "main"))
    assert len(commits) == 17
    times = git(large, "log", "-17", "--format=%H %ct", "main").splitlines()
    assert sorted(commits) == sorted((line.split()[0], float(line.split()[1])) for line in times)


async def test_answers_are_asked_for_once(tmp_path: Path) -> None:
    first = history(tmp_path, 2)
    second = commit(tmp_path)
    repository = Repository(str(tmp_path))
    known = await repository.ancestry([first, second])
    git_folder = tmp_path / ".git"
    git_folder.rename(tmp_path / "gone")
    assert (await repository.ancestry([first, second])).counts == known.counts


async def test_partial_clone_answers_and_fetches_nothing(tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    head = history(origin, 30)
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--bare", "--filter=tree:0", f"file://{origin}", str(clone))
    late = history(origin, 2, "late", head)
    first = git(origin, "rev-parse", "main~17")
    known = await ancestry(clone, head, late, first[:8])
    assert (known.problem, known.commits) == ("", {head: head, late: "", first[:8]: first})
    apart = known.apart(first[:8], head)
    assert apart is not None
    assert apart.words == "17 behind"
