"""Metrics in a file, for the textfile collector of Prometheus' node exporter."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from parity_tui.daemon.metrics import Family, Metrics
from parity_tui.daemon.state_file import replace_file


def to_text(families: Iterable[Family]) -> str:
    r"""Return metrics in the text format of Prometheus.

    >>> family = Family("parity_drift", "Settings.")
    >>> family.add(2, environment='d"ev')
    >>> print(to_text([family]), end="")
    # HELP parity_drift Settings.
    # TYPE parity_drift gauge
    parity_drift{environment="d\"ev"} 2.0
    """
    lines: list[str] = []
    for family in families:
        lines.append(f"# HELP {family.name} {_escaped(family.help)}")
        lines.append(f"# TYPE {family.name} {'counter' if family.counter else 'gauge'}")
        lines += (f"{family.name}{_labels(labels)} {float(value)}" for labels, value in family.samples)
    return "".join(f"{line}\n" for line in lines)


def _labels(labels: Mapping[str, str]) -> str:
    quoted = ",".join(f'{name}="{_escaped(value, quote=True)}"' for name, value in labels.items())
    return f"{{{quoted}}}" if quoted else ""


def _escaped(text: str, *, quote: bool = False) -> str:
    text = text.replace("\\", r"\\").replace("\n", r"\n")
    return text.replace('"', r"\"") if quote else text


class Textfile:
    """Replaces the file again and again while its block runs; a problem is reported once."""

    def __init__(self, path: Path, metrics: Metrics, every: float, say: Callable[[str], None]) -> None:
        self._path = path
        self._metrics = metrics
        self._every = every
        self._say = say
        self._task: asyncio.Task[None] | None = None
        self._problem = ""

    async def __aenter__(self) -> Textfile:
        """Start writing."""
        self._task = asyncio.create_task(self._run(), name="metrics")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; the file stays, and its times tell how old it is."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            self._write()
            await asyncio.sleep(self._every)

    def _write(self) -> None:
        content = to_text(self._metrics.families(time.time())).encode("utf-8", "backslashreplace")
        try:
            replace_file(self._path, content, 0o644)
            problem = ""
        except OSError as error:
            problem = (error.strerror or str(error)).lower()
            if problem != self._problem:
                self._say(f"{self._path} cannot be written: {problem}")
        self._problem = problem
