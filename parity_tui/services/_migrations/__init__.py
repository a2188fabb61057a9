"""Migrations: which schema changes a database has had, by the ledger that each migration tool keeps in it.

A kind of SQL database finds candidate tables by :data:`TABLES` in its catalogue, :func:`recognize` decides by their
columns whose ledgers they are, the kind selects the columns of each :class:`LedgerTable` in its own dialect, newest
rows first and at most :data:`CAP`, and :func:`ledger_facts` makes one fact of each ledger: `migrations (django)`.

The kind of an app that knows its own migrations compares them with ``reading.facts["migrations (…)"].ledger``; by
:data:`RULE`, or by :func:`parity_tui.drift.ledgers.relation_of` ("code ahead of its schema").
"""

from parity_tui.services._migrations.catalogue import TABLES, Candidate, LedgerTable, recognize
from parity_tui.services._migrations.ledgers import CAP, SEPARATOR, LedgerRow, ledger_facts
from parity_tui.services._migrations.rule import HIDDEN, RULE

__all__ = [
    "CAP",
    "HIDDEN",
    "RULE",
    "SEPARATOR",
    "TABLES",
    "Candidate",
    "LedgerRow",
    "LedgerTable",
    "ledger_facts",
    "recognize",
]
