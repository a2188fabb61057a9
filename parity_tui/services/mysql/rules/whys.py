"""Why a difference matters, for variables of MariaDB and MySQL whose rule has no reason; imported when needed."""

from __future__ import annotations

_TEXT = """
allow_suspicious_udfs: When on, any library can be loaded as a function.
aria_block_size: Aria tables created with a different block size cannot be opened.
aria_checkpoint_interval aria_checkpoint_log_activity: Recovery of Aria tables takes longer where it is larger.
aria_encrypt_tables: New Aria tables are encrypted on one side only.
aria_group_commit aria_group_commit_interval: Commits to Aria tables wait for each other.
aria_log_file_size aria_log_purge_type: The Aria log takes more or less disk.
aria_max_sort_file_size myisam_max_sort_file_size: Larger indexes are rebuilt by the slow method.
aria_page_checksum: Damaged pages of Aria tables are noticed on one side only.
aria_pagecache_age_threshold aria_pagecache_division_limit key_cache_age_threshold key_cache_division_limit: \
Different blocks stay in the index cache.
aria_pagecache_file_hash_size key_cache_file_hash_size: Many open tables are flushed more slowly where it is small.
aria_pagecache_segments key_cache_segments: Threads wait for one lock of the cache of indexes.
aria_repair_threads myisam_repair_threads: Repairing a table uses one thread or several.
aria_sort_buffer_size: Rebuilding indexes of Aria tables spills to disk where it is smaller.
aria_sync_log_dir: A new Aria log file may be missing after a crash.
aria_used_for_temp_tables: Temporary tables on disk use a different engine.
avoid_temporal_upgrade: Old date columns are kept in their old format by ALTER TABLE.
big_tables: When on, all temporary tables go to disk.
binlog_alter_two_phase: Replicas start ALTER TABLE together with the primary, or after it.
binlog_annotate_row_events binlog_rows_query_log_events: Row events name their statement in one binary log only.
binlog_checksum: Damaged events are noticed on one side; very old replicas cannot read checksums.
binlog_commit_wait_count binlog_commit_wait_usec binlog_group_commit_sync_delay \
binlog_group_commit_sync_no_delay_count: Each commit waits so that several are flushed together.
binlog_direct_non_transactional_updates: Statements on MyISAM tables reach replicas in a different order.
binlog_encryption: The binary log is encrypted on one side only.
binlog_file_cache_size binlog_stmt_cache_size binlog_large_commit_threshold: Large transactions are written to the \
binary log differently.
binlog_gtid_index binlog_gtid_index_page_size binlog_gtid_index_span_min: Replicas take longer to find their position.
binlog_gtid_simple_recovery: A server with many binary logs starts more slowly.
binlog_legacy_event_pos: Some old tools need positions in all events.
binlog_max_flush_queue_time: Deprecated, without effect.
binlog_optimize_thread_scheduling binlog_order_commits: The order of commits and of the binary log may differ.
binlog_row_event_max_size: Row events are grouped into packets of a different size.
max_binlog_total_size: Old binary logs are deleted earlier; a replica that is away cannot follow.
binlog_transaction_compression binlog_transaction_compression_level_zstd log_bin_compress log_bin_compress_min_len: \
The binary log is compressed on one side; older readers cannot read it.
binlog_transaction_dependency_history_size binlog_transaction_dependency_tracking: Replicas apply less in parallel.
caching_sha2_password_auto_generate_rsa_keys sha256_password_auto_generate_rsa_keys: Logins without TLS fail where \
no RSA keys exist.
caching_sha2_password_digest_rounds: New passwords take longer to check.
sha256_password_proxy_users mysql_native_password_proxy_users check_proxy_users: Proxy users work on one side only.
character_set_system: The character set of names.
column_compression_threshold column_compression_zlib_level column_compression_zlib_strategy \
column_compression_zlib_wrap: Compressed columns need more or less space and time.
concurrent_insert: Inserts into MyISAM tables wait for readers.
connection_memory_chunk_size connection_memory_limit global_connection_memory_limit \
global_connection_memory_tracking: Connections that use too much memory are refused.
core_file innodb_buffer_pool_in_core_dump: A crash leaves a core file of a different size, or none.
create_old_temporals date_format datetime_format time_format: Without effect today.
deadlock_search_depth_long deadlock_search_depth_short deadlock_timeout_long deadlock_timeout_short: Deadlocks of \
Aria tables are detected earlier or later.
debug_no_thread_alarm gdb stack_trace large_page_size innodb_lru_flush_size: Meant for debugging.
table_encryption_privilege_check: New schemas are encrypted on one side only.
delayed_insert_limit delayed_insert_timeout delayed_queue_size max_delayed_threads: INSERT DELAYED waits or returns \
at once.
dragnet.log_error_filter_rules log_error_services log_error_suppression_list log_error_verbosity log_warnings: More \
or fewer messages reach the error log.
encrypt_tmp_disk_tables encrypt_tmp_files innodb_encrypt_temporary_tables innodb_temp_tablespace_encrypt: Temporary \
data on disk is encrypted on one side only.
end_markers_in_json: EXPLAIN FORMAT=JSON has comments that break parsers.
expensive_subquery_limit: Subqueries are run while planning, or not; plans change.
explain_format explain_json_format_version: EXPLAIN prints a different format; tools that parse it break.
extra_max_connections: Limits connections to the extra port when all others are taken.
flush flush_time: Tables are flushed or closed more often: slower.
generated_random_password_length: Random passwords have a different length.
gtid_cleanup_batch_size gtid_ignore_duplicates gtid_pos_auto_engines: Replicas store their position differently.
have_query_cache have_rtree_keys have_statement_timeout have_symlink: A feature is built in or enabled on one side \
only.
ignore_db_dirs: Some folders are not shown as databases.
immediate_server_version original_server_version original_commit_timestamp: Set by replication.
information_schema_stats_expiry: information_schema shows statistics that are up to a day old.
innodb_adaptive_flushing innodb_adaptive_flushing_lwm innodb_adaptive_max_sleep_delay innodb_flush_neighbors \
innodb_flush_sync innodb_flushing_avg_loops innodb_idle_flush_pct innodb_max_dirty_pages_pct \
innodb_max_dirty_pages_pct_lwm: Dirty pages are flushed at a different pace: latency peaks.
innodb_adaptive_hash_index innodb_adaptive_hash_index_cells innodb_adaptive_hash_index_parts: Lookups by key are \
faster, or wait for a lock.
innodb_alter_copy_bulk: ALTER TABLE that copies is faster, and cannot be undone in part.
innodb_api_bk_commit_interval innodb_api_disable_rowlock innodb_api_enable_binlog innodb_api_enable_mdl \
innodb_api_trx_level: Only for the memcached plug-in.
innodb_autoextend_increment innodb_data_file_path innodb_temp_data_file_path: Shared data files grow in larger or \
smaller steps.
innodb_background_drop_list_empty innodb_merge_threshold_set_all_debug innodb_limit_optimistic_insert_debug: Meant \
for debugging.
innodb_buf_dump_status_frequency innodb_buffer_pool_dump_at_shutdown innodb_buffer_pool_dump_pct \
innodb_buffer_pool_load_at_startup: Queries are slow for longer after a restart.
innodb_change_buffer_max_size innodb_change_buffering: Changes to secondary indexes are written at once, or later.
innodb_log_checksums: Damaged pages are detected by a different checksum, or not at all.
innodb_cmp_per_index_enabled innodb_monitor_disable innodb_monitor_enable innodb_status_output \
innodb_status_output_locks innodb_print_all_deadlocks innodb_print_ddl_logs innodb_print_lock_wait_timeout_info \
innodb_deadlock_report innodb_ft_enable_diag_print: Different metrics or messages are collected.
innodb_commit_concurrency innodb_concurrency_tickets innodb_thread_concurrency innodb_replication_delay: Threads \
wait before they may enter InnoDB.
innodb_compression_algorithm: Compressed pages need the library of the algorithm to be read.
innodb_compression_default: New tables are compressed on one side only.
innodb_compression_failure_threshold_pct innodb_compression_level innodb_compression_pad_pct_max \
innodb_log_compressed_pages: Compressed tables need more or less space and time.
innodb_data_file_buffering innodb_data_file_write_through innodb_log_file_mmap innodb_log_file_write_through \
innodb_disable_sort_file_cache: Files are read or written past the cache of the operating system.
innodb_dedicated_server: The size of buffers and logs follows the memory of the host.
innodb_default_encryption_key_id innodb_encryption_rotate_key_age innodb_encryption_rotation_iops \
innodb_encryption_threads: Which key encrypts new tables, and how fast old pages follow.
innodb_ddl_buffer_size: ALTER TABLE that builds indexes spills to disk where it is smaller.
innodb_defragment innodb_defragment_fill_factor innodb_defragment_fill_factor_n_recs innodb_defragment_frequency \
innodb_defragment_n_pages innodb_defragment_stats_accuracy: OPTIMIZE TABLE works differently.
innodb_doublewrite_batch_size innodb_doublewrite_files innodb_doublewrite_pages: Double writes are grouped differently.
innodb_extend_and_initialize: New space in data files is filled with zeros first.
innodb_fast_shutdown: At 2 and above the next start recovers as after a crash.
innodb_fatal_semaphore_wait_threshold: A hung server aborts itself earlier or later.
innodb_fill_factor: Pages of new indexes are filled more or less.
innodb_flush_log_at_timeout: A crash loses more or fewer seconds of commits that are not flushed at once.
innodb_fsync_threshold: Large new files are flushed in steps.
innodb_ft_aux_table innodb_optimize_fulltext_only innodb_ft_num_word_optimize innodb_ft_sort_pll_degree: Maintenance \
of full-text indexes.
innodb_ft_cache_size innodb_ft_total_cache_size: Full-text indexes are written in larger or smaller steps.
innodb_immediate_scrub_data_uncompressed: Deleted data is overwritten on one side only.
innodb_index_shrink: Indexes shrink at updates, or stay large.
innodb_linux_aio innodb_use_native_aio innodb_numa_interleave innodb_segment_reserve_factor: InnoDB uses the \
operating system differently.
innodb_log_files_in_group: The redo log is larger or smaller; a larger one makes recovery slower.
innodb_log_spin_cpu_abs_lwm innodb_log_spin_cpu_pct_hwm innodb_log_spin_wait_delay \
innodb_log_wait_for_flush_spin_hwm innodb_spin_wait_delay innodb_spin_wait_pause_multiplier innodb_sync_array_size \
innodb_sync_spin_loops: Trades CPU time against waiting for locks.
innodb_log_write_ahead_size: Redo log writes may read from the disk first.
innodb_max_purge_lag innodb_max_purge_lag_delay innodb_max_purge_lag_wait: Writes are slowed down while old row \
versions pile up.
innodb_max_undo_log_size innodb_undo_log_truncate innodb_undo_log_encrypt innodb_redo_log_encrypt \
innodb_undo_tablespaces innodb_purge_rseg_truncate_frequency innodb_rollback_segments: Undo space is kept longer, or \
returned to the disk earlier.
innodb_old_blocks_pct innodb_old_blocks_time: A large scan displaces what is cached.
innodb_prefix_index_cluster_optimization: Queries on prefix indexes read fewer pages.
innodb_purge_batch_size: Old row versions are removed in larger or smaller steps.
innodb_random_read_ahead innodb_read_ahead_threshold: Pages are read ahead, or when they are needed.
innodb_redo_log_archive_dirs: Backups can archive the redo log on one side only.
innodb_stats_on_metadata: Queries on information_schema refresh statistics: slow, and plans change.
innodb_use_atomic_writes: Double writes are left out where the device writes atomically.
innodb_use_fdatasync: Files are flushed without their times.
innodb_validate_tablespace_paths: The server checks for relocated files at startup, or not.
internal_tmp_mem_storage_engine internal_tmp_disk_storage_engine temptable_use_mmap: Temporary tables use a different \
engine.
join_buffer_space_limit mrr_buffer_size rowid_merge_buff_size max_rowid_filter_size: Large joins and sorts spill to \
disk, or use a different plan.
keep_files_on_create: CREATE TABLE overwrites stale files of MyISAM tables, or fails.
key_cache_block_size myisam_block_size myisam_data_pointer_size preload_buffer_size: MyISAM files are read and \
created differently.
keyring_operations: Keys can be changed on one side only.
large_pages locked_in_memory: Memory of the host is used in a different way.
log_bin_use_v1_row_events: Old tools cannot read the binary log.
log_queries_not_using_indexes log_throttle_queries_not_using_indexes log_slow_admin_statements log_slow_extra \
log_slow_always_query_time log_slow_max_warnings log_slow_rate_limit log_slow_min_examined_row_limit \
log_slow_rate_type log_slow_sp_statements: More or fewer statements reach the slow log.
log_raw log_timestamps log_error_filter_rules: Logs contain passwords, or times in a different zone.
log_statements_unsafe_for_binlog: Warnings about unsafe statements fill the error log.
low_priority_updates: Writes to MyISAM tables wait for all readers.
master_verify_checksum source_verify_checksum: Damaged events of the binary log are noticed on one side only.
max_binlog_size: Binary logs are rotated more or less often.
max_digest_length max_error_count: Diagnostics keep more or less of a statement.
max_length_for_sort_data max_points_in_geometry: Sorts and geometry functions use a different plan or limit.
connection_control_failed_connections_threshold connection_control_max_connection_delay \
connection_control_min_connection_delay: After wrong passwords a user is blocked, or has to wait.
max_tmp_tables metadata_locks_cache_size metadata_locks_hash_instances: Without effect today.
max_write_lock_count: Readers wait longer behind writers.
mhnsw_max_cache_size mhnsw_cache_size: Vector searches read from disk where it is smaller.
myisam_mmap_size myisam_use_mmap: MyISAM tables are read in a different way.
mysql56_temporal_format: New date columns use a different format on disk.
mysqlx_connect_timeout mysqlx_idle_worker_thread_timeout mysqlx_interactive_timeout mysqlx_max_allowed_packet \
mysqlx_max_connections mysqlx_min_worker_threads mysqlx_read_timeout mysqlx_wait_timeout mysqlx_write_timeout \
mysqlx_compression_algorithms mysqlx_document_id_unique_prefix mysqlx_enable_hello_notice mysqlx_port_open_timeout \
mysqlx_deflate_default_compression_level mysqlx_deflate_max_client_compression_level \
mysqlx_lz4_default_compression_level mysqlx_lz4_max_client_compression_level mysqlx_zstd_default_compression_level \
mysqlx_zstd_max_client_compression_level: Limits of the X protocol.
named_pipe named_pipe_full_access_group shared_memory shared_memory_base_name: Local connections on Windows.
net_buffer_length net_retry_count: Packets are buffered differently, and failed reads are retried more or less often.
new: Deprecated, without effect.
persist_only_admin_x509_subject persisted_globals_load persist_sensitive_variables_in_plaintext: Variables set by \
SET PERSIST count after a restart, or not.
persistent_auth: A persistent connection is used again.
plugin_maturity: Plug-ins that are less mature are refused.
print_identified_with_as_hex: SHOW CREATE USER prints hashes that can be pasted.
profiling profiling_history_size: Statements are measured for SHOW PROFILES.
progress_report_time: Clients get reports of progress; some old ones do not understand them.
protocol_compression_algorithms: Clients that request a different compression are refused.
pseudo_replica_mode pseudo_slave_mode: Set by mysqlbinlog.
query_alloc_block_size query_prealloc_size range_alloc_block_size transaction_alloc_block_size \
transaction_prealloc_size parser_max_mem_size: Memory for parsing and running statements; a complex statement may fail.
query_cache_limit query_cache_min_res_unit query_cache_strip_comments query_cache_wlock_invalidate: Which results \
come from the query cache.
read_binlog_speed_limit: Replicas receive the binary log more slowly.
relay_log_purge relay_log_recovery relay_log_info_repository master_info_repository sync_master_info sync_relay_log \
sync_relay_log_info sync_source_info: A replica may lose its position in a crash.
relay_log_space_limit: A replica stops receiving while its relay logs are large.
require_row_format: Replication accepts rows only.
resultset_metadata: Clients get no names of columns.
rpl_read_size: A primary reads its binary log in larger or smaller blocks.
rpl_semi_sync_master_timeout rpl_semi_sync_source_timeout: How long a commit waits for a replica before it continues \
without one.
rpl_semi_sync_master_trace_level rpl_semi_sync_slave_trace_level rpl_semi_sync_replica_trace_level \
rpl_semi_sync_source_trace_level: Replication logs more or less.
rpl_semi_sync_master_wait_no_slave rpl_semi_sync_source_wait_no_replica: Commits wait, or not, while no replica is \
connected.
rpl_semi_sync_source_wait_for_replica_count rpl_semi_sync_master_wait_for_slave_count: More or fewer replicas must \
confirm a commit.
rpl_semi_sync_slave_delay_master rpl_semi_sync_slave_kill_conn_timeout: A replica confirms commits, and stops, \
differently.
rpl_semi_sync_slave_enabled rpl_semi_sync_replica_enabled: The replica does not confirm commits.
schema_definition_cache stored_program_definition_cache tablespace_definition_cache stored_program_cache: \
Definitions are read again more often where it is smaller.
secondary_engine_cost_threshold use_secondary_engine: Queries go to the secondary engine, or not.
select_into_buffer_size select_into_disk_sync select_into_disk_sync_delay: INTO OUTFILE is written and flushed \
differently.
session_track_gtids session_track_schema session_track_state_change session_track_system_variables \
session_track_transaction_info: Proxies and drivers are not notified of session changes.
show_create_table_skip_secondary_engine show_create_table_verbosity show_gipk_in_create_table_and_information_schema \
show_old_temporals: SHOW CREATE TABLE prints different text; comparing schemas fails.
skip_external_locking: Files of MyISAM tables are locked for other programs.
skip_replica_start skip_slave_start: Replication does not start with the server.
slave_abort_blocking_timeout slave_max_statement_time: Queries on a replica are ended in favour of replication.
slave_connections_needed_for_purge: Old binary logs are kept until enough replicas are connected.
slave_domain_parallel_threads slave_parallel_max_queued: A replica falls behind where it is lower.
slave_rows_search_algorithms: A replica without primary keys falls behind.
slave_transaction_retry_errors slave_transaction_retry_interval: A replica tries again, or stops.
slow_launch_time: The time from which starting a thread counts as slow.
sql_buffer_result: Results are stored first: locks are released early, and queries take longer.
sql_log_off: Statements are missing in the general log.
sql_warnings: Notes and warnings are not counted; tools that check them see none.
sql_quote_show_create: SHOW CREATE prints names without quotes.
ssl_session_cache_mode ssl_session_cache_timeout: Clients cannot resume a TLS session.
sync_frm: After a crash the definition of a new table may be missing.
tcp_keepalive_interval tcp_keepalive_probes tcp_keepalive_time: Connections that are gone are noticed later.
tcp_nodelay: Small packets are delayed: latencies differ.
terminology_use_previous: Output that tools parse uses old terms.
thread_pool_dedicated_listener thread_pool_exact_stats thread_pool_idle_timeout thread_pool_max_threads \
thread_pool_oversubscribe thread_pool_prio_kickup_timer thread_pool_priority thread_pool_stall_limit \
thread_pool_algorithm thread_pool_high_priority_connection thread_pool_max_unused_threads: Statements wait for a \
thread of the pool.
tls_certificates_enforced_validation: A start with a bad certificate fails.
transaction_write_set_extraction: Replicas apply less in parallel.
userstat: Statistics of users, clients and indexes are collected on one side only.
wsrep_allowlist: Which nodes may join the cluster.
wsrep_applier_retry_count: After an error a node continues with different data, or leaves the cluster.
wsrep_auto_increment_control: Ids of several nodes collide, or have gaps.
wsrep_certification_rules wsrep_certify_nonpk wsrep_retry_autocommit: More or fewer transactions fail at commit.
wsrep_convert_lock_to_trx wsrep_drupal_282555_workaround wsrep_forced_binlog_format wsrep_load_data_splitting \
wsrep_mysql_replication_bundle wsrep_replicate_myisam: Statements are converted into write sets differently.
wsrep_dbug_option wsrep_debug wsrep_log_conflicts wsrep_status_file: The cluster logs more or less.
wsrep_desync: The node may fall behind without slowing down the cluster.
wsrep_gtid_domain_id wsrep_gtid_mode: Transactions of the cluster are numbered differently.
wsrep_trx_fragment_size wsrep_trx_fragment_unit wsrep_sr_store: A large transaction fails, or is sent in parts.
wsrep_notify_cmd: A program that runs at each change of the cluster.
wsrep_patch_version wsrep_provider_version: Goes with the build.
wsrep_recover wsrep_restart_slave wsrep_restart_replica: A node rejoins the cluster differently.
wsrep_slave_fk_checks wsrep_slave_uk_checks wsrep_applier_fk_checks wsrep_applier_uk_checks: Keys are checked while \
changes from the cluster are applied, or not.
wsrep_slave_threads wsrep_applier_threads: A node falls behind and slows down the cluster.
wsrep_sst_donor wsrep_sst_donor_rejects_queries wsrep_sst_method: A new node gets its data by a different method, \
which may block its donor.
xa_detach_on_prepare: A prepared XA transaction belongs to its session, or to all.
"""
"""variables: consequence of a difference"""

_LINES = (line.split(": ", 1) for line in _TEXT.strip().splitlines())
WHYS = {name: why for names, why in _LINES for name in names.split()}
"""by variable"""


def explain(variable: str) -> str:
    """Return why a difference matters, "" if unknown.

    >>> explain("tcp_nodelay"), explain("tcp_keepalive_time"), explain("no_such_variable")
    ('Small packets are delayed: latencies differ.', 'Connections that are gone are noticed later.', '')
    """
    return WHYS.get(variable, "")
