"""``python -m tests.bench [CHAPTER …] [--rabbitmq] [--times N]``: measures and prints."""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from parity_tui.demo.servers import Servers
from tests.bench import board, check, compare, fleet, history, many, refresh
from tests.bench.table import Figure, show

Chapter = Callable[[Sequence[fleet.ServerAddress], Path, int], list[Figure]]

CHAPTERS: dict[str, tuple[str, Chapter]] = {
    "check": ("check: a whole process, three environments", check.measure),
    "refresh": ("refresh: on open connections", refresh.measure),
    "board": ("board: a terminal of 120x40", board.measure),
    "compare": ("compare: 20 environments x 10 services x 400 settings, CPU", compare.measure),
    "history": ("history: a year of 3 environments x 10 services with 40 changes a day", history.measure),
    "many": ("many: 300 targets at once, and memory", many.measure),
}


def main() -> None:
    """Start the servers and measure chapter by chapter."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="the figures, measured here")
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help=f"of {', '.join(CHAPTERS)}; default: all")
    parser.add_argument("--rabbitmq", action="store_true", help="with three RabbitMQ nodes, which take 15 s to start")
    parser.add_argument("--times", type=int, default=7, help="how often each contender runs; default: %(default)s")
    options = parser.parse_args()
    if unknown := [name for name in options.chapters if name not in CHAPTERS]:
        parser.error(f"unknown chapter {unknown[0]}; known: {', '.join(CHAPTERS)}")
    logging.disable()  # libraries log dropped connections
    load, cores = os.getloadavg()[0], os.cpu_count()
    print(f"{cores} cores, load {load:.1f}; medians of {options.times} runs that take turns")  # noqa: T201
    with Servers() as servers, tempfile.TemporaryDirectory() as folder:
        addresses = fleet.start(servers, rabbitmq=options.rabbitmq)
        for name in options.chapters or CHAPTERS:
            title, chapter = CHAPTERS[name]
            show(title, chapter(addresses, Path(folder), options.times))


if __name__ == "__main__":
    main()
