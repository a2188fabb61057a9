"""The command that would set a value, as text for a person to copy."""

from __future__ import annotations

import re

from parity_tui.model import Fact, State
from parity_tui.services.redis.parse import BUILD, LOGIN_REQUIRED, SWITCHES, TLS, YES_NO

STARTUP_ONLY = frozenset(
    {
        "aclfile",
        "always-show-logo",
        "appenddirname",
        "appendfilename",
        "cluster-config-file",
        "cluster-databases",
        "cluster-enabled",
        "cluster-port",
        "daemonize",
        "databases",
        "disable-thp",
        "enable-debug-command",
        "enable-module-command",
        "enable-protected-configs",
        "io-threads",
        "io-threads-do-reads",
        "logfile",
        "mptcp",
        "pidfile",
        "rdbchecksum",
        "rdma-rx-size",
        "repl-mptcp",
        "server-threads",
        "set-proc-title",
        "socket-mark-id",
        "supervised",
        "syslog-enabled",
        "syslog-facility",
        "syslog-ident",
        "tcp-backlog",
        "unixsocket",
        "unixsocketgroup",
        "unixsocketperm",
    }
)
"""settings that CONFIG SET refuses on Redis 6.2, 7.0 and 8.2 and on Valkey 8.1 and 9.1"""

NOT_SETTABLE = {
    *(*BUILD, LOGIN_REQUIRED, TLS, "mode", "redis compatibility", "product", "version"),
    *("bind", "requirepass"),
}
"""facts that no command changes, and an address and a password, which must not be copied"""


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    """Return the command or the configuration line that sets the value, and the next step; "" for neither.

    >>> print(remediate("save", "900 1 300 10", Fact("")))
    CONFIG SET save "900 1 300 10"   # then CONFIG REWRITE, or it is lost at the next restart
    >>> print(remediate("databases", "32", Fact("16")))
    databases 32   # in the server's configuration file, then a restart
    """
    if setting in NOT_SETTABLE or setting.startswith("module.") or fact.state is not State.VALUE:
        return ""
    value = quoted(YES_NO.get(wanted, wanted) if setting in SWITCHES else wanted)
    if setting in STARTUP_ONLY:
        return f"{setting} {value}   # in the server's configuration file, then a restart"
    if fact.source == "INFO":
        return f"CONFIG SET {setting} {value}   # by an administrator; a hosted server has a parameter group for it"
    return f"CONFIG SET {setting} {value}   # then CONFIG REWRITE, or it is lost at the next restart"


def quoted(value: str) -> str:
    r"""Quote a value for redis-cli and the configuration file.

    >>> print(quoted("allkeys-lru"), quoted(""), quoted('a "b" é'))
    allkeys-lru "" "a \"b\" \xc3\xa9"
    """
    if re.fullmatch(r"[A-Za-z0-9_.:/@%+,-]+", value):
        return value
    return '"' + "".join(_escaped(byte) for byte in value.encode("utf-8", "surrogateescape")) + '"'


def _escaped(byte: int) -> str:
    character = chr(byte)
    if character in '"\\':
        return "\\" + character
    return character if 32 <= byte < 127 else f"\\x{byte:02x}"
