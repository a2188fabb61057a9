"""Why a difference matters, for the settings of PostgreSQL 10 to 18 whose rule has no reason; imported when needed."""

from __future__ import annotations

_TEXT = """
allow_alter_system: When off, ALTER SYSTEM is refused.
allow_in_place_tablespaces: CREATE TABLESPACE without a location works on one side only; meant for tests.
archive_timeout: If the server is lost, the archive lacks more or less recent work.
authentication_timeout: A slow login is cut off earlier.
autovacuum_analyze_scale_factor: Statistics are renewed more or less often; plans change later on one side.
autovacuum_analyze_threshold: Statistics are renewed more or less often; plans change later on one side.
autovacuum_freeze_max_age: A forced vacuum starts earlier or later; changing it needs a restart.
autovacuum_multixact_freeze_max_age: A forced vacuum starts earlier or later; changing it needs a restart.
autovacuum_naptime: Dead rows are removed later where it is longer.
autovacuum_vacuum_cost_delay: Autovacuum is slower, and tables bloat, where it is longer.
autovacuum_vacuum_cost_limit: Autovacuum is slower, and tables bloat, where it is lower.
autovacuum_vacuum_insert_scale_factor: Tables that only grow are vacuumed later; index-only scans get slower.
autovacuum_vacuum_insert_threshold: Tables that only grow are vacuumed later; index-only scans get slower.
autovacuum_vacuum_max_threshold: Large tables collect more dead rows before they are vacuumed.
autovacuum_vacuum_scale_factor: Tables collect more dead rows before they are vacuumed.
autovacuum_vacuum_threshold: Small tables collect more dead rows before they are vacuumed.
autovacuum_work_mem: Vacuuming a large table scans its indexes more often where it is lower.
autovacuum_worker_slots: The most that autovacuum_max_workers can be raised to without a restart.
backtrace_functions: Errors in these functions are logged with a backtrace on one side only.
bgwriter_delay: Dirty pages are written more or less steadily; queries wait for writes.
bgwriter_lru_maxpages: At 0 the background writer does nothing, and queries write dirty pages themselves.
bgwriter_lru_multiplier: Dirty pages are written more or less steadily; queries wait for writes.
checkpoint_completion_target: Checkpoints write in a shorter burst where it is lower: latency peaks.
checkpoint_timeout: Recovery after a crash takes longer where it is longer; more WAL is written where it is shorter.
checkpoint_warning: Checkpoints that come too often are logged on one side only.
client_connection_check_interval: When off, a query continues after its client has disconnected.
client_min_messages: Clients get more or fewer notices and warnings.
commit_delay: Each commit waits this long so that several can be flushed together.
commit_siblings: commit_delay applies only with this many active transactions.
compute_query_id: When off, pg_stat_statements and log lines have no query id.
deadlock_timeout: Deadlocks are noticed later, and lock waits are logged later.
debug_discard_caches: Above 0 every catalog lookup is repeated: very slow, meant for tests.
debug_io_direct: Files are read past the cache of the operating system: slow, meant for tests.
debug_logical_replication_streaming: Large transactions are streamed at once: meant for tests.
debug_pretty_print: Plan trees in the log are indented differently.
debug_print_parse: Parse trees of all queries fill one log.
debug_print_plan: Plan trees of all queries fill one log.
debug_print_rewritten: Rewritten queries fill one log.
default_tablespace: New tables and indexes are created in a different tablespace.
default_transaction_deferrable: Serializable read-only transactions may wait before they start.
default_with_oids: New tables have a column oid on one side, until PostgreSQL 12.
dynamic_shared_memory_type: Parallel queries share memory in a different way; limits of the host apply.
file_copy_method: CREATE DATABASE clones files instead of copying them: faster, on some file systems only.
file_extend_method: Files grow in a different way; on some file systems this affects compression and speed.
gin_pending_list_limit: Writes to a GIN index are merged in larger or smaller steps; searches read the pending list.
gss_accept_delegation: When off, foreign servers cannot be reached with the client's Kerberos credentials.
huge_page_size: A different huge page size is requested from the host.
huge_pages: With on, the server does not start where the host has too few huge pages.
icu_validation_level: An unknown ICU locale is an error on one side and a warning on the other.
io_combine_limit: Reads are split into smaller requests where it is lower.
io_max_combine_limit: The most that io_combine_limit can be; changing it takes a restart.
io_method: Asynchronous reads use a different method: latencies and host limits differ.
jit_debugging_support: Compiled functions are registered with a debugger.
jit_dump_bitcode: Compiled functions are written to files of the data folder.
jit_expressions: Expressions are compiled on one side only.
jit_profiling_support: Compiled functions are registered with perf and leave files behind.
jit_provider: A different library compiles queries, or none if it is missing.
jit_tuple_deforming: Reading of rows is compiled on one side only.
log_checkpoints: Checkpoints are logged on one side only.
log_disconnections: Ends of sessions are logged on one side only.
log_duration: Durations of all statements are logged on one side only.
log_error_verbosity: Log lines have fewer details, or also the source location.
log_executor_stats: Statistics of each query fill one log.
log_hostname: Each new connection waits for a DNS lookup where it is on.
log_line_prefix: Log lines begin differently; programs that parse them break.
log_lock_failures: Failed NOWAIT locks are logged on one side only.
log_lock_waits: Long waits for locks are logged on one side only.
log_min_error_statement: Failed statements are logged on one side only.
log_min_messages: More or fewer messages reach the log.
log_parser_stats: Statistics of each query fill one log.
log_planner_stats: Statistics of each query fill one log.
log_recovery_conflict_waits: Waits of a standby are logged on one side only.
log_replication_commands: Commands of standbys and subscribers are logged on one side only.
log_startup_progress_interval: Progress of a long start or recovery is logged on one side only.
log_statement_sample_rate: A different share of slow statements is logged.
log_statement_stats: Statistics of each query fill one log.
log_timezone: Times in the log are in a different zone and hard to match.
log_transaction_sample_rate: A share of all transactions is logged with every statement.
log_truncate_on_rotation: An old log with the same name is overwritten on one side.
logging_collector: Logs are in files on one side and on standard error on the other.
max_files_per_process: Files are closed and opened again more often where it is lower.
max_logical_replication_workers: Subscriptions wait for a worker where it is lower.
max_parallel_apply_workers_per_subscription: Large transactions reach a subscriber later.
max_pred_locks_per_page: Serializable transactions fail more often where it is lower.
max_pred_locks_per_relation: Serializable transactions fail more often where it is lower.
max_sync_workers_per_subscription: The first copy of a subscription's tables takes longer where it is lower.
md5_password_warnings: Warnings about MD5 passwords appear on one side only.
min_dynamic_shared_memory: Memory for parallel queries is reserved at the start.
multixact_member_buffers: Many shared row locks read from disk more often where it is lower.
multixact_offset_buffers: Many shared row locks read from disk more often where it is lower.
notify_buffers: LISTEN and NOTIFY read from disk more often where it is lower.
operator_precedence_warning: Queries whose meaning changed with PostgreSQL 9.5 are reported on one side only.
parallel_leader_participation: The leading process of a parallel query only collects rows where it is off.
post_auth_delay: Each login waits this long; meant for attaching a debugger.
pre_auth_delay: Each login waits this long; meant for attaching a debugger.
quote_all_identifiers: Generated SQL and dumps quote every name; comparing them as text fails.
recovery_init_sync_method: Recovery after a crash starts faster, and trusts the file system to flush all files.
recovery_min_apply_delay: A standby is behind by at least this much, on purpose.
recovery_prefetch: Recovery and standbys apply WAL more slowly where it is off.
remove_temp_files_after_crash: Temporary files of crashed processes stay and fill the disk where it is off.
replacement_sort_tuples: Large sorts are done in a different way; only their speed differs.
scram_iterations: New passwords take longer to guess and to check where it is higher; some clients have a limit.
send_abort_for_crash: A crash leaves core dumps of all processes on one side.
send_abort_for_kill: A stuck process leaves a core dump on one side.
serializable_buffers: Serializable transactions read from disk more often where it is lower.
shared_memory_type: Shared memory is requested in a different way; limits of the host apply.
ssl_library: TLS uses a different library, or none.
ssl_passphrase_command_supports_reload: When off, a reload cannot renew a certificate whose key has a passphrase.
ssl_prefer_server_ciphers: The client's order of ciphers decides on one side.
stats_fetch_consistency: Monitoring queries see statistics of one moment, or of several.
synchronized_standby_slots: Subscribers wait for these standbys, or may get ahead of them.
syslog_facility: Syslog stores the messages elsewhere.
syslog_sequence_numbers: Repeated messages are merged in syslog where it is off.
syslog_split_messages: Long messages are cut in syslog where it is off.
trace_connection_negotiation: Each TLS negotiation is logged on one side only.
trace_notify: LISTEN and NOTIFY write details to one log.
trace_recovery_messages: Recovery writes details to one log.
trace_sort: Sorts write details to one log.
track_activities: When off, pg_stat_activity shows no queries.
track_activity_query_size: Long queries are cut earlier in pg_stat_activity.
track_cost_delay_timing: The sleep time of vacuum is measured on one side only.
track_functions: pg_stat_user_functions is empty on one side.
track_io_timing: Times of reads and writes are measured on one side only.
track_wal_io_timing: Times of WAL writes are measured on one side only.
update_process_title: ps shows what a process does on one side only.
vacuum_cleanup_index_scale_factor: Indexes are cleaned up more or less often.
vacuum_cost_delay: A manual VACUUM pauses more often where it is set.
vacuum_cost_limit: Vacuum is slower, and tables bloat, where it is lower.
vacuum_cost_page_dirty: Vacuum is slower, and tables bloat, where it is higher.
vacuum_cost_page_hit: Vacuum is slower, and tables bloat, where it is higher.
vacuum_cost_page_miss: Vacuum is slower, and tables bloat, where it is higher.
vacuum_defer_cleanup_age: Dead rows are kept for standbys: tables bloat.
vacuum_failsafe_age: The transaction age at which vacuum ignores its cost limits.
vacuum_freeze_min_age: Rows are frozen earlier or later: how much is left for one large vacuum.
vacuum_freeze_table_age: A vacuum of the whole table comes earlier or later.
vacuum_max_eager_freeze_failure_rate: Ordinary vacuums freeze more or fewer pages ahead.
vacuum_multixact_failsafe_age: The multixact age at which vacuum ignores its cost limits.
vacuum_multixact_freeze_min_age: Shared row locks are cleaned earlier or later.
vacuum_multixact_freeze_table_age: A vacuum of the whole table comes earlier or later.
vacuum_truncate: Empty ends of tables are given back to the disk on one side; that takes a short exclusive lock.
wal_compression: More WAL is written, sent and archived where it is off; lz4 and zstd need a build with them.
wal_consistency_checking: WAL grows and a standby stops at a difference; meant for tests.
wal_decode_buffer_size: Recovery prefetches more or less.
wal_init_zero: New WAL files are filled with zeros first; without, some file systems are faster.
wal_keep_segments: A standby that is further behind must be built again, unless it has a slot.
wal_keep_size: A standby that is further behind must be built again, unless it has a slot.
wal_receiver_create_temp_slot: A standby without a slot may find its WAL removed.
wal_receiver_status_interval: A primary's view of its standbys is updated more or less often.
wal_receiver_timeout: A standby notices later that its primary has gone.
wal_recycle: WAL files are created instead of reused; some file systems are faster that way.
wal_retrieve_retry_interval: A standby waits this long before it asks again for missing WAL.
wal_sender_timeout: A standby or subscriber on a slow network is disconnected on one side.
wal_skip_threshold: Creating tables under wal_level = minimal flushes files, or writes WAL.
wal_summary_keep_time: An incremental backup fails if its predecessor is older.
wal_writer_delay: Asynchronous commits lose more at a crash where it is longer.
"""
"""setting: consequence of a difference"""

WHYS = dict(line.split(": ", 1) for line in _TEXT.strip().splitlines())
"""by setting"""


def explain(setting: str) -> str:
    """Return why a difference matters, "" if unknown.

    >>> explain("log_line_prefix"), explain("no_such_setting")
    ('Log lines begin differently; programs that parse them break.', '')
    """
    return WHYS.get(setting, "")
