"""``python -m tests.bench [CHAPTER …] [--no-rabbitmq] [--times N] [--before CHECKOUT]``: measures and prints."""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from parity_tui.demo.servers import Servers
from tests.bench import check, compare, fleet, growth, history, keys, load, many, paint, refresh, rest
from tests.bench.table import Figure, show, show_summary

Chapter = Callable[[Sequence[fleet.ServerAddress], Path, int], list[Figure]]

CHAPTERS: dict[str, tuple[str, Chapter]] = {
    "check": ("check: a whole process, three environments", check.measure),
    "refresh": ("refresh: on open connections", refresh.measure),
    "paint": ("paint: the board opens in a terminal of 120x40", paint.measure),
    "rest": ("rest: a real board on which nothing moves, for a minute", rest.measure),
    "load": ("load: of a board's minute on its servers", load.measure),
    "keys": ("keys: and changed cells, in a terminal of 120x40", keys.measure),
    "compare": ("compare: 20 environments x 10 services x 400 settings, CPU", compare.measure),
    "growth": ("growth: 10, 20 and 40 environments x 10 services x 400 settings, CPU", growth.measure),
    "history": ("history: a year of 3 environments x 10 services with 40 changes a day", history.measure),
    "many": ("many: 300 targets", many.measure),
}
WITHOUT_SERVERS = {"keys", "compare", "growth", "history"}


def main() -> None:
    """Start the servers and measure chapter by chapter."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="the figures, measured here")
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help=f"of {', '.join(CHAPTERS)}; default: all")
    parser.add_argument(
        "--rabbitmq",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="with three RabbitMQ nodes, which take 15 s to start; default: %(default)s",
    )
    parser.add_argument("--times", type=int, default=7, help="how often each contender runs; default: %(default)s")
    parser.add_argument(
        "--before", type=Path, metavar="CHECKOUT", help="compare `check` and its report with another one"
    )
    options = parser.parse_args()
    if unknown := [name for name in options.chapters if name not in CHAPTERS]:
        parser.error(f"unknown chapter {unknown[0]}; known: {', '.join(CHAPTERS)}")
    logging.disable()  # libraries log dropped connections
    chapters = options.chapters or list(CHAPTERS)
    print(f"{os.cpu_count()} cores; medians of {options.times} runs that take turns")  # noqa: T201
    with Servers() as servers, tempfile.TemporaryDirectory() as folder:
        served = not WITHOUT_SERVERS.issuperset(chapters)
        addresses = fleet.start(servers, rabbitmq=options.rabbitmq) if served else []
        figures = []
        for name in chapters:
            title, chapter = CHAPTERS[name]
            if name == "check":
                chapter = partial(check.measure, before=options.before)
            figures += _measured(title, chapter, addresses, Path(folder), options.times)
    show_summary(figures)


def _measured(
    title: str, chapter: Chapter, addresses: Sequence[fleet.ServerAddress], folder: Path, times: int
) -> list[Figure]:
    """Measure a chapter; print its figures, its duration, and the load of the machine before and after."""
    load_before, began = os.getloadavg()[0], time.monotonic()
    figures = chapter(addresses, folder, times)
    seconds, load_after = time.monotonic() - began, os.getloadavg()[0]
    show(f"{title} ({seconds:.0f} s; load {load_before:.1f} to {load_after:.1f})", figures)
    return figures


if __name__ == "__main__":
    main()
