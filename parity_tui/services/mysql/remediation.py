"""What would bring a setting to another value: text to be copied by a person, never run from here."""

from __future__ import annotations

import re

from parity_tui.model import Fact, State, ValueType


def _words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


RESTART = _words(
    """
    allow_suspicious_udfs aria_pagecache_buffer_size authentication_policy back_log binlog_row_event_max_size
    default_authentication_plugin disabled_storage_engines encrypt_binlog ft_max_word_len ft_min_word_len
    ft_query_expansion_limit ft_stopword_file innodb_adaptive_hash_index_parts innodb_autoinc_lock_mode
    innodb_buffer_pool_chunk_size innodb_buffer_pool_instances innodb_doublewrite innodb_encrypt_log
    innodb_flush_method innodb_force_recovery innodb_ft_max_token_size innodb_ft_min_token_size
    innodb_ft_sort_pll_degree innodb_linux_aio innodb_log_buffer_size innodb_numa_interleave innodb_open_files
    innodb_page_cleaners innodb_purge_threads innodb_read_io_threads innodb_read_only innodb_rollback_on_timeout
    innodb_sort_buffer_size innodb_use_native_aio innodb_write_io_threads large_pages log_bin log_replica_updates
    max_digest_length metadata_locks_cache_size myisam_recover_options ngram_token_size open_files_limit
    performance_schema plugin_maturity relay_log_space_limit replica_skip_errors
    secure_file_priv skip_external_locking skip_grant_tables skip_name_resolve skip_networking skip_show_database
    table_open_cache_instances thread_handling thread_stack tls_version
    """
)
"""variables that cannot be set while the server runs, of those that are ever compared"""

FIXED = frozenset({"mysql compatibility"}) | _words(
    "lower_case_table_names innodb_page_size innodb_data_file_path innodb_undo_tablespaces large_page_size "
    "have_ssl have_query_cache time_zone_tables"
)
"""what is chosen when the data is made or the server built, or is no setting"""

FILE = "under [mysqld] in its configuration file"


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    r"""Return the statement that gives ``setting`` the value ``wanted``, "" where there is none.

    ``fact`` is that of the environment to be aligned.

    >>> remediate("sql_mode", "ANSI", Fact(""))
    "SET GLOBAL sql_mode = 'ANSI';  -- and sql_mode = ANSI under [mysqld] in its configuration file"
    >>> remediate("skip_name_resolve", "ON", Fact("OFF"))
    'skip_name_resolve = ON  # under [mysqld] in its configuration file, then restart the server'
    >>> remediate("database.collation", "utf8mb4_bin", Fact("latin1_bin"))
    'ALTER DATABASE COLLATE = utf8mb4_bin;  -- for new tables; within the database'
    """
    if fact.state is not State.VALUE or "[" in setting or setting in FIXED or not wanted.isprintable():
        return ""
    if fact.source in ("command line", "environment"):
        return f"-- set by the server's {fact.source}: change {setting} there to {wanted}"
    family, _, rest = setting.partition(".")
    match family:
        case "database":
            return _database(rest, wanted)
        case "effective_time_zone":
            return _zone(wanted)
        case "optimizer_switch":
            return _variable(family, f"{rest}={wanted}", Fact(""))
        case "transaction_isolation":
            return f"SET GLOBAL TRANSACTION ISOLATION LEVEL {_level(wanted)};  -- and {setting} = {wanted} {FILE}"
        case _:
            return _variable(_called(setting, fact), wanted, fact)


def _variable(name: str, wanted: str, fact: Fact) -> str:
    """Return how a variable of the server is set, now and for the next start."""
    if name in RESTART:
        return f"{name} = {wanted}  # {FILE}, then restart the server"
    kept = f"and {name} = {wanted} {FILE}" if wanted else f"and {name} = {FILE}"
    return f"SET GLOBAL {name} = {_value(wanted, fact)};  -- {kept}"


def _called(setting: str, fact: Fact) -> str:
    """Return what the server calls a setting that is compared under another name.

    >>> _called("replica_net_timeout", Fact("60", note="called slave_net_timeout here"))
    'slave_net_timeout'
    """
    found = re.match(r"called (\w+) here", fact.note)
    return found[1] if found else setting


def _value(wanted: str, fact: Fact) -> str:
    """Return a value as SQL writes it: numbers and switches bare.

    >>> _value("8", Fact("9", ValueType.NUMBER)), _value("ON", Fact("OFF", ValueType.BOOL)), _value("8", Fact(""))
    ('8', 'ON', "'8'")
    """
    bare = fact.type in (ValueType.NUMBER, ValueType.SIZE, ValueType.DURATION, ValueType.BOOL)
    return wanted if bare and re.fullmatch(r"-?[0-9.]+|ON|OFF", wanted) else literal(wanted)


def literal(text: str) -> str:
    r"""Return text as SQL writes it, whatever sql_mode says of backslashes; bytes that are no text in hexadecimals.

    >>> literal("it's"), literal("a\\b"), literal("caf\udce9")
    ("'it''s'", "X'615c62'", "X'636166e9'")
    """
    if re.search(r"[\\\udc80-\udcff]", text):
        return f"X'{text.encode(errors='surrogateescape').hex()}'"
    return "'" + text.replace("'", "''") + "'"


def _level(wanted: str) -> str:
    """Return an isolation level as SQL writes it."""
    return wanted.upper().replace("-", " ")


def _zone(wanted: str) -> str:
    """Return how the zone is set; an abbreviation of a host's own is none that can be.

    >>> _zone("CET"), _zone("UTC")
    ('', "SET GLOBAL time_zone = '+00:00';  -- and default_time_zone = +00:00 under [mysqld] in its configuration file")
    """
    zone = "+00:00" if wanted == "UTC" else wanted
    if not re.fullmatch(r"[+-]\d{1,2}:\d\d|\w+/[\w/+-]+", zone):
        return ""
    return f"SET GLOBAL time_zone = {literal(zone)};  -- and default_time_zone = {zone} {FILE}"


def _database(rest: str, wanted: str) -> str:
    """Return how a trait of the app's database is changed; the tables that are there keep theirs."""
    words = {"character_set": "CHARACTER SET", "collation": "COLLATE"}.get(rest)
    if not words or not re.fullmatch(r"\w{1,64}", wanted):
        return ""
    return f"ALTER DATABASE {words} = {wanted};  -- for new tables; within the database"
