"""SQL and lines of my.cnf that give a setting another value: text for a person to copy, never run by this program."""

from __future__ import annotations

import re

from parity_tui.model import Fact, State, ValueType
from parity_tui.services.mysql.rules.plugins import GLOBS


def _words(text: str) -> frozenset[str]:
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
"""compared variables that cannot be set while the server runs"""

FIXED = frozenset({"mysql compatibility"}) | _words(
    "lower_case_table_names innodb_page_size innodb_data_file_path innodb_undo_tablespaces large_page_size "
    "have_ssl have_query_cache time_zone_tables"
)
"""facts that are fixed by the build or the data directory, or are no settings"""

_OF_PLUGINS = tuple(glob.removesuffix("*") for glob in GLOBS)
"""beginnings of the names of facts that no variable sets"""

FILE = "under [mysqld] in its configuration file"


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    r"""Return the statement that gives ``setting`` the value ``wanted``.

    Args:
        setting: name of the fact.
        wanted: raw value.
        fact: the fact of the environment to be aligned.

    Returns:
        SQL with a comment, or a line of my.cnf; "" if neither can do it.

    >>> remediate("sql_mode", "ANSI", Fact(""))
    "SET GLOBAL sql_mode = 'ANSI';  -- and sql_mode = ANSI under [mysqld] in its configuration file"
    >>> remediate("skip_name_resolve", "ON", Fact("OFF"))
    'skip_name_resolve = ON  # under [mysqld] in its configuration file, then restart the server'
    >>> remediate("database.collation", "utf8mb4_bin", Fact("latin1_bin"))
    'ALTER DATABASE COLLATE = utf8mb4_bin;  -- for new tables; within the database'
    """
    if (
        setting.startswith(_OF_PLUGINS)
        or fact.state is not State.VALUE
        or "[" in setting
        or setting in FIXED
        or not wanted.isprintable()
    ):
        return ""
    if fact.source in ("command line", "environment"):
        return f"-- set by the server's {fact.source}: change {setting} there to {wanted}"
    family, _, rest = setting.partition(".")
    match family:
        case "database":
            return _database(rest, wanted)
        case "effective_time_zone":
            return _time_zone(wanted)
        case "optimizer_switch":
            return _variable(family, f"{rest}={wanted}", Fact(""))
        case "transaction_isolation":
            return f"SET GLOBAL TRANSACTION ISOLATION LEVEL {_level(wanted)};  -- and {setting} = {wanted} {FILE}"
        case _:
            return _variable(_server_name(setting, fact), wanted, fact)


def _variable(name: str, wanted: str, fact: Fact) -> str:
    if name in RESTART:
        return f"{name} = {wanted}  # {FILE}, then restart the server"
    persisted = f"and {name} = {wanted} {FILE}" if wanted else f"and {name} = {FILE}"
    return f"SET GLOBAL {name} = {_value(wanted, fact)};  -- {persisted}"


def _server_name(setting: str, fact: Fact) -> str:
    """Return the server's own name of a setting that is compared under another one.

    >>> _server_name("replica_net_timeout", Fact("60", note="called slave_net_timeout here"))
    'slave_net_timeout'
    """
    match = re.match(r"called (\w+) here", fact.note)
    return match[1] if match else setting


def _value(wanted: str, fact: Fact) -> str:
    """Return a value as SQL requires it: numbers and booleans without quotes.

    >>> _value("8", Fact("9", ValueType.NUMBER)), _value("ON", Fact("OFF", ValueType.BOOL)), _value("8", Fact(""))
    ('8', 'ON', "'8'")
    """
    bare = fact.type in (ValueType.NUMBER, ValueType.SIZE, ValueType.DURATION, ValueType.BOOL)
    return wanted if bare and re.fullmatch(r"-?[0-9.]+|ON|OFF", wanted) else literal(wanted)


def literal(text: str) -> str:
    r"""Return text as an SQL literal that is valid in every sql_mode; with backslashes or invalid UTF-8 in hexadecimal.

    >>> literal("it's"), literal("a\\b"), literal("caf\udce9")
    ("'it''s'", "X'615c62'", "X'636166e9'")
    """
    if re.search(r"[\\\udc80-\udcff]", text):
        return f"X'{text.encode(errors='surrogateescape').hex()}'"
    return "'" + text.replace("'", "''") + "'"


def _level(wanted: str) -> str:
    return wanted.upper().replace("-", " ")


def _time_zone(wanted: str) -> str:
    """Return the SET of a zone, "" for the abbreviation of a host's zone, which SQL does not accept.

    >>> _time_zone("CET"), _time_zone("UTC")
    ('', "SET GLOBAL time_zone = '+00:00';  -- and default_time_zone = +00:00 under [mysqld] in its configuration file")
    """
    zone = "+00:00" if wanted == "UTC" else wanted
    if not re.fullmatch(r"[+-]\d{1,2}:\d\d|\w+/[\w/+-]+", zone):
        return ""
    return f"SET GLOBAL time_zone = {literal(zone)};  -- and default_time_zone = {zone} {FILE}"


def _database(rest: str, wanted: str) -> str:
    clause = {"character_set": "CHARACTER SET", "collation": "COLLATE"}.get(rest)
    if not clause or not re.fullmatch(r"\w{1,64}", wanted):
        return ""
    return f"ALTER DATABASE {clause} = {wanted};  -- for new tables; within the database"
