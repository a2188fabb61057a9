"""SQL that gives a setting another value: text for a person to copy, never run by this program."""

from __future__ import annotations

from parity_tui.drift.values import is_text
from parity_tui.model import Fact, State
from parity_tui.services.postgres.normalize import OVERRIDE, quoted


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


RESTART = _words(
    """
    archive_mode autovacuum_freeze_max_age autovacuum_multixact_freeze_max_age autovacuum_worker_slots
    commit_timestamp_buffers data_sync_retry debug_io_direct dynamic_shared_memory_type hot_standby huge_page_size
    huge_pages ignore_invalid_pages io_max_combine_limit io_max_concurrency io_method jit_provider
    logging_collector max_active_replication_origins max_connections max_files_per_process
    max_locks_per_transaction max_logical_replication_workers max_notify_queue_pages
    max_pred_locks_per_transaction max_prepared_transactions max_replication_slots max_wal_senders
    max_worker_processes min_dynamic_shared_memory multixact_member_buffers multixact_offset_buffers
    notify_buffers old_snapshot_threshold reserved_connections serializable_buffers shared_buffers
    shared_memory_type shared_preload_libraries subtransaction_buffers superuser_reserved_connections
    trace_connection_negotiation track_activity_query_size track_commit_timestamp transaction_buffers
    unix_socket_permissions wal_buffers wal_decode_buffer_size wal_level wal_log_hints
    """
)
"""compared settings that take effect at a restart; all others take a reload"""

FIXED = _words(
    """
    block_size data_checksums debug_assertions integer_datetimes max_function_args max_identifier_length
    max_index_keys segment_size ssl_library wal_block_size wal_segment_size
    """
)
"""settings that are fixed by the build or by initdb"""

LISTS_OF_NAMES = _words(
    "local_preload_libraries search_path session_preload_libraries shared_preload_libraries temp_tablespaces"
)
"""settings whose members are quoted one by one"""

_CONNECTED_DATABASE = ':"DBNAME"'
"""psql's variable for the connected database"""


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    r"""Return the statement that gives ``setting`` the value ``wanted``.

    Args:
        setting: name of the fact.
        wanted: raw value.
        fact: the fact of the environment to be aligned.

    Returns:
        Text for psql connected to the app's database, with a comment; "" if no statement can do it.

    >>> remediate("TimeZone", "UTC", Fact("Europe/Paris", source="postgresql.conf:702"))
    'ALTER SYSTEM SET "TimeZone" = \'UTC\';  -- then SELECT pg_reload_conf();'
    >>> remediate("extension.pgcrypto", "1.3", Fact(state=State.ABSENT))
    "CREATE EXTENSION pgcrypto VERSION '1.3';"
    """
    from parity_tui.services.postgres.queries import CUT  # here: a kind that is imported needs no statement yet

    if fact.state not in (State.VALUE, State.ABSENT) or not is_text(wanted) or CUT.search(wanted):
        return ""
    family, _, rest = setting.partition(".")
    match family:
        case "extension":
            return _extension(rest, wanted, fact)
        case "extension_schema":
            present = fact.state is State.VALUE
            return f"ALTER EXTENSION {quoted(rest)} SET SCHEMA {quoted(wanted)};" if wanted and present else ""
        case "override":
            return _override(rest, wanted, fact)
        case "database":
            return _database(rest, wanted)
        case _:
            return _system(setting, wanted, fact)


def _system(setting: str, wanted: str, fact: Fact) -> str:
    if setting == "data_checksums":
        return f"pg_checksums --{'enable' if wanted == 'on' else 'disable'}  # with the server stopped"
    if setting in FIXED or fact.state is State.ABSENT or "[" in setting:
        return ""
    if fact.source in ("command line", "environment"):
        return f"-- set by the server's {fact.source}: change {setting} there to {literal(wanted)}"
    then = "restart the server" if setting in RESTART else "SELECT pg_reload_conf();"
    return f"ALTER SYSTEM {_assignment(setting, wanted)};  -- then {then}"


def _assignment(setting: str, wanted: str) -> str:
    """Return the SET or RESET clause.

    >>> _assignment("search_path", '"$user", public'), _assignment("shared_preload_libraries", "")
    ("SET search_path = '$user', 'public'", 'RESET shared_preload_libraries')
    """
    name = ".".join(quoted(part) for part in setting.split("."))
    if setting not in LISTS_OF_NAMES:
        return f"SET {name} = {literal(wanted)}"
    members = [member.strip() for member in wanted.split(",") if member.strip()]
    if not members:  # '' would be a list with one empty name, and no server starts with that
        return f"RESET {name}"
    return f"SET {name} = {', '.join(literal(_unquoted(member)) for member in members)}"


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if len(name) > 1 and name[0] == name[-1] == '"' else name


def literal(text: str) -> str:
    r"""Return text as an SQL literal that is valid with either value of standard_conforming_strings.

    >>> print(literal("it's"), literal("a\\b"))
    'it''s' E'a\\b'
    """
    doubled = text.replace("'", "''")
    return "E'" + doubled.replace("\\", "\\\\") + "'" if "\\" in text else f"'{doubled}'"


def _extension(name: str, wanted: str, fact: Fact) -> str:
    if not wanted:  # a DROP is never proposed
        return ""
    if fact.state is State.ABSENT:
        return f"CREATE EXTENSION {quoted(name)} VERSION {literal(wanted)};"
    return f"ALTER EXTENSION {quoted(name)} UPDATE TO {literal(wanted)};"


def _override(rest: str, wanted: str, fact: Fact) -> str:
    r"""Return how a setting of a role or a database is changed, or reset if ``wanted`` is "".

    >>> _override("role.app.database.work_mem", "64MB", Fact(state=State.ABSENT))
    'ALTER ROLE app IN DATABASE :"DBNAME" SET work_mem = \'64MB\';  -- for new sessions'
    >>> _override("database[shop].jit", "", Fact("off"))
    'ALTER DATABASE shop RESET jit;  -- for new sessions'
    """
    match = OVERRIDE.fullmatch(rest)
    if match is None or (not wanted and fact.state is State.ABSENT):
        return ""
    setting = match["setting"]
    change = _assignment(setting, wanted) if wanted else f"RESET {'.'.join(map(quoted, setting.split('.')))}"
    connected = _CONNECTED_DATABASE if match["database"] else ""
    database = connected if match["other"] is None else quoted(match["other"])
    if match["role"] is None and database:
        return f"ALTER DATABASE {database} {change};  -- for new sessions"
    scope = f" IN DATABASE {database}" if database else ""
    return f"ALTER ROLE {match['role'] or 'ALL'}{scope} {change};  -- for new sessions"


def _database(rest: str, wanted: str) -> str:
    if rest == "collation_mismatch" and wanted == "off":
        return (
            f"REINDEX DATABASE {_CONNECTED_DATABASE}; ALTER DATABASE {_CONNECTED_DATABASE} REFRESH COLLATION VERSION;"
        )
    return ""
