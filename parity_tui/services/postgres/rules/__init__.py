"""The table of PostgreSQL's settings: how each is compared, why a difference matters, which need more rights."""

from __future__ import annotations

from collections.abc import Iterator

from parity_tui.model import HiddenGroup, Rule, Severity, ValueType
from parity_tui.services import _migrations

CRITICAL, WARNING, INFO, IGNORED = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED
BOOL, ENUM, SET, LIST, MAP, OCTAL, SECRET = (
    ValueType.BOOL,
    ValueType.ENUM,
    ValueType.SET,
    ValueType.LIST,
    ValueType.MAP,
    ValueType.OCTAL,
    ValueType.SECRET,
)

OFF = {"0": "off"}
OFF_BELOW = {"-1": "off"}
NO_LIMIT = {"-1": "no limit"}

SWITCH = ("off", "on")
SWITCH_OFF = ("on", "off")
"""from the weakest to the safest"""


def _rules(names: str, severity: Severity, why: str, capacity: bool = False) -> Iterator[Rule]:
    return (Rule(name, severity, why, capacity=capacity) for name in names.split())


def _of_extension(setting: str) -> tuple[str, ...]:
    return (f"extension.{setting.partition('.')[2]}",)


RULES = (
    Rule(
        "version",
        CRITICAL,
        "Planner, accepted syntax and defaults change with every major version.",
    ),
    _migrations.RULE,
    # Databases, extensions, and the settings of roles and databases.
    Rule(
        "database.encoding",
        CRITICAL,
        "Text stored on one side may be refused on the other, or stored as different bytes.",
        aliases=("server_encoding",),
    ),
    Rule(
        "database.collate",
        CRITICAL,
        "ORDER BY, ranges, uniqueness and LIKE's use of indexes differ.",
        aliases=("lc_collate", "datcollate"),
    ),
    Rule(
        "database.ctype",
        CRITICAL,
        "upper(), lower(), citext and character classes treat letters differently.",
        aliases=("lc_ctype", "datctype"),
    ),
    Rule(
        "database.locale_provider",
        CRITICAL,
        "Providers can differ in sort order or in upper() and lower(), even under the same locale name.",
        aliases=("datlocprovider",),
    ),
    Rule("database.locale", CRITICAL, "Text is sorted by a different locale.", explained_by="database.locale_provider"),
    Rule(
        "database.icu_rules",
        CRITICAL,
        "Text is sorted by rules of the database's own.",
        explained_by="database.locale_provider",
        aliases=("daticurules",),
    ),
    Rule(
        "database.collation_version",
        WARNING,
        "A different version of the collation library sorts some strings differently.",
        explained_by="database.collate",
    ),
    Rule(
        "database.collation_mismatch",
        CRITICAL,
        "The collation library was updated under the database: indexes on text may miss rows.",
        type=BOOL,
        aliases=("datcollversion_mismatch",),
    ),
    Rule(
        "database[*]",
        WARNING,
        "A different database on the same server: its text sorts differently.",
        MAP,
        explained_by="",
        presence=INFO,
    ),
    Rule(
        "extension.*",
        CRITICAL,
        "Functions and types of a missing or older extension do not exist.",
        explained_by="",
        derived=True,
        computed_from=("version",),
        safer="complete",
    ),
    Rule(
        "extension_schema.*",
        CRITICAL,
        "Its functions and types are found without their schema's name only where that is on the search_path.",
        explained_by=_of_extension,
    ),
    Rule("override.*", WARNING, "Set for a role or a database: its sessions get this value.", explained_by=""),
    # The meaning of SQL.
    Rule(
        "standard_conforming_strings",
        CRITICAL,
        "Backslashes in literals are interpreted differently: broken data, SQL injection.",
    ),
    Rule("DateStyle", CRITICAL, "01/02/2026 is parsed as a different day, and dates are formatted differently.", LIST),
    Rule(
        "TimeZone",
        CRITICAL,
        "timestamptz is shown, truncated and cast to a date in a different zone: off by a day.",
        ENUM,  # in any case, which ALTER DATABASE keeps
    ),
    Rule(
        "default_transaction_isolation",
        CRITICAL,
        "Anomalies on one side, serialization failures on the other.",
    ),
    Rule("default_transaction_read_only", CRITICAL, "Writes fail."),
    Rule("search_path", CRITICAL, "Unqualified names resolve to different tables and functions.", LIST),
    Rule("transform_null_equals", CRITICAL, "expr = NULL becomes expr IS NULL: queries find different rows."),
    Rule("row_security", CRITICAL, "When off, queries fail instead of being filtered by row security."),
    Rule("session_replication_role", CRITICAL, "Triggers and foreign keys are not checked under replica."),
    Rule("backslash_quote", WARNING, "\\' in a literal is accepted or refused."),
    Rule("IntervalStyle", WARNING, "Intervals are formatted differently; programs that parse them break."),
    Rule("timezone_abbreviations", WARNING, "IST or EST means a different offset."),
    Rule("bytea_output", WARNING, "hex or escape: clients that parse the text break."),
    Rule("extra_float_digits", WARNING, "Floats are rounded differently when converted to text."),
    Rule("array_nulls", WARNING, "NULL within an array literal is read as a string."),
    Rule("default_text_search_config", WARNING, "to_tsvector() without a configuration stems words differently."),
    Rule("xmloption", WARNING, "XML fragments are accepted on one side only."),
    Rule("xmlbinary", WARNING, "Binary data in XML is encoded differently."),
    Rule("gin_fuzzy_search_limit", WARNING, "Searches by a GIN index return a random part of the rows."),
    Rule("default_table_access_method", WARNING, "New tables use a different storage method."),
    Rule("lo_compat_privileges", WARNING, "When on, permissions of large objects are not checked."),
    Rule("escape_string_warning", INFO, "Only affects warnings in the log."),
    Rule("default_toast_compression", INFO, "Not every server build supports lz4."),
    *_rules(
        "lc_monetary lc_numeric lc_time", WARNING, "to_char() and money format numbers, amounts and dates differently."
    ),
    Rule("event_triggers", WARNING, "When off, DDL is not seen by the triggers that watch it."),
    # Timeouts and limits.
    Rule("statement_timeout", WARNING, "A long query passes on one side and is cancelled on the other.", special=OFF),
    Rule("lock_timeout", WARNING, "A migration fails waiting for a lock on one side only.", special=OFF),
    Rule(
        "idle_in_transaction_session_timeout",
        WARNING,
        "A transaction left open is ended on one side only.",
        special=OFF,
    ),
    Rule("idle_session_timeout", WARNING, "Idle pooled connections are closed on one side only.", special=OFF),
    Rule("transaction_timeout", WARNING, "A whole transaction is aborted on one side only.", special=OFF),
    Rule(
        "max_connections",
        WARNING,
        "A pool sized for one side exhausts the other; a standby with fewer than its primary does not start.",
    ),
    Rule("superuser_reserved_connections", INFO, "Fewer connections are left for the app."),
    Rule("reserved_connections", INFO, "Fewer connections are left for the app."),
    Rule("max_prepared_transactions", CRITICAL, "At 0, PREPARE TRANSACTION fails.", special=OFF, safer=("0", "*")),
    Rule("max_locks_per_transaction", WARNING, "Queries over many partitions run out of shared memory."),
    Rule("max_pred_locks_per_transaction", WARNING, "Serializable transactions run out of shared memory."),
    Rule("temp_file_limit", WARNING, "A large sort fails.", special=NO_LIMIT),
    Rule("max_stack_depth", INFO, "Deep recursion fails earlier; limited by the host's own stack."),
    # Libraries and extensions.
    Rule(
        "shared_preload_libraries",
        CRITICAL,
        "Extensions that must be preloaded (pg_stat_statements, timescaledb, pg_cron) will not work.",
        SET,
        safer="complete",
    ),
    Rule("output_plugin_libraries", WARNING, "Logical decoding with a plug-in that is not listed fails.", SET),
    Rule("session_preload_libraries", INFO, "Libraries such as auto_explain are loaded on one side only.", SET),
    Rule("local_preload_libraries", INFO, "Libraries that each session loads.", SET),
    # Durability.
    Rule("fsync", CRITICAL, "When off, a crash loses data or the whole database.", safer=SWITCH),
    Rule("full_page_writes", CRITICAL, "When off, a crash leaves torn pages.", safer=SWITCH),
    Rule(
        "synchronous_commit",
        CRITICAL,
        "A commit that was acknowledged may be lost in a crash.",
        safer=("off", "local", "remote_write", "on", "remote_apply"),
    ),
    Rule(
        "data_sync_retry",
        CRITICAL,
        "When on, a failed fsync is retried: data that the kernel has dropped is lost unnoticed.",
        safer=SWITCH_OFF,
    ),
    Rule("zero_damaged_pages", CRITICAL, "When on, damaged pages are zeroed without an error.", safer=SWITCH_OFF),
    Rule("ignore_checksum_failure", CRITICAL, "When on, damaged pages are read without an error.", safer=SWITCH_OFF),
    Rule("data_checksums", WARNING, "Silent corruption is noticed on one side only.", safer=SWITCH),
    Rule(
        "wal_level",
        CRITICAL,
        "Logical decoding needs logical; standbys and backups to a point in time need replica.",
        safer=("minimal", "replica", "logical"),
    ),
    Rule(
        "archive_mode",
        CRITICAL,
        "When off, the server cannot be restored to a point in time.",
        safer=("off", "on", "always"),
    ),
    Rule("autovacuum", CRITICAL, "When off, tables bloat, and in time transaction ids run out.", safer=SWITCH),
    Rule("track_counts", CRITICAL, "When off, autovacuum has no statistics and does nothing.", safer=SWITCH),
    Rule("hot_standby_feedback", INFO, "Queries on a standby are cancelled on one side."),
    Rule("synchronous_standby_names", WARNING, "Commits wait for a standby on one side, and block if it is gone."),
    *(
        Rule(name, CRITICAL, "When on, damage is ignored: meant for rescuing data.", safer=SWITCH_OFF)
        for name in ("ignore_invalid_pages", "ignore_system_indexes")
    ),
    Rule("track_commit_timestamp", WARNING, "pg_xact_commit_timestamp() fails."),
    *_rules("max_wal_senders max_replication_slots", WARNING, "Additional standbys or subscribers are refused."),
    # Logins and TLS.
    Rule("ssl", CRITICAL, "Clients that require TLS are refused."),
    Rule("password_encryption", WARNING, "An old client cannot log in with SCRAM."),
    *_rules(
        "ssl_min_protocol_version ssl_max_protocol_version",
        WARNING,
        "Older or newer drivers may fail the TLS handshake.",
    ),
    *_rules(
        "ssl_ciphers ssl_tls13_ciphers ssl_groups ssl_ecdh_curve",
        WARNING,
        "Clients sharing no cipher are refused.",
    ),
    Rule("allow_system_table_mods", WARNING, "When on, the system catalogs can be changed."),
    Rule("createrole_self_grant", WARNING, "The creator of a role gets different rights over it.", SET),
    # The planner.
    Rule("jit", WARNING, "Some queries are compiled first: latencies differ."),
    Rule("work_mem", WARNING, "Plans change between hashing and sorting, and spill to disk."),
    Rule("hash_mem_multiplier", WARNING, "Plans change between hashing and sorting, and spill to disk."),
    Rule("effective_cache_size", WARNING, "The planner assumes a different cache size and chooses different plans."),
    Rule("random_page_cost", WARNING, "Plans flip between index and sequential scans."),
    Rule("plan_cache_mode", WARNING, "Prepared statements get generic plans instead of their own, or none."),
    Rule("enable_*", WARNING, "A disabled plan step makes the planner choose different plans."),
    Rule("default_statistics_target", WARNING, "The planner estimates different row counts."),
    Rule("max_parallel_workers_per_gather", INFO, "Plans are parallel on one side only."),
    *_rules(
        "jit_above_cost jit_inline_above_cost jit_optimize_above_cost",
        INFO,
        "Queries are compiled at a different cost.",
    ),
    *_rules(
        "*_cost geqo* *_collapse_limit min_parallel_*_scan_size constraint_exclusion cursor_tuple_fraction "
        "recursive_worktable_factor",
        WARNING,
        "The planner chooses different plans.",
    ),
    # Sized to the host.
    Rule("shared_buffers", INFO, "The size of the cache; it does not change plans."),
    Rule(
        "wal_buffers",
        INFO,
        "Computed from shared_buffers unless set.",
        derived=True,
        explained_by="shared_buffers",
        special={"-1": "auto"},
    ),
    *(
        Rule(name, INFO, "Computed from shared_buffers unless set.", derived=True, explained_by="shared_buffers")
        for name in ("commit_timestamp_buffers", "subtransaction_buffers", "transaction_buffers")
    ),
    Rule(
        "io_max_concurrency",
        INFO,
        "Computed from shared_buffers and the number of processes unless set.",
        derived=True,
        explained_by="shared_buffers",
        computed_from=("max_connections", "max_worker_processes", "max_wal_senders", "autovacuum_worker_slots"),
    ),
    *_rules(
        """
        maintenance_work_mem logical_decoding_work_mem temp_buffers max_wal_size min_wal_size max_worker_processes
        max_parallel_workers max_parallel_maintenance_workers autovacuum_max_workers effective_io_concurrency
        maintenance_io_concurrency io_workers vacuum_buffer_usage_limit
        """,
        INFO,
        "Sized to the host.",
        capacity=True,
    ),
    Rule("autovacuum_work_mem", INFO, "", special={"-1": "as maintenance_work_mem"}),
    # Behaviour of a server that runs into trouble, and smaller matters.
    Rule("check_function_bodies", WARNING, "When off, CREATE FUNCTION accepts a body with errors."),
    Rule("exit_on_error", WARNING, "When on, any error ends the session."),
    Rule("db_user_namespace", WARNING, "When on, role names are looked up as NAME@DATABASE, and other logins fail."),
    Rule("hot_standby", WARNING, "When off, a standby accepts no queries."),
    Rule("restart_after_crash", WARNING, "When off, a crash of one process stops the whole server."),
    Rule("krb_caseins_users", WARNING, "Kerberos logins whose name differs in case are refused on one side."),
    Rule(
        "synchronize_seqscans",
        WARNING,
        "Without ORDER BY, a large scan may start in the middle: rows come in a different order.",
    ),
    Rule(
        "oauth_validator_libraries", WARNING, "Logins with OAuth tokens are refused where the library is missing.", SET
    ),
    Rule(
        "idle_replication_slot_timeout",
        WARNING,
        "A subscriber or standby that is away for longer loses its slot and must be set up again.",
        special=OFF,
    ),
    Rule("wal_log_hints", WARNING, "When off, pg_rewind needs data checksums; without either it fails."),
    Rule("summarize_wal", WARNING, "Incremental backups fail where it is off."),
    Rule("max_notify_queue_pages", WARNING, "NOTIFY fails when the queue is full."),
    Rule(
        "max_active_replication_origins", WARNING, "Additional subscriptions are refused; changing it needs a restart."
    ),
    Rule(
        "wal_sync_method",
        WARNING,
        "Commits are flushed by a different method: latency differs, and safety depends on the disk.",
    ),
    Rule("restrict_nonsystem_relation_kind", WARNING, "Queries on views or foreign tables are refused.", SET),
    Rule("archive_library", WARNING, "WAL is archived by a different module, or by archive_command."),
    Rule("lc_messages", WARNING, "Messages are in a different language; programs that match their text break."),
    Rule("sync_replication_slots", WARNING, "Subscribers cannot follow a failover where it is off."),
    # Choices of the build.
    Rule("block_size", WARNING, "Limits that depend on the size of a page differ."),
    *_rules("wal_block_size wal_segment_size segment_size", INFO, "File layout differs."),
    *_rules(
        "max_identifier_length max_index_keys max_function_args",
        WARNING,
        "Limits of names, indexes and functions differ.",
    ),
    Rule("integer_datetimes", WARNING, "Times are stored in a different format."),
    Rule("debug_assertions", INFO, "A debug build is slower and stops where a normal build continues."),
    # Logs and housekeeping.
    Rule("log_statement", INFO, "More statements are logged: the log grows and may hold secrets."),
    Rule("log_min_duration_statement", INFO, "Slow queries leave no trace on one side.", special=OFF_BELOW),
    Rule("log_connections", INFO, "Logins are logged on one side only.", special={"": "off"}),
    Rule("log_destination", INFO, "Logs go to a different destination.", SET),
    *(
        Rule(name, INFO, "Changes what gets logged.", special=OFF_BELOW)
        for name in ("log_autovacuum_min_duration", "log_min_duration_sample", "log_temp_files")
    ),
    *(
        Rule(name, INFO, "Changes what gets logged.", special={"-1": "all", "0": "nothing"})
        for name in ("log_parameter_max_length", "log_parameter_max_length_on_error")
    ),
    Rule("log_rotation_age", INFO, "Log files are rotated differently.", special=OFF),
    Rule("log_rotation_size", INFO, "Log files are rotated differently.", special=OFF),
    Rule("autovacuum_vacuum_cost_delay", INFO, "", special={"-1": "as vacuum_cost_delay"}),
    Rule("autovacuum_vacuum_cost_limit", INFO, "", special={"-1": "as vacuum_cost_limit"}),
    Rule("autovacuum_vacuum_insert_threshold", INFO, "", special=OFF_BELOW),
    Rule(
        "max_slot_wal_keep_size", INFO, "A replication slot that falls further behind is invalidated.", special=NO_LIMIT
    ),
    Rule("old_snapshot_threshold", WARNING, "Long queries fail with “snapshot too old”.", special=OFF_BELOW),
    *(
        Rule(name, INFO, "How long queries on a standby may delay replication.", special={"-1": "no limit"})
        for name in ("max_standby_archive_delay", "max_standby_streaming_delay")
    ),
    *(
        Rule(name, INFO, "How soon a dead connection is noticed.", special={"0": "the host's own"})
        for name in ("tcp_keepalives_count", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_user_timeout")
    ),
    *(
        Rule(name, INFO, "", special=OFF)
        for name in (
            "archive_timeout",
            "client_connection_check_interval",
            "checkpoint_warning",
            "vacuum_cost_delay",
            "wal_sender_timeout",
            "wal_receiver_timeout",
            "wal_summary_keep_time",
            "log_startup_progress_interval",
            "min_dynamic_shared_memory",
        )
    ),
    *(
        Rule(name, INFO, "Changed pages are flushed earlier or later.", special=OFF)
        for name in ("backend_flush_after", "bgwriter_flush_after", "checkpoint_flush_after", "wal_writer_flush_after")
    ),
    Rule("huge_page_size", INFO, "", special={"0": "the host's own"}),
    Rule("debug_parallel_query", WARNING, "Plans are made parallel for testing.", aliases=("force_parallel_mode",)),
    # Notation of values.
    *(
        Rule(name, INFO, "", SET)
        for name in (
            "wal_consistency_checking",
            "debug_io_direct",
            "synchronized_standby_slots",
        )
    ),
    Rule("temp_tablespaces", INFO, "Temporary tables are stored in a different place.", LIST),
    Rule("log_file_mode", INFO, "File permissions of the log differ.", OCTAL),
    Rule("unix_socket_permissions", INFO, "Permissions of the socket differ.", OCTAL),
    # Commands that may contain keys.
    *(
        Rule(name, INFO, "A command of the host's own, which may hold keys: compared, not shown.", SECRET)
        for name in (
            "archive_command",
            "restore_command",
            "archive_cleanup_command",
            "recovery_end_command",
            "ssl_passphrase_command",
        )
    ),
    # Different by nature.
    Rule("primary_conninfo", IGNORED, "The address of a standby's primary: each environment has its own.", SECRET),
    Rule("data_directory_mode", IGNORED, "Belongs to the data directory.", OCTAL),
    *_rules("server_version server_version_num", IGNORED, "Compared as the version."),
    *_rules(
        "config_file data_directory hba_file ident_file external_pid_file stats_temp_directory extension_destdir "
        "dynamic_library_path extension_control_path krb_server_keyfile promote_trigger_file",
        IGNORED,
        "A path of the host.",
    ),
    *_rules(
        "ssl_ca_file ssl_cert_file ssl_crl_file ssl_crl_dir ssl_key_file ssl_dh_params_file",
        IGNORED,
        "A file of the host.",
    ),
    *_rules(
        "port listen_addresses unix_socket_directories unix_socket_group bonjour bonjour_name",
        IGNORED,
        "The address it listens on belongs to the host.",
    ),
    *_rules("log_directory log_filename syslog_ident event_source", IGNORED, "The log location belongs to the host."),
    Rule("cluster_name", IGNORED, "Each server has its own name."),
    *_rules("primary_slot_name recovery_target*", IGNORED, "Belongs to the standby, or to one recovery."),
    Rule("in_hot_standby", IGNORED, "A standby beside a primary is a role, not drift.", notify=True),
    Rule("transaction_read_only", IGNORED, "Set by parity-tui's own read-only transaction."),
    *_rules("application_name client_encoding", IGNORED, "Set by parity-tui's own session."),
    *_rules(
        "transaction_isolation transaction_deferrable",
        IGNORED,
        "Set by parity-tui's own transaction: see the defaults.",
    ),
    *_rules(
        "shared_memory_size shared_memory_size_in_huge_pages num_os_semaphores huge_pages_status",
        IGNORED,
        "Computed from other settings at the start.",
    ),
    *_rules("rds.* cloudsql.* alloydb.* azure.* neon.*", IGNORED, "Specific to the cloud provider."),
    Rule("*.*", INFO, "A setting of a library that is loaded.", explained_by="shared_preload_libraries"),
)

TYPES = {rule.name: rule.type for rule in RULES if rule.type is not None}
"""types that the server does not declare, by the setting's name"""


def _in_all_versions(names: str) -> dict[str, tuple[int, int]]:
    return dict.fromkeys(names.split(), (0, 99))


PRIVILEGED = {
    **_in_all_versions(
        """
        config_file data_directory dynamic_library_path external_pid_file hba_file ident_file krb_server_keyfile
        log_directory log_filename session_preload_libraries shared_preload_libraries ssl_ciphers ssl_dh_params_file
        unix_socket_directories
        """
    ),
    "jit_provider": (11, 99),
    "primary_conninfo": (12, 99),
    "ssl_max_protocol_version": (12, 99),
    "ssl_min_protocol_version": (12, 99),
    "ssl_passphrase_command": (13, 99),
    "stats_temp_directory": (0, 14),
    "ssl_ecdh_curve": (0, 17),
    "extension_control_path": (18, 99),
    "oauth_validator_libraries": (18, 99),
    "ssl_groups": (18, 99),
    "ssl_tls13_ciphers": (18, 99),
    "output_plugin_libraries": (14, 99),
    "extension_destdir": (0, 17),
}
"""settings that pg_settings shows to superusers and members of pg_read_all_settings only -> first and last major
version that has them"""

OUTPUT_PLUGINS = {14: 24, 15: 19, 16: 15, 17: 11, 18: 5}
"""major version -> minor release that introduced output_plugin_libraries (August 2026)"""

HIDDEN_BY_RIGHTS = tuple(
    HiddenGroup(name, "needs GRANT pg_read_all_settings TO {user}", "GRANT pg_read_all_settings TO {user};")
    for name in PRIVILEGED
)
"""`{user}` is the role, quoted as SQL requires"""

HIDDEN_BY_SERVER = tuple(
    HiddenGroup(glob, "this server shows its settings only")
    for glob in ("database*", "extension*", "override.*", "migrations*")
)
"""beyond the answer of a server that supports or permits only the simplest statement"""

HIDDEN = (*HIDDEN_BY_RIGHTS, *HIDDEN_BY_SERVER, _migrations.HIDDEN)
