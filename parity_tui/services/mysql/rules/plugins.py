"""The rules of storage engines and plug-ins, and of the variables that a plug-in brings."""

from __future__ import annotations

from parity_tui.model import HiddenGroup, Rule, Severity, ValueType

_CRITICAL, _WARNING, _INFO, _SET = Severity.CRITICAL, Severity.WARNING, Severity.INFO, ValueType.SET

GLOBS = ("engine.*", "authentication.*", "plugin.*")
"""names of the facts on engines and plug-ins"""

_ENGINE = "CREATE TABLE with this engine fails, or makes a table of another one."
_BUILT_IN = (
    "aria", "csv", "innodb", "memory", "mrg_myisam", "myisam", "ndbcluster", "ndbinfo", "performance_schema",
    "sequence",
)  # fmt: skip
"""engines that a version has or lacks"""

PLUGIN_RULES = (
    *(Rule(f"engine.{name}", _CRITICAL, _ENGINE, _SET, safer="complete") for name in _BUILT_IN),
    Rule("engine.*", _CRITICAL, _ENGINE, _SET, explained_by="", safer="complete"),
    Rule(
        "authentication.*",
        _CRITICAL,
        "Users whose login needs this plug-in are refused.",
        _SET,
        explained_by="",
        safer="complete",
    ),
    *(
        Rule(f"plugin.{name}", _CRITICAL, why, _SET, explained_by="", safer="complete")
        for name, why in (
            ("*key_management*", "Encrypted tables cannot be opened without their keys."),
            ("keyring*", "Encrypted tables cannot be opened without their keys."),
            ("provider_*", "Pages and columns compressed by this library cannot be read."),
            ("mysql_json", "Tables with JSON columns of MySQL cannot be opened."),
            ("mecab", "Full-text indexes with this parser cannot be made."),
        )
    ),
    *(
        Rule(f"plugin.{name}", _INFO, "Only affects what can be observed.", _SET, explained_by="")
        for name in (
            "locales", "disks", "metadata_lock_info", "query_cache_info", "query_response_time", "sql_error_log",
            "user_variables", "wsrep_*",
        )
    ),
    Rule("plugin.*", _WARNING, "A plug-in is loaded on one side only.", _SET, explained_by=""),
)  # fmt: skip

PASSWORD_RULES = tuple(
    Rule(f"{name}_*", _WARNING, "New passwords are refused.", explained_by=f"plugin.{name}")
    for name in ("simple_password_check", "cracklib_password_check", "password_reuse_check", "validate_password")
)
"""variables of plug-ins that check passwords"""

VARIABLE_RULES = (
    *(
        Rule(f"{name}_*", explained_by=f"plugin.{name}")
        for name in ("server_audit", "audit_log", "query_response_time", "sql_error_log", "handlersocket", "disks")
    ),
    *(
        Rule(f"{name}_*", explained_by=f"engine.{name}")
        for name in ("archive", "connect", "federated", "mroonga", "rocksdb", "s3", "spider", "sphinx", "tokudb")
    ),
)
"""variables of other plug-ins, whose row states that they are missing; behind the rules of single variables"""

HIDDEN_PLUGINS = tuple(HiddenGroup(glob, "this server does not list its plug-ins") for glob in GLOBS)
