"""Files, links and the picture in the documentation exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import picture

ROOT = Path(__file__).parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), ROOT / "tests" / "faults" / "README.md"]


def test_picture_is_up_to_date() -> None:
    assert picture.PICTURE.read_text("utf-8") == picture.draw(), "run: make picture"


@pytest.mark.parametrize("name", list(picture.files()))
def test_every_file_in_the_picture_exists(name: str) -> None:
    assert list((ROOT / "parity_tui").glob(name.replace("KIND", "*"))), name


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "README.md", "SECURITY.md"])
def test_every_named_file_exists(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for name in re.findall(r"`((?:[a-z_]+/)+[\w.]*)`", text):
        folders = (ROOT, ROOT / "parity_tui")
        known = any(list(folder.glob(name.replace("KIND", "*"))) for folder in folders)
        assert known or name == "services/yours.py" or name.startswith("parity_tui/services/yours"), name
