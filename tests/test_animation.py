"""The generator of the recording, and the recording itself."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pyte
import pytest

from tests.animation import Frame, animated, intervals, snapshot
from tests.recording import LONGEST, MOST, SHORTEST, shortened
from tests.screenshots import FOLDER

SVG = "{http://www.w3.org/2000/svg}"


def frame(time: float, *lines: str) -> Frame:
    """Return the frame of a terminal of ten columns and two lines."""
    screen = pyte.Screen(10, 2)
    pyte.Stream(screen).feed("\r\n".join(lines))
    return Frame(time, snapshot(screen))


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_line_is_drawn_once_for_all_its_times() -> None:
    frames = [frame(0, "top", "one"), frame(1, "top", "two"), frame(3, "top", "one")]
    times = {row[0][2].strip(): each for (_, row), each in intervals(frames, 4).items()}
    assert times == {"top": ((0, 4),), "one": ((0, 1), (3, 4)), "two": ((1, 3),)}
    assert sorted(texts(animated(frames, 4, (10, 2), frames[0].rows))) == ["", "one", "top", "two"]


def test_still_picture_is_shown_without_motion() -> None:
    """Only where motion is permitted are lines animated; elsewhere those of the still picture are visible."""
    frames = [frame(0, "top", "one"), frame(1, "top", "two")]
    svg = animated(frames, 2, (10, 2), frames[1].rows)
    outside = re.sub(r"@media \(prefers-reduced-motion:no-preference\){.*\n}", "", svg, flags=re.DOTALL)
    assert "@keyframes" in svg
    assert "animation" not in outside
    groups = ElementTree.fromstring(svg).iter(f"{SVG}g")
    assert {group[0].text: "h" in (group.get("class") or "").split() for group in groups} == {
        "top": False,
        "one": True,
        "two": False,
    }


def test_colours_and_hostile_text_are_kept() -> None:
    svg = animated([frame(0, "\x1b[1;38;2;1;2;3;48;2;9;8;7m<&>  x")], 1, (10, 2), frame(0).rows)
    assert "<&>  x" in texts(svg)
    assert "fill:#010203;font-weight:bold" in svg
    assert 'fill="#090807"' in svg


def test_waits_are_shortened_and_flashes_left_out() -> None:
    lines = [f"a{number}" for number in range(3)]
    frames = [Frame(time, (row,) * 4) for time, row in zip((5.0, 20.0, 20.1), map(row_of, lines), strict=True)]
    times = [each.time for each in shortened(frames)]
    assert times == [0.0, LONGEST]
    assert SHORTEST > 0.1


def row_of(text: str) -> tuple[tuple[int, int, str, tuple[str, str, bool, bool]], ...]:
    return ((0, len(text), text, ("#fff", "#000", False, False)),)


@pytest.mark.parametrize("words", ["Europe/Paris", "has just been stopped", "was restarted as", "fix for TimeZone"])
def test_recording_shows_the_whole_story(words: str) -> None:
    assert any(words in text for text in recording())


def test_recording_is_small_and_runs_half_a_minute() -> None:
    svg = (FOLDER / "demo.svg").read_text(encoding="utf-8")
    seconds = {float(each) for each in re.findall(r"animation:\w+ ([\d.]+)s", svg)}
    assert len(svg.encode()) <= MOST
    assert len(seconds) == 1
    assert 15 < seconds.pop() < 40
    assert not re.search(r"<script|href|@import|url\(", svg)


def recording() -> list[str]:
    return texts((FOLDER / "demo.svg").read_text(encoding="utf-8"))
