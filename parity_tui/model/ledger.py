"""A ledger: the ordered set of entries that one fact stands for, such as the migrations of a database."""

from __future__ import annotations

from msgspec import Struct


class Entry(Struct, frozen=True, omit_defaults=True, gc=False):
    """One entry: a migration, a commit."""

    id: str
    """identifies it in every environment"""
    group: str = ""
    """entries are ordered within their group only: a Django app"""
    at: float = 0.0
    """when it came into this ledger, seconds since the epoch; 0.0 if unknown"""
    by: str = ""
    """the account or author that the ledger names"""
    checksum: str = ""
    """"" if the ledger has none"""


class Ledger(Struct, frozen=True, omit_defaults=True, gc=False):
    """All entries of one environment, the newest last."""

    entries: tuple[Entry, ...] = ()
    heads: bool = False
    """it holds only its latest entries; numbers among them are ordered"""
    truncated: bool = False
    """older entries were not read"""
    problems: tuple[str, ...] = ()
    """broken states: "failed: V7__orders.sql" """
    remarks: tuple[str, ...] = ()
    """states that need a look: "locked by web1" """
    environment: str = ""
    """name of the environment as the ledger records it"""
