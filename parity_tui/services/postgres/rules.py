"""What PostgreSQL's settings mean to a comparison: a row each, or a row for all that share a reason."""

from __future__ import annotations

from collections.abc import Iterator

from parity_tui.model import Setting, Severity, ValueType

CRITICAL, WARNING, INFO, IGNORED = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED
BOOL, SET, LIST, MAP, OCTAL, SECRET = (
    ValueType.BOOL,
    ValueType.SET,
    ValueType.LIST,
    ValueType.MAP,
    ValueType.OCTAL,
    ValueType.SECRET,
)

OFF = {"0": "off"}
OFF_BELOW = {"-1": "off"}
NO_LIMIT = {"-1": "no limit"}


def _rows(names: str, severity: Severity, why: str, capacity: bool = False) -> Iterator[Setting]:
    """Give a row for each of these names."""
    return (Setting(name, severity, why, capacity=capacity) for name in names.split())


SETTINGS = (
    Setting(
        "version",
        CRITICAL,
        "The planner, the syntax it takes and the defaults change with every major version.",
    ),
    # The connected database, the others, extensions, and what is set for roles and databases.
    Setting(
        "database.encoding",
        CRITICAL,
        "Text that one side stores the other refuses, or stores as other bytes.",
        aliases=("server_encoding",),
    ),
    Setting(
        "database.collate",
        CRITICAL,
        "ORDER BY, ranges, uniqueness and the use of indexes by LIKE come out otherwise.",
        aliases=("lc_collate", "datcollate"),
    ),
    Setting(
        "database.ctype",
        CRITICAL,
        "upper(), lower(), citext and classes in patterns see other letters.",
        aliases=("lc_ctype", "datctype"),
    ),
    Setting(
        "database.locale_provider",
        CRITICAL,
        "ICU and libc sort differently under one and the same name of a locale.",
        aliases=("datlocprovider",),
    ),
    Setting("database.locale", CRITICAL, "The locale that text is sorted by.", under="database.locale_provider"),
    Setting(
        "database.collation_version",
        WARNING,
        "Another version of the library that sorts: some strings change places.",
        under="database.collate",
    ),
    Setting(
        "database.collation_mismatch",
        CRITICAL,
        "The library that sorts was updated beneath the database: indexes on text may miss rows.",
        type=BOOL,
        aliases=("datcollversion_mismatch",),
    ),
    Setting("database[*]", WARNING, "Another database on the same server: its text sorts otherwise.", MAP, under=""),
    Setting(
        "extension.*",
        CRITICAL,
        "Functions and types of an extension that is missing or older do not exist.",
        under="",
    ),
    Setting("override.*", CRITICAL, "Set for a role or a database: this is what the app really gets.", under=""),
    # What the same SQL means.
    Setting(
        "standard_conforming_strings",
        CRITICAL,
        "A backslash in a literal means something else: broken data, open to injection.",
    ),
    Setting("DateStyle", CRITICAL, "01/02/2026 is read as another day, and dates are written otherwise.", LIST),
    Setting("TimeZone", CRITICAL, "timestamptz is shown, truncated and cast to a date in another zone: off by a day."),
    Setting(
        "default_transaction_isolation",
        CRITICAL,
        "Anomalies on one side, serialization failures on the other.",
    ),
    Setting("default_transaction_read_only", CRITICAL, "Writes fail."),
    Setting("search_path", CRITICAL, "Unqualified names resolve to other tables and functions.", LIST),
    Setting("transform_null_equals", CRITICAL, "expr = NULL becomes expr IS NULL: other rows are found."),
    Setting("row_security", CRITICAL, "When off, queries fail where a policy would have filtered them."),
    Setting("session_replication_role", CRITICAL, "Triggers and foreign keys are not checked under replica."),
    Setting("backslash_quote", WARNING, "Whether \\' in a literal is taken or refused."),
    Setting("IntervalStyle", WARNING, "Intervals are written otherwise, and parsers of them break."),
    Setting("timezone_abbreviations", WARNING, "IST or EST is another offset."),
    Setting("bytea_output", WARNING, "hex or escape: clients that parse the text break."),
    Setting("extra_float_digits", WARNING, "Floats are rounded otherwise when written as text."),
    Setting("array_nulls", WARNING, "NULL within an array literal is read as a string."),
    Setting("default_text_search_config", WARNING, "to_tsvector() without a configuration stems otherwise."),
    Setting("xmloption", WARNING, "A fragment of XML is taken on one side only."),
    Setting("xmlbinary", WARNING, "Binary data in XML is written otherwise."),
    Setting("gin_fuzzy_search_limit", WARNING, "Searches by a GIN index return a random part of the rows."),
    Setting("default_table_access_method", WARNING, "New tables are stored in another way."),
    Setting("lo_compat_privileges", WARNING, "Rights on large objects are not checked."),
    Setting("escape_string_warning", INFO, "Warnings in the log, no more."),
    Setting("default_toast_compression", INFO, "lz4 is not built into every server."),
    *_rows("lc_monetary lc_numeric lc_time", WARNING, "to_char() and money write numbers, money and dates otherwise."),
    Setting("event_triggers", WARNING, "When off, DDL is not seen by the triggers that watch it."),
    # What ends a statement, a transaction, a connection.
    Setting(
        "statement_timeout", CRITICAL, "A long query passes on one side and is cancelled on the other.", special=OFF
    ),
    Setting("lock_timeout", WARNING, "A migration gives up on one side only.", special=OFF),
    Setting(
        "idle_in_transaction_session_timeout",
        WARNING,
        "A transaction left open is ended on one side only.",
        special=OFF,
    ),
    Setting("idle_session_timeout", WARNING, "A pool loses its idle connections on one side only.", special=OFF),
    Setting("transaction_timeout", WARNING, "A whole transaction is aborted on one side only.", special=OFF),
    Setting(
        "max_connections",
        WARNING,
        "A pool sized for one side exhausts the other; a standby with fewer than its primary does not start.",
    ),
    Setting("superuser_reserved_connections", INFO, "Fewer connections are left for the app."),
    Setting("reserved_connections", INFO, "Fewer connections are left for the app."),
    Setting("max_prepared_transactions", CRITICAL, "At 0, PREPARE TRANSACTION fails.", special=OFF),
    Setting("max_locks_per_transaction", WARNING, "Queries over many partitions run out of shared memory."),
    Setting("max_pred_locks_per_transaction", WARNING, "Serializable transactions run out of shared memory."),
    Setting("temp_file_limit", WARNING, "A large sort fails.", special=NO_LIMIT),
    Setting("max_stack_depth", INFO, "Deep recursion fails earlier; limited by the host's own stack."),
    # Libraries and extensions.
    Setting(
        "shared_preload_libraries",
        CRITICAL,
        "What needs its library from the start (pg_stat_statements, timescaledb, pg_cron) is not there.",
        SET,
    ),
    Setting("output_plugin_libraries", WARNING, "Logical decoding by a plug-in that is not among them fails.", SET),
    Setting("session_preload_libraries", INFO, "Libraries such as auto_explain on one side only.", SET),
    Setting("local_preload_libraries", INFO, "Libraries that each session loads.", SET),
    # What survives a crash.
    Setting("fsync", CRITICAL, "When off, a crash loses data or the whole database."),
    Setting("full_page_writes", CRITICAL, "When off, a crash leaves torn pages."),
    Setting("synchronous_commit", CRITICAL, "A commit that was acknowledged may be lost in a crash."),
    Setting("data_sync_retry", WARNING, "Retrying a failed fsync can lose what the kernel has dropped."),
    Setting("zero_damaged_pages", CRITICAL, "When on, damaged pages are emptied without an error."),
    Setting("ignore_checksum_failure", CRITICAL, "When on, damaged pages are read as if they were sound."),
    Setting("data_checksums", WARNING, "Silent corruption is noticed on one side only."),
    Setting("wal_level", WARNING, "Below logical there is no logical decoding or replication."),
    Setting("archive_mode", WARNING, "Only one side can be restored to a point in time."),
    Setting("autovacuum", CRITICAL, "When off, tables bloat, and in time transaction ids run out."),
    Setting("track_counts", CRITICAL, "When off, autovacuum does not know what to do."),
    Setting("hot_standby_feedback", INFO, "Queries on a standby are cancelled on one side."),
    Setting(
        "synchronous_standby_names", WARNING, "Commits wait for a standby on one side, and for ever if it is gone."
    ),
    *_rows("ignore_invalid_pages ignore_system_indexes", WARNING, "Meant for a rescue: damage is passed over."),
    Setting("track_commit_timestamp", WARNING, "pg_xact_commit_timestamp() fails."),
    *_rows("max_wal_senders max_replication_slots", WARNING, "Another standby or subscriber is refused."),
    # Who is let in, and how.
    Setting("ssl", CRITICAL, "A client that insists on TLS is not let in."),
    Setting("password_encryption", WARNING, "An old client cannot log in with SCRAM."),
    *_rows("ssl_min_protocol_version ssl_max_protocol_version", WARNING, "Drivers of another age are refused."),
    *_rows(
        "ssl_ciphers ssl_tls13_ciphers ssl_groups ssl_ecdh_curve",
        WARNING,
        "A client that knows none of them is refused.",
    ),
    Setting("allow_system_table_mods", WARNING, "When on, the system catalogs can be changed."),
    Setting("createrole_self_grant", WARNING, "Who makes a role has other rights over it.", SET),
    # The planner.
    Setting("jit", WARNING, "Some queries wait for a compiler first: other latencies."),
    Setting("work_mem", WARNING, "Plans change between hashing and sorting, and spill to disk."),
    Setting("hash_mem_multiplier", WARNING, "Plans change between hashing and sorting, and spill to disk."),
    Setting("effective_cache_size", WARNING, "The planner trusts another cache and chooses other plans."),
    Setting("random_page_cost", WARNING, "Plans flip between index and sequential scans."),
    Setting("plan_cache_mode", WARNING, "Prepared statements get generic plans instead of their own, or none."),
    Setting("enable_*", WARNING, "A step that is switched off hides the plan that the other side takes."),
    Setting("default_statistics_target", WARNING, "The planner estimates other numbers of rows."),
    Setting("max_parallel_workers_per_gather", INFO, "Plans are parallel on one side only."),
    *_rows("jit_above_cost jit_inline_above_cost jit_optimize_above_cost", INFO, "When queries are compiled."),
    *_rows(
        "*_cost geqo* *_collapse_limit min_parallel_*_scan_size constraint_exclusion cursor_tuple_fraction "
        "recursive_worktable_factor",
        WARNING,
        "The planner chooses other plans.",
    ),
    # Sized to the host.
    Setting("shared_buffers", INFO, "The size of the cache; it does not change plans."),
    Setting(
        "wal_buffers",
        INFO,
        "Computed from shared_buffers unless set.",
        derived=True,
        under="shared_buffers",
        special={"-1": "auto"},
    ),
    *(
        Setting(name, INFO, "Computed from shared_buffers unless set.", derived=True, under="shared_buffers")
        for name in ("commit_timestamp_buffers", "subtransaction_buffers", "transaction_buffers")
    ),
    Setting(
        "io_max_concurrency",
        INFO,
        "Computed from shared_buffers unless set.",
        derived=True,
        under="shared_buffers",
    ),
    *_rows(
        """
        maintenance_work_mem logical_decoding_work_mem temp_buffers max_wal_size min_wal_size max_worker_processes
        max_parallel_workers max_parallel_maintenance_workers autovacuum_max_workers effective_io_concurrency
        maintenance_io_concurrency io_workers vacuum_buffer_usage_limit
        """,
        INFO,
        "Sized to the host.",
        capacity=True,
    ),
    Setting("autovacuum_work_mem", INFO, "Sized to the host.", special={"-1": "as maintenance_work_mem"}),
    # How the server was built.
    Setting("block_size", WARNING, "Limits that depend on the size of a page differ."),
    *_rows("wal_block_size wal_segment_size segment_size", INFO, "How files are laid out."),
    *_rows("max_identifier_length max_index_keys max_function_args", WARNING, "Limits of names, indexes, functions."),
    Setting("integer_datetimes", WARNING, "Times are kept in another way."),
    Setting("debug_assertions", INFO, "A build for debugging is slower and stops where others go on."),
    # What is seen of it.
    Setting("log_statement", INFO, "Secrets in the log, and its size."),
    Setting("log_min_duration_statement", INFO, "Slow queries leave no trace on one side.", special=OFF_BELOW),
    Setting("log_connections", INFO, "Whether logins are in the log.", special={"": "off"}),
    Setting("log_destination", INFO, "Where the log goes.", SET),
    *(
        Setting(name, INFO, "What is in the log.", special=OFF_BELOW)
        for name in ("log_autovacuum_min_duration", "log_min_duration_sample", "log_temp_files")
    ),
    *(
        Setting(name, INFO, "What is in the log.", special={"-1": "all", "0": "nothing"})
        for name in ("log_parameter_max_length", "log_parameter_max_length_on_error")
    ),
    Setting("log_rotation_age", INFO, "When a new log is begun.", special=OFF),
    Setting("log_rotation_size", INFO, "When a new log is begun.", special=OFF),
    Setting("autovacuum_vacuum_cost_delay", INFO, "The pace of vacuum.", special={"-1": "as vacuum_cost_delay"}),
    Setting("autovacuum_vacuum_cost_limit", INFO, "The pace of vacuum.", special={"-1": "as vacuum_cost_limit"}),
    Setting("autovacuum_vacuum_insert_threshold", INFO, "When vacuum starts.", special=OFF_BELOW),
    Setting("max_slot_wal_keep_size", INFO, "How far a slot may fall behind.", special=NO_LIMIT),
    Setting("old_snapshot_threshold", WARNING, "Long queries fail with “snapshot too old”.", special=OFF_BELOW),
    *(
        Setting(name, INFO, "How long a standby lets queries hold it up.", special={"-1": "for ever"})
        for name in ("max_standby_archive_delay", "max_standby_streaming_delay")
    ),
    *(
        Setting(name, INFO, "When a connection that is gone is noticed.", special={"0": "the host's own"})
        for name in ("tcp_keepalives_count", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_user_timeout")
    ),
    *(
        Setting(name, INFO, "", special=OFF)
        for name in (
            "archive_timeout",
            "client_connection_check_interval",
            "checkpoint_warning",
            "vacuum_cost_delay",
            "wal_sender_timeout",
            "wal_receiver_timeout",
            "idle_replication_slot_timeout",
            "wal_summary_keep_time",
            "log_startup_progress_interval",
            "min_dynamic_shared_memory",
        )
    ),
    *(
        Setting(name, INFO, "When changed pages are handed to the disk.", special=OFF)
        for name in ("backend_flush_after", "bgwriter_flush_after", "checkpoint_flush_after", "wal_writer_flush_after")
    ),
    Setting("huge_page_size", INFO, "", special={"0": "the host's own"}),
    Setting("debug_parallel_query", WARNING, "Plans are made parallel for testing.", aliases=("force_parallel_mode",)),
    # Ways of writing.
    *(
        Setting(name, INFO, "", SET)
        for name in (
            "wal_consistency_checking",
            "restrict_nonsystem_relation_kind",
            "debug_io_direct",
            "oauth_validator_libraries",
            "synchronized_standby_slots",
        )
    ),
    Setting("temp_tablespaces", INFO, "Where temporary tables go.", LIST),
    Setting("log_file_mode", INFO, "Who may read the log.", OCTAL),
    Setting("unix_socket_permissions", INFO, "Who may use the socket.", OCTAL),
    # Commands that may hold keys.
    *(
        Setting(name, INFO, "A command of the host's own, which may hold keys: compared, not shown.", SECRET)
        for name in (
            "archive_command",
            "restore_command",
            "archive_cleanup_command",
            "recovery_end_command",
            "ssl_passphrase_command",
        )
    ),
    # What differs by nature.
    Setting("primary_conninfo", IGNORED, "Where a standby finds its primary: each environment has its own.", SECRET),
    Setting("data_directory_mode", IGNORED, "Belongs to the folder of the data.", OCTAL),
    *_rows("server_version server_version_num", IGNORED, "Compared as the version."),
    *_rows(
        "config_file data_directory hba_file ident_file external_pid_file stats_temp_directory extension_destdir "
        "dynamic_library_path extension_control_path krb_server_keyfile promote_trigger_file",
        IGNORED,
        "A path of the host.",
    ),
    *_rows(
        "ssl_ca_file ssl_cert_file ssl_crl_file ssl_crl_dir ssl_key_file ssl_dh_params_file",
        IGNORED,
        "A file of the host.",
    ),
    *_rows(
        "port listen_addresses unix_socket_directories unix_socket_group bonjour bonjour_name",
        IGNORED,
        "Where it listens belongs to the host.",
    ),
    *_rows("log_directory log_filename syslog_ident event_source", IGNORED, "Where the host keeps its logs."),
    Setting("cluster_name", IGNORED, "Each server has its own name."),
    *_rows("primary_slot_name recovery_target*", IGNORED, "Belongs to the standby, or to one recovery."),
    Setting("in_hot_standby", IGNORED, "A standby beside a primary is a role, not drift.", news=True),
    Setting("transaction_read_only", IGNORED, "Our own transaction's, which is read-only."),
    *_rows("application_name client_encoding", IGNORED, "Our own session's."),
    *_rows("transaction_isolation transaction_deferrable", IGNORED, "Our own transaction's: see the defaults."),
    *_rows(
        "shared_memory_size shared_memory_size_in_huge_pages num_os_semaphores huge_pages_status",
        IGNORED,
        "Computed from other settings at the start.",
    ),
    *_rows("rds.* cloudsql.* alloydb.* azure.* neon.*", IGNORED, "The provider's own."),
    Setting("*.*", INFO, "A setting of a library that is loaded.", under="shared_preload_libraries"),
)

TYPES = {row.name: row.type for row in SETTINGS if row.type is not None}
"""the types that the server does not declare, by the setting's name"""
