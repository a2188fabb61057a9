"""The app of the demo: a git repository of the last two weeks, and the folders of its releases.

Development runs the repository's own checkout; staging and production run releases as Capistrano lays them out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from shutil import which

from parity_tui.demo.programs import MissingError
from parity_tui.demo.sandbox import Sandbox

HOUR = 3600.0
COMMIT_EVERY = 6 * HOUR
"""Seconds between two commits; the newest is that old."""

COMMITS = 60
AUTHORS = ("ann", "bob", "eve")

DEPLOYED: dict[str, Sequence[int]] = {
    "dev": range(3, COMMITS, 4),
    "staging": range(7, COMMITS - 4, 8),
    "production": (10, COMMITS - 5 - 17),
}
"""The commits that came to each environment, by number: production runs 17 less than staging."""

DELAY = {"dev": HOUR / 4, "staging": 2 * HOUR, "production": 20 * HOUR}
"""Seconds from a commit to its deploy."""

DEPLOYERS = {"dev": AUTHORS, "staging": ("ann", "bob"), "production": ("ann",)}
"""The users who deploy in turn."""

# The configuration of this machine's user must not matter, and a pack is one file.
_MAKE = """
git init -q --template= "$1" && cd "$1" && git symbolic-ref HEAD refs/heads/main &&
git -c fastimport.unpackLimit=1 fast-import --quiet --export-marks="$1/.git/marks" <"$2"
"""


@dataclass(frozen=True)
class Deploy:
    """One revision that came to an environment."""

    environment: str
    at: float
    """Seconds since the epoch."""
    before: str
    after: str
    """Full hashes."""
    by: str
    """The user who deployed."""


class App:
    """The repository and the releases, made at the first use. Safe for threads.

    Attributes:
        repository: folder of the repository.
    """

    def __init__(self, home: Sandbox) -> None:
        self.repository = home.root / "shop"
        self._home = home
        self._lock = threading.Lock()
        self._now = 0.0
        self._commits: list[str] = []

    def folder(self, environment: str) -> Path:
        """Return the folder that an environment runs. Raises MissingError without git."""
        self._make_repository()
        if environment == "dev":
            return self.repository
        root, deploys = self._home.folder(f"app-{environment}"), list(self._deploys_to(environment))
        release = root / "releases" / _stamp(deploys[-1])
        release.mkdir(parents=True)
        (release / "REVISION").write_text(f"{deploys[-1].after}\n")
        (root / "revisions.log").write_text("".join(map(_log_line, deploys)))
        (root / "current").symlink_to(release)
        return root / "current"

    @property
    def deploys(self) -> list[Deploy]:
        """All deploys, oldest first; none without a repository."""
        found = (
            [deploy for environment in DEPLOYED for deploy in self._deploys_to(environment)] if self._commits else []
        )
        return sorted(found, key=lambda deploy: deploy.at)

    def _deploys_to(self, environment: str) -> Iterator[Deploy]:
        before = 0
        for number, by in zip(DEPLOYED[environment], cycle(DEPLOYERS[environment]), strict=False):
            at = self._committed(number) + DELAY[environment]
            yield Deploy(environment, at, self._commits[before], self._commits[number], by)
            before = number

    def _committed(self, number: int) -> float:
        return self._now - (COMMITS - number) * COMMIT_EVERY

    def _make_repository(self) -> None:
        """Make the repository once; the hashes of its commits come from git. Raises MissingError, StartError."""
        with self._lock:
            if self._commits:
                return
            if which("git") is None:
                raise MissingError("no git on this machine: Debian's git, or git of another package manager")
            self._now = float(int(time.time()))
            folder = self._home.folder(self.repository.name)
            stream = self._home.write(self._home.root / "shop.stream", "".join(map(self._commit, range(COMMITS))))
            env = {"GIT_CONFIG_NOSYSTEM": "1"}
            self._home.run("git", ["sh", "-c", _MAKE, "sh", str(folder), str(stream)], env=env)
            marks = (line.split() for line in (folder / ".git/marks").read_text().splitlines())
            hashes = {int(mark[1:]): commit for mark, commit in marks}
            self._commits = [hashes[number + 1] for number in range(COMMITS)]

    def _commit(self, number: int) -> str:
        """Return a commit as `git fast-import` reads it."""
        name = AUTHORS[number % len(AUTHORS)]
        person = f"{name.capitalize()} <{name}@shop.example> {self._committed(number):.0f} +0000"
        message = f"Change {number + 1}\n"
        head = f"commit refs/heads/main\nmark :{number + 1}\nauthor {person}\ncommitter {person}\n"
        return f"{head}data {len(message)}\n{message}\n"


def _stamp(deploy: Deploy) -> str:
    return f"{datetime.fromtimestamp(deploy.at, UTC):%Y%m%d%H%M%S}"


def _log_line(deploy: Deploy) -> str:
    """Return a line of Capistrano's log."""
    return f"Branch main (at {deploy.after[:7]}) deployed as release {_stamp(deploy)} by {deploy.by}\n"
