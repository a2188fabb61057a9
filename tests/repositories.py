"""Git repositories, made by fast-import: 20,000 commits take a second."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

COMMITS = 20_000
START = 1_760_000_000
"""seconds since the epoch of the first commit; each next one is a minute later"""


def git(folder: Path, *arguments: str, text: str | None = None) -> str:
    """Run git in a folder; return its output."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environ |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=ann", "-c", "user.email=ann@example.com", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ("git", *who, *arguments), cwd=folder, env=environ, input=text, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def history(folder: Path, commits: int, branch: str = "main", start: str = "") -> str:
    """Make a repository, or add commits to a branch of one that begins at ``start``; return the latest commit."""
    if not (folder / ".git").exists():
        git(folder, "init", "-q")
    lines = []
    for number in range(commits):
        first = f"from {start}\n" if start and not number else ""
        when = f"ann <ann@example.com> {START + 60 * number} +0000"
        lines.append(f"commit refs/heads/{branch}\ncommitter {when}\ndata 2\n{branch[0]}\n{first}")
    git(folder, "fast-import", "--quiet", "--force", text="\n".join(lines) + "\n")
    return git(folder, "rev-parse", branch)


def commit(folder: Path, message: str = "next") -> str:
    """Add an empty commit to the branch that is checked out; return it."""
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def made(folder: Path, commits: int) -> Path:
    """Make a repository with the branches main, side (3 commits beside the last 25), merged and squashed."""
    history(folder, commits)
    history(folder, 3, "side", f"{git(folder, 'rev-parse', 'main~25')}")
    tree = git(folder, "rev-parse", "main^{tree}")
    merged = git(folder, "commit-tree", tree, "-p", "main", "-p", "side", "-m", "merge")
    squashed = git(folder, "commit-tree", tree, "-p", "main~25", "-m", "squash")
    git(folder, "branch", "merged", merged)
    git(folder, "branch", "squashed", squashed)
    return folder


def give_away(folder: Path) -> None:
    """Make a folder that of another user; takes root."""
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, "nobody")
