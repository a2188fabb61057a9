"""The files of a release's folder → the signs of a build."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from parity_tui.services.app.normalize import moment, revision
from parity_tui.services.app.parse import Signs

_DEPLOYED = re.compile(
    r"Branch (?P<branch>.*) \(at (?P<sha>[0-9a-f]+)\) deployed as release (?P<release>\S+) by (?P<user>.*)"
)
_ROLLED_BACK = re.compile(r"(?P<user>.*) rolled back to release (?P<release>\S+)")


def sections(output: str, mark: str) -> dict[str, str]:
    r"""Return the parts of the script's output by name.

    >>> sections("\n@@ revision\n3f78685\n\n@@ head\nx", "@@")
    {'revision': '3f78685', 'head': 'x'}
    """
    found: dict[str, str] = {}
    name = ""
    for line in output.split("\n"):
        if line.startswith(f"{mark} "):
            name = line.removeprefix(f"{mark} ")
            found[name] = ""
        elif name:
            found[name] += f"{line}\n"
    return {name: text.strip() for name, text in found.items()}


def of_folder(parts: Mapping[str, str]) -> Signs:
    """Return the signs in the files of a folder: those of Capistrano first, then those of git.

    >>> log = "Branch main (at 3f78685) deployed as release 20261123060000 by ann"
    >>> signs = of_folder({"revision": "3f786850e387", "release": "20261123060000", "log": log})
    >>> signs.revision, signs.deployed, signs.deployed_by
    ('3f786850e387', '20261123060000', 'ann')
    >>> of_folder({"head": "ref: refs/heads/main", "ref": "89e6c98d92887913cadf06b2adb97f26cde4849b"}).where
    '.git'
    """
    release = parts.get("release", "")
    sha, user = _of_log(parts.get("log", ""), release)
    checked_out = parts.get("ref", "") or parts.get("head", "")
    candidates = (("REVISION", parts.get("revision", "")), ("revisions.log", sha), (".git", checked_out))
    where, found = next((pair for pair in candidates if revision(pair[1])[0]), ("", ""))
    note = "the references of git are in a format that only git reads" if "refs/heads/.invalid" in checked_out else ""
    return Signs(
        revision=found,
        committed=parts.get("time", ""),
        deployed=release if re.fullmatch(r"\d{14}", release) and moment(release) else "",
        deployed_by=user,
        deployers=tuple(_deployers(parts.get("log", ""))),
        where=where,
        notes=(note,) if note else (),
    )


def _deployers(log: str) -> Iterator[tuple[str, str]]:
    r"""Yield (revision, user) of each deploy in a log, in its order.

    >>> list(_deployers("Branch main (at 3f78685) deployed as release 20261123060000 by ann\neve rolled back"))
    [('3f78685', 'ann')]
    """
    matches = (_DEPLOYED.fullmatch(line.strip()) for line in log.splitlines())
    return ((match["sha"], match["user"]) for match in matches if match)


def _of_log(log: str, release: str) -> tuple[str, str]:
    """Return the revision of a release and who made it run, by the latest lines of a log that name it."""
    sha, user = "", ""
    for line in log.splitlines():
        if (match := _DEPLOYED.fullmatch(line.strip())) and match["release"] == release:
            sha, user = match["sha"], match["user"]
        elif (match := _ROLLED_BACK.fullmatch(line.strip())) and match["release"] == release:
            user = match["user"]
    return sha, user
