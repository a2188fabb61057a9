"""Why the store of a history cannot be used."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """Why a store cannot be used."""

    UNAVAILABLE = "unavailable"
    """locked, full, not writable, away: a later attempt may succeed"""
    DAMAGED = "damaged"
    """its contents cannot be read any more"""
    NEWER = "newer"
    """a newer parity-tui wrote it; nothing in it may be changed"""


class StoreError(Exception):
    """A store cannot be used; the message is for a person."""

    def __init__(self, fault: Fault, words: str) -> None:
        super().__init__(words)
        self.fault = fault
