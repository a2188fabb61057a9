"""The screen is the picture in snapshots/; ``make snapshots`` renews all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ui.scenes import FOLDER, draw, fixed_time, scenes

NAMES = (
    "board-80x24", "board-120x40", "board-200x50", "sixteen-colours", "ascii", "empty",
    "failing", "detail", "timeline", "help", "filter", "many-environments",
)  # fmt: skip


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Stop the clock, so that ages and times stay the same."""
    with fixed_time():
        yield


@pytest.mark.parametrize("name", NAMES)
async def test_screen_matches_its_picture(name: str) -> None:
    stored, drawn = FOLDER / f"{name}.svg", FOLDER / f"{name}.new.svg"
    drawn.unlink(missing_ok=True)
    picture = await draw(scenes()[name])
    if picture != stored.read_text("utf-8"):
        drawn.write_text(picture, encoding="utf-8")
        pytest.fail(f"the screen differs from {stored}: see {drawn}; `make snapshots` accepts it", pytrace=False)


def test_every_scene_has_a_picture_and_a_test() -> None:
    assert list(scenes()) == list(NAMES)
    assert {path.stem for path in FOLDER.glob("*.svg") if not path.stem.endswith(".new")} == set(NAMES)
