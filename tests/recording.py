"""Renews screenshots/demo.svg, an animated recording of the demo: ``make recording``.

A real demo runs in a pty; keys are pressed when the line of its story asks for them. The waits between are shortened.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.animation import Frame, animated, snapshot
from tests.screenshots import FOLDER
from tests.ui.terminal import Terminal, opened

SIZE = (100, 32)
LONGEST, SHORTEST = 1.25, 0.15
"""seconds: longer waits are cut to the first, screens that stay for less than the second are left out"""
PROMPT = 0.4
"""seconds of a screen before the board"""
MOST = 600_000
"""bytes of the picture"""
PATIENCE = 120.0
"""seconds for a step of the story"""


@dataclass
class Recorder:
    """Takes a snapshot of a terminal whenever it has changed."""

    terminal: Terminal
    frames: list[Frame] = field(default_factory=list)
    """with real times"""
    still: int = 0
    """the frame that is shown where nothing moves"""

    def take(self) -> None:
        """Add the screen if it differs from the last frame."""
        rows = snapshot(self.terminal.screen)
        if not self.frames or rows != self.frames[-1].rows:
            self.frames.append(Frame(time.monotonic(), rows))

    def watch(self, seconds: float) -> None:
        """Record for some seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.terminal.pump(0.08):
                self.take()

    def until(self, *texts: str) -> None:
        """Record until all texts are on the screen at once, and a moment longer."""
        end = time.monotonic() + PATIENCE
        while not all(any(text in line for line in self.terminal.shown) for text in texts):
            assert time.monotonic() < end, f"never seen: {texts}\n" + "\n".join(self.terminal.shown)
            self.watch(0.1)
        self.watch(1.5)

    def press(self, *keys: str, pause: float = 1.0) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.terminal.type(key)
            self.watch(pause)


@contextmanager
def demo() -> Iterator[Recorder]:
    """Run the demo in a terminal that shows its command."""
    with opened("demo", module="parity_tui", size=SIZE, environment={"PYTHONWARNINGS": ""}) as terminal:
        recorder = Recorder(terminal)
        terminal.stream.feed(b"$ make demo\r\n")
        recorder.take()
        yield recorder
        terminal.type("\x03")
        terminal.end()


def record() -> Recorder:
    """Play the story once and return what was on the screen."""
    with demo() as recorder:
        recorder.until("against production", "PostgreSQL 18")
        recorder.press("\r")
        while not any(line.startswith(" TimeZone ") for line in recorder.terminal.shown):
            recorder.press("\t", pause=0.6)
        recorder.watch(1.5)
        recorder.until("watch: maxmemory-policy", "volatile-lru")
        recorder.until("has just been stopped")
        recorder.until("sessions: ")
        recorder.still = len(recorder.frames) - 1
        recorder.press("!", pause=2.0)
        recorder.until("is up again")
        recorder.until("was restarted as")
        recorder.watch(4.0)
        recorder.press(".", pause=2.0)
        recorder.until("fix for TimeZone")
        recorder.until("TimeZone: ")
        recorder.press(".", pause=2.0)
        recorder.press("t", pause=3.0)
    return recorder


def shortened(frames: list[Frame]) -> list[Frame]:
    """Return frames from second 0 on, without flashes and long waits; the last one stays for a while."""
    ends = [*(frame.time for frame in frames[1:]), frames[-1].time + 2 * LONGEST]
    result, now = [], 0.0
    for frame, end in zip(frames, ends, strict=True):
        stays = end - frame.time
        if stays < SHORTEST:
            continue
        result.append(Frame(now, frame.rows))
        now += min(stays, LONGEST if sum(map(bool, frame.rows)) > 3 else PROMPT)
    return result


def main() -> None:
    """Record the demo and write the picture."""
    recorder = record()
    still = recorder.frames[recorder.still].rows
    frames = shortened(recorder.frames)
    seconds = frames[-1].time + 2 * LONGEST
    svg = animated(frames, seconds, SIZE, still, title="parity-tui demo")
    assert len(svg.encode()) <= MOST, len(svg.encode())
    (FOLDER / "demo.svg").write_text(svg, encoding="utf-8")
    print(f"screenshots/demo.svg: {len(frames)} frames, {seconds:.0f} s, {len(svg.encode()) // 1000} kB")  # noqa: T201


if __name__ == "__main__":
    main()
