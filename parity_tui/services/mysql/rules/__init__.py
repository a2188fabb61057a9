"""The table of the variables: how each is compared, why a difference matters, which facts need more rights."""

from __future__ import annotations

from collections.abc import Iterator

from parity_tui.model import HiddenGroup, Rule, Severity, ValueType
from parity_tui.services import _migrations
from parity_tui.services.mysql.rules.plugins import HIDDEN_PLUGINS, PASSWORD_RULES, PLUGIN_RULES, VARIABLE_RULES

CRITICAL, WARNING, INFO, IGNORED = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED
BOOL, ENUM, SET, MAP, SECRET = (
    ValueType.BOOL,
    ValueType.ENUM,
    ValueType.SET,
    ValueType.MAP,
    ValueType.SECRET,
)
SIZE, DURATION = ValueType.SIZE, ValueType.DURATION

OFF = {"0": "off", "0.000000": "off"}
SWITCH = ("OFF", "ON")
"""from the weakest to the safest"""
NO_LIMIT = {"18446744073709551615": "no limit", "18446744073709547520": "no limit", "4294967295": "no limit"}


def _rules(
    names: str, severity: Severity, why: str, value_type: ValueType | None = None, capacity: bool = False, of: str = ""
) -> Iterator[Rule]:
    """Yield one rule per name; ``of`` is the variable that they are computed from unless configured."""
    return (
        Rule(name, severity, why, value_type, capacity=capacity, derived=bool(of), explained_by=of or "version")
        for name in names.split()
    )


def _timeouts(names: str, severity: Severity, why: str, unit: str = "s") -> Iterator[Rule]:
    """Yield one rule per duration; 0 is shown as "off"."""
    return (Rule(name, severity, why, DURATION, unit, OFF) for name in names.split())


def _replica_rules(names: str, severity: Severity, why: str, value_type: ValueType | None = None) -> Iterator[Rule]:
    """Yield one rule per name; MariaDB and MySQL before 8 write "slave" for "replica"."""
    return (
        Rule(name, severity, why, value_type, aliases=(name.replace("replica", "slave"),)) for name in names.split()
    )


RULES = (
    Rule("product", CRITICAL, "MariaDB and MySQL differ in collations, JSON, GROUP BY and syntax."),
    Rule("version", CRITICAL, "Reserved words, defaults, the optimizer and accepted SQL change between releases."),
    _migrations.RULE,
    # Databases and the time zone.
    Rule("database.character_set", CRITICAL, "New tables use a different encoding: emoji are refused or truncated."),
    Rule("database.collation", CRITICAL, "Comparing, uniqueness and ORDER BY differ; joins mix collations and fail."),
    Rule(
        "database[*]",
        WARNING,
        "A different database on the same server: its text compares differently.",
        MAP,
        explained_by="",
        presence=INFO,
    ),
    Rule("effective_time_zone", CRITICAL, "NOW() and TIMESTAMP columns use a different zone: off by hours or a day."),
    *_rules("time_zone system_time_zone", IGNORED, "Compared as effective_time_zone."),
    Rule("time_zone_tables", WARNING, "Without them CONVERT_TZ() with zone names returns NULL."),
    # The meaning of SQL.
    Rule("sql_mode", CRITICAL, "Changes what is rejected or truncated, quoting, || and GROUP BY.", SET),
    Rule(
        "lower_case_table_names",
        CRITICAL,
        "Table names match on one side only; it can only be set when the data directory is created.",
    ),
    Rule("character_set_server", CRITICAL, "New databases get a different character set: emoji fail under utf8mb3."),
    Rule("collation_server", CRITICAL, "New databases compare and sort differently; mixed collations fail."),
    *_rules(
        "character_set_client character_set_connection character_set_results character_set_database",
        INFO,
        "Default for sessions that do not set it; follows the server's unless set.",
        of="character_set_server",
    ),
    *_rules(
        "collation_connection collation_database",
        INFO,
        "Default for sessions that do not set it; follows the server's unless set.",
        of="collation_server",
    ),
    Rule("transaction_isolation", CRITICAL, "Different locking and phantom reads.", ENUM, aliases=("tx_isolation",)),
    Rule("transaction_read_only", CRITICAL, "Writes fail.", BOOL, aliases=("tx_read_only",)),
    Rule("innodb_strict_mode", CRITICAL, "CREATE and ALTER TABLE fail on one side and warn on the other."),
    Rule(
        "innodb_snapshot_isolation",
        CRITICAL,
        "Updating a row changed by another transaction is an error on one side, a lost update on the other.",
    ),
    Rule("explicit_defaults_for_timestamp", CRITICAL, "TIMESTAMP columns get an implicit default and NOT NULL."),
    Rule(
        "max_allowed_packet",
        CRITICAL,
        "A large insert fails as a packet that is too large.",
        SIZE,
        safer="higher",
    ),
    Rule("group_concat_max_len", CRITICAL, "GROUP_CONCAT() results are silently truncated.", SIZE, safer="higher"),
    Rule("foreign_key_checks", CRITICAL, "When off, foreign keys are not checked."),
    Rule("unique_checks", CRITICAL, "When off, duplicates may get past a unique index."),
    Rule("check_constraint_checks", CRITICAL, "When off, CHECK constraints are not checked."),
    Rule("autocommit", CRITICAL, "When off, uncommitted changes are lost and locks stay."),
    Rule("innodb_rollback_on_timeout", CRITICAL, "A lock timeout undoes one statement or the whole transaction."),
    Rule(
        "default_storage_engine",
        CRITICAL,
        "New tables may not support transactions.",
        ENUM,
        aliases=("storage_engine",),
    ),
    Rule("enforce_storage_engine", CRITICAL, "New tables get a different engine than requested.", ENUM),
    Rule("disabled_storage_engines", WARNING, "CREATE TABLE with a disabled engine fails.", SET),
    Rule("sql_auto_is_null", CRITICAL, "WHERE id IS NULL finds the last inserted row."),
    Rule("sql_safe_updates", CRITICAL, "UPDATE and DELETE without a key are refused."),
    Rule("sql_select_limit", CRITICAL, "SELECT without LIMIT is silently truncated.", special=NO_LIMIT, safer="higher"),
    Rule("sql_big_selects", CRITICAL, "A SELECT with a high estimated cost is refused.", BOOL),
    Rule(
        "max_join_size", CRITICAL, "A SELECT with a high estimated cost is refused.", special=NO_LIMIT, safer="higher"
    ),
    Rule("sql_require_primary_key", CRITICAL, "CREATE TABLE without a primary key is refused."),
    Rule("innodb_force_primary_key", CRITICAL, "CREATE TABLE without a primary key is refused."),
    Rule("sql_generate_invisible_primary_key", WARNING, "Tables without a primary key get a generated one."),
    Rule("restrict_fk_on_non_standard_key", WARNING, "A foreign key on part of a key is refused."),
    Rule("init_connect", CRITICAL, "Every session of an ordinary user runs this first."),
    Rule("old_mode", CRITICAL, "Keeps behaviour of older versions, such as the meaning of utf8.", SET),
    Rule("default_regex_flags", WARNING, "Regular expressions match differently.", SET),
    Rule("div_precision_increment", WARNING, "Division returns a different number of digits."),
    Rule("default_week_format", WARNING, "WEEK() returns a different number."),
    Rule("lc_time_names", WARNING, "DATE_FORMAT() uses different names of days and months."),
    Rule("auto_increment_increment", WARNING, "Ids increase by a different step."),
    Rule("auto_increment_offset", WARNING, "Ids start from a different offset: each cluster node has its own."),
    Rule("innodb_autoinc_lock_mode", WARNING, "Ids have gaps, and some statements cannot be replicated safely."),
    Rule("updatable_views_with_limit", WARNING, "Updating a view with LIMIT is refused.", ENUM),
    Rule("default_collation_for_utf8mb4", WARNING, "utf8mb4 without COLLATE gets a different collation."),
    Rule("character_set_collations", WARNING, "A character set without COLLATE gets a different collation.", SET),
    *_rules(
        "ft_min_word_len innodb_ft_min_token_size ngram_token_size", WARNING, "Full-text search misses short words."
    ),
    *_rules(
        "ft_max_word_len innodb_ft_max_token_size ft_stopword_file ft_boolean_syntax innodb_ft_enable_stopword "
        "innodb_ft_server_stopword_table innodb_ft_user_stopword_table",
        WARNING,
        "Full-text search finds different rows.",
    ),
    Rule("innodb_default_row_format", WARNING, "Index keys are limited to 767 or 3072 bytes."),
    Rule(
        "innodb_page_size",
        CRITICAL,
        "Limits the length of rows and keys; it can only be set when the data directory is created.",
        SIZE,
    ),
    Rule("innodb_file_per_table", WARNING, "Tables share one file, which never shrinks."),
    Rule("max_sp_recursion_depth", WARNING, "Recursive procedures fail."),
    Rule("max_recursive_iterations", WARNING, "Results of recursive queries are silently truncated.", special=NO_LIMIT),
    Rule("cte_max_recursion_depth", WARNING, "Recursive queries fail."),
    Rule("max_sort_length", WARNING, "Long values are sorted by their first bytes only.", SIZE),
    Rule("event_scheduler", CRITICAL, "Scheduled events run on one side only.", BOOL),
    Rule("local_infile", WARNING, "LOAD DATA LOCAL is refused, or lets the server read clients' files."),
    Rule("secure_file_priv", WARNING, "INTO OUTFILE and LOAD DATA work anywhere, in one folder, or nowhere."),
    Rule("log_bin_trust_function_creators", WARNING, "CREATE FUNCTION or TRIGGER needs more rights."),
    Rule(
        "optimizer_switch.*",
        WARNING,
        "The optimizer uses different strategies: plans and results of optimizer bugs differ.",
        BOOL,
    ),
    Rule("optimizer_trace", INFO, "Optimizer traces exist on one side only.", MAP),
    Rule("optimizer_trace_max_mem_size", INFO, "Optimizer traces keep more or less detail.", SIZE),
    Rule("optimizer_trace_features", INFO, "Optimizer traces cover different parts of a plan.", MAP),
    Rule("optimizer_adjust_secondary_key_costs", WARNING, "The optimizer chooses different plans.", SET),
    *_rules(
        "optimizer_* join_cache_level eq_range_index_dive_limit use_stat_tables histogram_* innodb_stats_persistent*"
        " innodb_stats_method max_seeks_for_key in_predicate_conversion_threshold range_optimizer_max_mem_size",
        WARNING,
        "The optimizer chooses different plans.",
    ),
    # Timeouts and limits.
    *_timeouts("max_statement_time", WARNING, "Long queries are ended on one side only."),
    *_timeouts("max_execution_time", WARNING, "Long SELECTs are ended on one side only.", "ms"),
    *_timeouts("wait_timeout", WARNING, "Idle connections of a pool die: “server has gone away”."),
    *_timeouts("interactive_timeout", INFO, "How soon idle interactive sessions are closed."),
    *_timeouts("innodb_lock_wait_timeout", WARNING, "Waiting for a row ends in an error on one side."),
    *_timeouts("lock_wait_timeout", WARNING, "Waiting for a table, as migrations do, ends in an error on one side."),
    *_timeouts(
        "idle_transaction_timeout idle_readonly_transaction_timeout idle_write_transaction_timeout",
        WARNING,
        "A transaction left open is ended on one side only.",
    ),
    *_timeouts(
        "net_read_timeout net_write_timeout connect_timeout", INFO, "How soon connections on a slow network are closed."
    ),
    Rule("innodb_deadlock_detect", WARNING, "Deadlocks end by waiting for a timeout."),
    Rule("max_connections", WARNING, 'One side reaches "too many connections" earlier.'),
    Rule(
        "max_user_connections", WARNING, 'One user reaches "too many connections" earlier.', special={"0": "no limit"}
    ),
    Rule("max_connect_errors", WARNING, "A host is blocked after this many failed connections."),
    Rule("max_prepared_stmt_count", WARNING, "Preparing statements fails."),
    # Logins and TLS.
    Rule("require_secure_transport", CRITICAL, "Connections without TLS are refused."),
    Rule("tls_version", WARNING, "Old clients cannot agree on a version of TLS.", SET, aliases=("tls_versions",)),
    Rule("have_ssl", WARNING, "TLS is offered on one side only.", special={"YES": "yes", "DISABLED": "no", "NO": "no"}),
    *_rules("ssl_cipher tls_ciphersuites", WARNING, "Clients sharing no cipher are refused."),
    Rule(
        "default_authentication_plugin",
        CRITICAL,
        "New users get an authentication plugin that old drivers do not support.",
    ),
    Rule("authentication_policy", CRITICAL, "New users get an authentication plugin that old drivers do not support."),
    Rule("old_passwords", WARNING, "New passwords are stored in a weak format."),
    Rule("secure_auth", WARNING, "Passwords in a weak format are accepted."),
    Rule("skip_name_resolve", CRITICAL, "Grants to host names do not match."),
    Rule(
        "skip_grant_tables",
        CRITICAL,
        "When on, no privileges are checked: every client has full access.",
        BOOL,
        safer=("ON", "OFF"),
    ),
    Rule("skip_networking", WARNING, "No connections over the network."),
    Rule("skip_show_database", INFO, "Users see the names of all databases, or only of their own."),
    Rule("partial_revokes", WARNING, "Grants are interpreted differently, for example wildcards."),
    *PASSWORD_RULES,
    *_rules("default_password_lifetime password_*", WARNING, "Passwords expire or are refused on one side only."),
    *_rules("*validate_password*", WARNING, "New passwords are refused."),
    # Durability.
    Rule(
        "innodb_flush_log_at_trx_commit",
        CRITICAL,
        "Only 1 flushes every commit to the disk: with 0 and 2 a crash loses acknowledged commits.",
        safer=("0", "2", "1", "3"),
    ),
    Rule("innodb_doublewrite", CRITICAL, "When off, a crash leaves torn pages.", BOOL, safer=SWITCH),
    Rule("innodb_force_recovery", CRITICAL, "Above 0, writes are refused, and data may be lost.", safer="lower"),
    Rule("innodb_checksum_algorithm", INFO, "Damaged pages are detected by a different checksum, or not at all."),
    Rule(
        "sync_binlog",
        CRITICAL,
        "Only 1 flushes the binary log at every commit: a crash loses events, and replicas differ.",
        safer=("0", "*", "1"),
    ),
    Rule("innodb_flush_method", WARNING, "A crash may lose commits that were acknowledged."),
    *(
        Rule(name, CRITICAL, "No binary log: no replicas, no recovery to a point in time.", BOOL, safer=SWITCH)
        for name in ("log_bin", "sql_log_bin")
    ),
    *(
        Rule(name, CRITICAL, "When off, a failover loses commits that no replica has received.", BOOL, safer=SWITCH)
        for name in ("rpl_semi_sync_master_enabled", "rpl_semi_sync_source_enabled")
    ),
    Rule("binlog_format", WARNING, "Change data capture needs ROW.", ENUM),
    *_rules(
        "binlog_row_image binlog_row_metadata", WARNING, "Change data capture receives different columns of a row."
    ),
    Rule("binlog_row_value_options", WARNING, "Change data capture receives different columns of a row.", SET),
    Rule("gtid_mode", WARNING, "Replicas and tools can follow by GTID on one side only."),
    *_rules("enforce_gtid_consistency gtid_strict_mode", WARNING, "Statements that cannot be replicated are refused."),
    *_timeouts(
        "binlog_expire_logs_seconds",
        WARNING,
        "How far back recovery can go, and how long a replica may be disconnected.",
    ),
    *_timeouts("expire_logs_days", INFO, "How far back recovery can go.", "d"),
    *_rules(
        "innodb_encrypt_tables innodb_encrypt_log default_table_encryption encrypt_binlog",
        WARNING,
        "Data at rest is encrypted on one side only.",
    ),
    # Replication.
    Rule("read_only", WARNING, "Writes are refused: a replica's role, or a mistake.", BOOL),
    *_rules("super_read_only innodb_read_only", WARNING, "Writes are refused: a replica's role, or a mistake."),
    *_replica_rules(
        "replica_exec_mode replica_run_triggers_for_rbr", WARNING, "A replica handles conflicts differently.", ENUM
    ),
    *_replica_rules("replica_skip_errors", WARNING, "A replica skips errors, and its data may differ."),
    *_replica_rules("replica_type_conversions", WARNING, "A replica accepts different type conversions.", SET),
    *_replica_rules("log_replica_updates", INFO, "A replica writes received changes to its own binary log, or not."),
    *_replica_rules("init_replica", INFO, "The replica's thread runs this first."),
    *_replica_rules("sql_replica_skip_counter", IGNORED, "Counts down while a replica skips."),
    *_replica_rules("replica_load_tmpdir", IGNORED, "A path of the host."),
    *_replica_rules(
        "replica_net_timeout replica_compressed_protocol replica_max_allowed_packet "
        "replica_parallel_type replica_parallel_mode replica_preserve_commit_order replica_pending_jobs_size_max "
        "replica_sql_verify_checksum replica_transaction_retries replica_checkpoint_group replica_checkpoint_period "
        "replica_allow_batching rpl_stop_replica_timeout log_slow_replica_statements",
        INFO,
        "Replicas behave differently.",
    ),
    # MariaDB's second names.
    Rule("slow_query_log", INFO, "Slow queries leave no trace on one side.", aliases=("log_slow_query",)),
    Rule("long_query_time", INFO, "Different queries count as slow.", DURATION, aliases=("log_slow_query_time",)),
    Rule(
        "min_examined_row_limit", INFO, "Different queries count as slow.", aliases=("log_slow_min_examined_row_limit",)
    ),
    Rule("slow_query_log_file", IGNORED, "A file of the host.", aliases=("log_slow_query_file",)),
    # Sized to the host.
    Rule("innodb_buffer_pool_size", INFO, "Sized to the host.", SIZE, capacity=True),
    *_rules(
        "innodb_log_file_size innodb_redo_log_capacity innodb_log_buffer_size key_buffer_size sort_buffer_size "
        "join_buffer_size read_buffer_size read_rnd_buffer_size max_heap_table_size query_cache_size "
        "aria_pagecache_buffer_size myisam_sort_buffer_size bulk_insert_buffer_size "
        "binlog_cache_size temptable_max_ram temptable_max_mmap innodb_sort_buffer_size "
        "innodb_online_alter_log_max_size thread_stack",
        INFO,
        "Sized to the host.",
        SIZE,
        capacity=True,
    ),
    *_rules(
        "table_open_cache innodb_io_capacity innodb_io_capacity_max innodb_read_io_threads innodb_write_io_threads "
        "innodb_purge_threads innodb_page_cleaners innodb_buffer_pool_instances innodb_open_files "
        "innodb_lru_scan_depth innodb_log_writer_threads innodb_parallel_read_threads innodb_ddl_threads",
        INFO,
        "Sized to the host.",
        capacity=True,
    ),
    *_rules(
        "open_files_limit back_log host_cache_size thread_cache_size",
        INFO,
        "Computed from max_connections unless it is set.",
        of="max_connections",
    ),
    *_rules("table_definition_cache", INFO, "Computed from table_open_cache unless it is set.", of="table_open_cache"),
    *_rules("thread_pool_size table_open_cache_instances", INFO, "Computed from the host's processors."),
    *_rules(
        "innodb_buffer_pool_chunk_size innodb_buffer_pool_size_max innodb_buffer_pool_size_auto_min",
        INFO,
        "Computed from innodb_buffer_pool_size unless it is set.",
        SIZE,
        of="innodb_buffer_pool_size",
    ),
    *_rules(
        "innodb_log_file_buffering",
        INFO,
        "Computed from innodb_flush_log_at_trx_commit unless it is set.",
        of="innodb_flush_log_at_trx_commit",
    ),
    *_rules("max_relay_log_size", INFO, "As max_binlog_size unless it is set.", SIZE, of="max_binlog_size"),
    Rule(
        "tmp_table_size",
        INFO,
        "Temporary tables go to the disk earlier where it is smaller.",
        SIZE,
        capacity=True,
        aliases=("tmp_memory_table_size",),
    ),
    Rule("max_delayed_threads", INFO, "", aliases=("max_insert_delayed_threads",)),
    Rule("max_binlog_total_size", INFO, "", SIZE, aliases=("binlog_space_limit",)),
    Rule(
        "alter_algorithm",
        WARNING,
        "ALTER TABLE copies the table on one side and changes it in place on the other.",
        aliases=("old_alter_table",),
    ),
    Rule(
        "replica_parallel_workers",
        INFO,
        "A replica falls behind where it is lower.",
        aliases=("slave_parallel_workers", "slave_parallel_threads"),
    ),
    Rule("wsrep_causal_reads", IGNORED, "Part of wsrep_sync_wait, which is compared."),
    *_rules(
        "max_binlog_size innodb_max_undo_log_size query_cache_limit net_buffer_length "
        "max_rowid_filter_size mrr_buffer_size",
        INFO,
        "",
        SIZE,
    ),
    # Behaviour in particular statements, clusters and accounts.
    Rule(
        "block_encryption_mode",
        CRITICAL,
        "AES_ENCRYPT() output differs; neither side can decrypt the other's data.",
    ),
    Rule("offline_mode", CRITICAL, "Only administrators may connect."),
    Rule("completion_type", WARNING, "COMMIT starts the next transaction, or ends the connection."),
    *_rules(
        "binlog_do_db binlog_ignore_db",
        WARNING,
        "Changes of some databases are missing in the binary log, and on replicas.",
    ),
    Rule("default_tmp_storage_engine", WARNING, "Temporary tables use a different engine."),
    Rule("lc_messages", WARNING, "Error messages are in a different language; programs that match their text break."),
    *_rules(
        "max_session_mem_used max_tmp_session_space_usage max_tmp_total_space_usage",
        WARNING,
        "A large query is ended where it is lower.",
    ),
    Rule("tmp_disk_table_size", WARNING, "A query with a large temporary table fails.", special=NO_LIMIT),
    Rule("innodb_read_only_compressed", WARNING, "Writes to compressed tables are refused."),
    Rule("innodb_ft_result_cache_limit", WARNING, "A full-text search with many results fails where it is lower."),
    Rule("old", WARNING, "Behaviour of an old version is kept."),
    Rule("new_mode", WARNING, "Some behaviour of the next release is enabled."),
    Rule("sql_if_exists", WARNING, "ALTER and DROP of missing objects succeed on one side."),
    Rule("secure_timestamp", WARNING, "SET timestamp is refused on one side."),
    Rule("system_versioning_alter_history", WARNING, "ALTER TABLE of a table with history fails on one side."),
    Rule("system_versioning_asof", WARNING, "Queries see an old state of tables with history."),
    Rule("system_versioning_insert_history", WARNING, "Historical rows can be inserted."),
    Rule("standard_compliant_cte", WARNING, "Recursive queries that are not standard are refused."),
    Rule("wsrep_on", WARNING, "Changes are not sent to the cluster."),
    Rule("wsrep_reject_queries", WARNING, "The node refuses queries."),
    Rule("wsrep_dirty_reads", WARNING, "A node outside the cluster answers with old data."),
    Rule("wsrep_sync_wait", WARNING, "A read may miss changes just committed on a different node."),
    Rule("wsrep_osu_method", WARNING, "ALTER TABLE blocks the whole cluster, or one node after the other."),
    *_rules("wsrep_max_ws_rows wsrep_max_ws_size", WARNING, "A large transaction fails, or is sent in parts."),
    Rule(
        "disconnect_on_expired_password",
        WARNING,
        "A client with an expired password is disconnected, or may only change it.",
    ),
    Rule("strict_password_validation", WARNING, "A password given as its hash is refused."),
    Rule("max_password_errors", WARNING, "After wrong passwords a user is blocked, or has to wait."),
    *_rules(
        "activate_all_roles_on_login mandatory_roles", WARNING, "Users have more or fewer permissions after login."
    ),
    Rule("mhnsw_default_distance", WARNING, "Vector indexes use a different distance and find different neighbours."),
    *_rules("mhnsw_ef_search mhnsw_default_m", WARNING, "Vector searches find different neighbours, or take longer."),
    Rule("thread_handling", WARNING, "One thread per connection, or a pool: behaviour under many connections differs."),
    Rule("innodb_table_locks", WARNING, "LOCK TABLES waits for row locks, or deadlocks with them."),
    Rule("automatic_sp_privileges", WARNING, "When off, the creator of a procedure may not run it."),
    Rule("ft_query_expansion_limit", WARNING, "WITH QUERY EXPANSION finds different rows."),
    Rule("sql_notes", WARNING, "Notes and warnings are not counted; tools that check them see none."),
    *_rules(
        "innodb_stats_auto_recalc innodb_stats_include_delete_marked "
        "innodb_stats_modified_counter innodb_stats_transient_sample_pages innodb_stats_traditional",
        WARNING,
        "The optimizer has different statistics; plans change.",
    ),
    *_rules(
        "analyze_sample_percentage analyze_max_length",
        WARNING,
        "ANALYZE TABLE collects different statistics; plans change.",
    ),
    *_rules(
        "aria_stats_method myisam_stats_method", WARNING, "NULLs are counted differently in statistics; plans change."
    ),
    Rule("redirect_url", WARNING, "Clients are redirected to a different server."),
    *_rules("regexp_stack_limit regexp_time_limit", WARNING, "A complex regular expression fails where it is lower."),
    Rule(
        "innodb_instant_alter_column_allowed",
        WARNING,
        "ALTER TABLE is instant on one side and rebuilds the table on the other.",
    ),
    Rule("proxy_protocol_networks", WARNING, "Connections through a proxy show the wrong address, or are refused."),
    Rule("windowing_use_high_precision", WARNING, "Window functions are faster, or more precise."),
    *(
        Rule(name, WARNING, "A large transaction fails where it is smaller.", special=NO_LIMIT)
        for name in ("max_binlog_cache_size", "max_binlog_stmt_cache_size")
    ),
    Rule("ssl_fips_mode", WARNING, "TLS and hash functions are limited to those of FIPS."),
    Rule("delay_key_write", WARNING, "Indexes of MyISAM tables may be damaged by a crash."),
    Rule(
        "binlog_error_action",
        WARNING,
        "When the binary log cannot be written, the server stops or continues without it.",
    ),
    Rule("ignore_builtin_innodb", WARNING, "When on, InnoDB is disabled."),
    Rule("have_dynamic_loading", WARNING, "Plug-ins and functions cannot be loaded."),
    Rule(
        "wsrep_ignore_apply_errors",
        WARNING,
        "After an error a node continues with different data, or leaves the cluster.",
    ),
    Rule("slave_ddl_exec_mode", WARNING, "A replica continues when a table already exists, or stops."),
    *_rules(
        "rpl_semi_sync_master_wait_point rpl_semi_sync_source_wait_point",
        WARNING,
        "Clients may see a transaction that a failover then loses.",
    ),
    Rule(
        "aria_force_start_after_recovery_failures",
        WARNING,
        "After failed recoveries the Aria log is deleted, and changes with it.",
    ),
    Rule(
        "character_set_filesystem",
        WARNING,
        "File names in LOAD DATA and INTO OUTFILE use a different character set.",
    ),
    # Logs and measurements.
    Rule("performance_schema", INFO, "When off, tables that monitoring tools read are empty.", BOOL),
    Rule("query_cache_type", INFO, "The query cache serves results, behind one global lock.", ENUM),
    Rule("log_output", INFO, "Logs go to a different destination.", SET),
    Rule("general_log", INFO, "Every statement is logged: the log grows and may hold secrets.", BOOL),
    Rule("performance_schema_*", INFO, "Different metrics are collected.", explained_by="performance_schema"),
    *_rules(
        "log_slow_verbosity log_slow_filter log_disabled_statements log_slow_disabled_statements note_verbosity",
        INFO,
        "Changes what gets logged.",
        SET,
    ),
    *_rules("myisam_recover_options aria_recover_options", INFO, "Damaged tables are repaired differently.", SET),
    Rule("wsrep_mode", WARNING, "The cluster handles statements differently.", SET),
    Rule("session_track_system_variables", INFO, "", SET),
    Rule("replicate_*", INFO, "A replica skips some changes.", SET),
    # Secrets.
    *_rules("wsrep_sst_auth report_password *_passphrase", IGNORED, "Each environment has its own password.", SECRET),
    Rule("wsrep_provider_options", IGNORED, "Holds addresses and paths of the node, and may hold a password.", SECRET),
    # Different by nature.
    *_rules("version_comment version_source_revision", IGNORED, "Vendor and source of the build."),
    *_rules(
        "innodb_version version_suffix protocol_version aurora_version rds_version", IGNORED, "Depends on the version."
    ),
    *_rules(
        "version_compile_os version_compile_machine version_compile_zlib version_malloc_library license "
        "version_ssl_library large_files_support lower_case_file_system",
        IGNORED,
        "Build platform and options.",
    ),
    *_rules("hostname report_host report_port report_user bind_address", IGNORED, "The address of the host."),
    *_rules(
        "port extra_port socket mysqlx_port mysqlx_socket mysqlx_bind_address",
        IGNORED,
        "The address it listens on belongs to the host.",
    ),
    *_rules("admin_address admin_port", IGNORED, "The address it listens on belongs to the host."),
    *_rules("server_id server_uuid server_uid server_id_bits gtid_domain_id", IGNORED, "Each server has its own."),
    *_rules(
        "basedir datadir tmpdir plugin_dir character_sets_dir lc_messages_dir innodb_data_home_dir innodb_tmpdir "
        "innodb_log_group_home_dir innodb_undo_directory innodb_temp_tablespaces_dir innodb_doublewrite_dir "
        "innodb_directories aria_log_dir_path wsrep_data_home_dir component_directory",
        IGNORED,
        "A folder of the host.",
    ),
    *_rules(
        "pid_file log_error general_log_file log_bin_basename log_bin_index relay_log relay_log_basename init_file "
        "relay_log_index relay_log_info_file innodb_buffer_pool_filename keyring_file_data audit_log_file "
        "server_audit_file_path sql_error_log_filename slow_query_log_file",
        IGNORED,
        "A file of the host.",
    ),
    *_rules(
        "ssl_ca ssl_capath ssl_cert ssl_key ssl_crl ssl_crlpath admin_ssl_* mysqlx_ssl_* *_public_key_path "
        "*_private_key_path",
        IGNORED,
        "A file of the host.",
    ),
    *_rules(
        "wsrep_node_name wsrep_node_address wsrep_node_incoming_address wsrep_cluster_address wsrep_cluster_name "
        "wsrep_sst_receive_address wsrep_start_position wsrep_provider group_replication_local_address "
        "group_replication_group_seeds group_replication_group_name group_replication_view_change_uuid",
        IGNORED,
        "Belongs to the node or its cluster.",
    ),
    *_rules(
        "gtid_executed gtid_purged gtid_owned gtid_binlog_pos gtid_binlog_state gtid_current_pos gtid_slave_pos "
        "gtid_executed_compression_period gtid_next",
        IGNORED,
        "The replication position.",
    ),
    *_rules(
        "timestamp in_transaction pseudo_thread_id rand_seed* last_insert_id identity insert_id error_count "
        "warning_count innodb_thread_sleep_delay",
        IGNORED,
        "A transient value.",
    ),
    Rule("log_tc_size", IGNORED, "Depends on the build."),
    *_rules("have_openssl have_crypt have_compress have_profiling have_geometry", IGNORED, "Build options differ."),
    *_rules("aurora_server_id tidb_config tidb_current_ts", IGNORED, "Belongs to the node."),
    *_rules("*_now *_reset *_reset_all innodb_buffer_pool_load_abort", IGNORED, "A command, not a setting."),
    Rule("mysql compatibility", INFO, "The MySQL version that it reports to be compatible with."),
    *PLUGIN_RULES,
    *VARIABLE_RULES,
)

TYPES = {rule.name: rule.type for rule in RULES if rule.type is not None}
"""types that take precedence over the declared ones, by the variable's name"""

CANONICAL_NAMES = {alias: rule.name for rule in RULES for alias in rule.aliases}
"""name of a variable -> name under which it is compared"""

_DATABASE_FACTS = ("database.character_set", "database.collation", "database[*]")

HIDDEN_BY_RIGHTS = tuple(
    HiddenGroup(glob, "needs GRANT SHOW DATABASES ON *.* TO {user}", "GRANT SHOW DATABASES ON *.* TO {user};")
    for glob in _DATABASE_FACTS
)
"""`{user}` is the account that the server has matched, as SQL writes it: 'parity'@'%'"""

HIDDEN_BY_SERVER = tuple(HiddenGroup(glob, "this server does not show its databases") for glob in _DATABASE_FACTS)
"""facts that some relatives do not provide"""

HIDDEN = (*HIDDEN_BY_RIGHTS, *HIDDEN_BY_SERVER, *HIDDEN_PLUGINS, _migrations.HIDDEN)
