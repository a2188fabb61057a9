"""Authors and deployers, counted without names."""

from __future__ import annotations

import subprocess
from pathlib import Path

from parity_tui.drift.people import AUTHORS_FORMAT, Author, Deploy, People, parse_authors, people

NOW = 1_800_000_000.0
DAY = 86_400.0
ANN, BOB, EVE = (Author(name, f"{name.lower()}@shop.example") for name in ("Ann", "Bob", "Eve"))


def test_authors_who_deploy_are_counted() -> None:
    deploys = [
        Deploy(NOW - DAY, "ann", (ANN, ANN, BOB)),
        Deploy(NOW - 2 * DAY, "bob@shop.example", (EVE, BOB)),
        Deploy(NOW - 3 * DAY, "ci", (BOB,)),
    ]
    assert people(deploys, NOW) == People(authors=3, deploying=2, commits=6, own=3)
    assert people(deploys, NOW).words == "2 of 3 authors deploy, 50 % of 6 commits by their author"


def test_only_the_last_90_days_count() -> None:
    deploys = [Deploy(NOW - 89 * DAY, "ann", (ANN,)), Deploy(NOW - 91 * DAY, "", (BOB,)), Deploy(NOW + DAY, "", (EVE,))]
    assert people(deploys, NOW) == People(authors=1, deploying=1, commits=1, own=1)
    assert people(deploys[1:2], NOW).words == "not measured: no deploy is known of the last 90 days"


def test_deploy_without_record_leaves_it_unknown() -> None:
    deploys = [Deploy(NOW, "ann", (ANN,)), Deploy(NOW, "", (BOB,))]
    assert people(deploys, NOW).words == "not measured: 1 of 2 deploys have no record of who deployed"
    assert people([Deploy(NOW, "ann")], NOW).words == "not measured: the commits of the deploys are not known"


def test_name_of_several_authors_is_nobody() -> None:
    other = Author("Ann", "ann@other.example")
    assert people([Deploy(NOW, "ann", (ANN, other))], NOW) == People(authors=2, deploying=0, commits=2, own=0)


def test_git_applies_the_mailmap(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=x", "-c", "user.email=x@x", "-c", "commit.gpgsign=false")
        result = subprocess.run(["git", *identity, "-C", tmp_path, *arguments], check=True, capture_output=True)
        return result.stdout.decode()

    git("init", "-q", ".")
    (tmp_path / ".mailmap").write_text("Ann <ann@shop.example> <ann@old.example>\n")
    for author in ("Ann <ann@shop.example>", "A. Lee <ann@old.example>", "Bob\x01 <bob@shop.example>"):
        git("commit", "-q", "--allow-empty", "-m", "x", "--author", author)
    assert set(parse_authors(git("log", f"--format={AUTHORS_FORMAT}"))) == {ANN, BOB}
