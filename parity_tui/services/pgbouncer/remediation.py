"""The lines of pgbouncer.ini that would set a value, as text for a person to copy."""

from __future__ import annotations

from parity_tui.model import Fact
from parity_tui.services.pgbouncer.parse import RENAMED, RESTART

OF_THE_HOST = ("listen_addr",)
"""settings whose value is right for one host only"""
_DATABASE = "database."
_USER = "user."
_PER_DATABASE = ("pool_size", "min_pool_size", "reserve_pool_size", "server_lifetime", "pool_mode")
_SPELLINGS = {new: old for old, new in RENAMED.items()}
_CONNECTIONS = {"max_connections": "max_db_connections", "max_client_connections": "max_db_client_connections"}


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    """Return the line of pgbouncer.ini that gives a setting its value, "" where none does.

    >>> remediate("pool_mode", "transaction", Fact("session", description="a change takes effect with RELOAD"))
    'pool_mode = transaction  ; in [pgbouncer] of pgbouncer.ini, then RELOAD in its console'
    >>> remediate("database.shop.pool_size", "30", Fact("20"))
    'shop = … pool_size=30  ; in [databases] of pgbouncer.ini, then RELOAD in its console'
    >>> remediate("database.shop.paused", "0", Fact("1"))
    'RESUME shop;  -- in its console'
    >>> remediate("user.app.pool_mode", "session", Fact("transaction"))
    'app = … pool_mode=session  ; in [users] of pgbouncer.ini, then RELOAD in its console'
    """
    if setting in OF_THE_HOST or "\n" in wanted or ";" in wanted:  # a semicolon begins a comment
        return ""
    if setting.startswith(_DATABASE):
        return _of_database(*setting.removeprefix(_DATABASE).rpartition(".")[::2], wanted)
    if setting.startswith(_USER):
        return _of_user(*setting.removeprefix(_USER).rpartition(".")[::2], wanted)
    after = "a restart" if fact.description == RESTART else "RELOAD in its console"
    return f"{setting} = {wanted}".rstrip() + f"  ; in [pgbouncer] of pgbouncer.ini, then {after}"


def _of_user(name: str, column: str, wanted: str) -> str:
    if not _is_plain(name) or not wanted:
        return ""
    return f"{name} = … {column}={wanted}  ; in [users] of pgbouncer.ini, then RELOAD in its console"


def _is_plain(name: str) -> bool:
    return name.replace("_", "").replace("-", "").isalnum()


def _of_database(name: str, column: str, wanted: str) -> str:
    if not _is_plain(name):
        return ""
    if column in ("paused", "disabled"):
        verbs = {"paused": ("RESUME", "PAUSE"), "disabled": ("ENABLE", "DISABLE")}[column]
        return f"{verbs[wanted == '1']} {name};  -- in its console"
    key = _CONNECTIONS.get(column) or (_SPELLINGS.get(column, column) if column in _PER_DATABASE else "")
    if not key or not wanted:
        return ""
    return f"{name} = … {key}={wanted}  ; in [databases] of pgbouncer.ini, then RELOAD in its console"
