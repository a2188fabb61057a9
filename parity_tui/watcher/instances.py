"""Counts the connections to a target that a restart of its server may explain."""

from __future__ import annotations

from parity_tui.watcher.link import Link

_MOST = 64
"""instances that are remembered; names with many addresses lead to some dozens"""


class Instances:
    """The servers that a target has led to, by their process or start."""

    def __init__(self) -> None:
        self.connections = 0
        """how often a new connection was no mere renewal"""
        self._names: list[str] = []
        """instances that were read, the latest last"""

    async def note(self, instance: str, old: Link | None, timeout: float) -> None:
        """Count a new connection, unless it leads to another server while the old one lives: that is no restart."""
        if instance in self._names:
            self._names.remove(instance)
        elif old is None or not await old.answers(timeout):
            self.connections += 1
        self._names = [*self._names, instance][-_MOST:]
