"""Rules of MySQL and MariaDB: a reason for every variable, severities by direction."""

from __future__ import annotations

import subprocess
import sys

import pytest

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.servers import Servers
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Severity, Verdict
from parity_tui.services.mysql import SERVICE
from tests.conftest import Shared
from tests.services.mysql.builders import drift, reading, rows

WELL_KNOWN = """
activate_all_roles_on_login authentication_policy auto_increment_increment autocommit back_log big_tables
binlog_cache_size binlog_encryption binlog_expire_logs_seconds binlog_format binlog_row_image binlog_row_metadata
binlog_transaction_compression block_encryption_mode character_set_server collation_server connect_timeout
connection_memory_limit cte_max_recursion_depth default_authentication_plugin default_collation_for_utf8mb4
default_password_lifetime default_storage_engine default_table_encryption default_tmp_storage_engine
default_week_format disabled_storage_engines div_precision_increment enforce_gtid_consistency
eq_range_index_dive_limit event_scheduler explicit_defaults_for_timestamp foreign_key_checks ft_min_word_len
generated_random_password_length group_concat_max_len gtid_mode information_schema_stats_expiry init_connect
innodb_adaptive_hash_index innodb_autoinc_lock_mode innodb_buffer_pool_instances innodb_buffer_pool_size
innodb_change_buffering innodb_ddl_threads innodb_deadlock_detect innodb_dedicated_server innodb_default_row_format
innodb_doublewrite innodb_file_per_table innodb_flush_log_at_trx_commit innodb_flush_method innodb_ft_min_token_size
innodb_io_capacity innodb_lock_wait_timeout innodb_log_buffer_size innodb_online_alter_log_max_size innodb_page_size
innodb_parallel_read_threads innodb_print_all_deadlocks innodb_purge_threads innodb_redo_log_capacity
innodb_rollback_on_timeout innodb_stats_persistent innodb_strict_mode innodb_thread_concurrency
innodb_undo_log_truncate interactive_timeout internal_tmp_mem_storage_engine join_buffer_size local_infile
lock_wait_timeout log_bin log_bin_trust_function_creators log_error_verbosity log_queries_not_using_indexes
log_replica_updates log_timestamps long_query_time lower_case_table_names mandatory_roles max_allowed_packet
max_connect_errors max_connections max_execution_time max_heap_table_size max_join_size max_prepared_stmt_count
max_sort_length max_user_connections net_read_timeout net_write_timeout ngram_token_size offline_mode
optimizer_switch.mrr partial_revokes password_history performance_schema protocol_compression_algorithms
range_optimizer_max_mem_size read_only regexp_stack_limit regexp_time_limit relay_log_recovery
replica_parallel_workers replica_preserve_commit_order require_secure_transport rpl_semi_sync_source_enabled
secure_file_priv session_track_gtids skip_name_resolve slow_query_log sort_buffer_size
sql_generate_invisible_primary_key sql_mode sql_require_primary_key sql_safe_updates ssl_cipher super_read_only
sync_binlog table_definition_cache
table_open_cache temptable_max_ram thread_cache_size thread_stack tls_version tmp_table_size transaction_isolation
unique_checks updatable_views_with_limit validate_password.length wait_timeout windowing_use_high_precision
xa_detach_on_prepare
"""
"""variables of MySQL 8: no server of it can be had"""


def reason(name: str) -> str:
    """Return the reason for a variable."""
    table = RuleTable(SERVICE, "mysql")
    assert SERVICE.explain is not None
    return table.rule(name).why or SERVICE.explain(name)


async def test_nearly_every_variable_has_a_reason(each_mariadb: MariaDB) -> None:
    """At least 95 % of what each version names; a plain sentence, of a line at most."""
    facts = RuleTable(SERVICE, "mysql").resolve(await reading(each_mariadb)).facts
    reasons = {name: reason(name) for name in facts}
    lacking = sorted(name for name, why in reasons.items() if not why)
    assert len(lacking) <= len(facts) * 0.05, lacking
    assert [why for why in reasons.values() if why and not (why.endswith(".") and len(why) < 120)] == []


def test_well_known_variables_of_mysql_have_a_reason() -> None:
    assert [name for name in WELL_KNOWN.split() if not reason(name)] == []


def test_reasons_are_not_loaded_to_compare() -> None:
    code = "import sys, parity_tui.services.mysql; sys.exit('parity_tui.services.mysql.whys' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_reasons_are_given_once() -> None:
    from parity_tui.services.mysql.whys import WHYS

    table = RuleTable(SERVICE, "mysql")
    assert [name for name in WHYS if table.rule(name).why] == []


@pytest.mark.parametrize(
    ("setting", "weak", "strong"),
    [
        ("innodb_flush_log_at_trx_commit", "2", "1"),
        ("sync_binlog", "0", "100"),
        ("innodb_doublewrite", "OFF", "ON"),
    ],
)
async def test_durability_counts_where_production_is_weaker(
    servers: Servers, setting: str, weak: str, strong: str
) -> None:
    readings = [await reading(servers.mariadb("10.11", settings={setting: value})) for value in (weak, strong)]
    names = ("dev", "production")
    assert rows(*readings, names=names)[setting].severity is Severity.WARNING
    row = rows(*reversed(readings), names=names)[setting]
    assert (row.severity, "elow 1" in row.why) == (Severity.CRITICAL, False)


@pytest.mark.parametrize(
    "statement",
    ["max_delayed_threads = 0", "tmp_table_size = 4096", "alter_algorithm = 'COPY'", "slave_parallel_threads = 3"],
)
async def test_two_names_of_one_variable_are_one_row(
    servers: Servers, mariadb_servers: Shared[MariaDB], statement: str
) -> None:
    changed = servers.mariadb("10.11", sql=[f"SET GLOBAL {statement}"])
    assert len(drift(await reading(changed), await reading(mariadb_servers["10.11"]))) == 1


async def test_database_of_one_side_is_information(servers: Servers, mariadb_servers: Shared[MariaDB]) -> None:
    more = servers.mariadb("10.11", sql=["CREATE DATABASE shop_test CHARACTER SET latin1"])
    compared = rows(await reading(more), await reading(mariadb_servers["10.11"]))
    listed = {name: row.severity for name, row in compared.items() if row.verdict is Verdict.DRIFT}
    assert listed == {"database[shop_test]": Severity.INFO}
