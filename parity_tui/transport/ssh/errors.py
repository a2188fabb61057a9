"""What the words of OpenSSH's client mean: its last ones, and those about a connection that did not come about."""

from __future__ import annotations

import re

from parity_tui.model import Reason, ServiceError

OPEN_FAILED = re.compile(r"channel \d+: open failed: ([^\r\n]+)\r?\n")
"""what it says of each such connection"""
_NOISE = re.compile(
    r"kex_exchange_identification: |banner exchange|Connection (closed|reset) by UNKNOWN|stdio forwarding failed|"
    r"[^ ]+: terminating, |Warning: |debug\d: |mux_client_|@@|Please contact your system administrator|Permission "
    r"denied, please try again"
)
_UNKNOWN_NAME = re.compile(r"not known|name resolution|No address associated|nor servname")


def words(said: str, host: str) -> str:
    r"""Return what the client has said last, in a sentence: without what follows from it alone.

    >>> words("root@10.0.0.1: Permission denied (publickey).\r\nConnection closed by UNKNOWN port 65535\r\n", "bastion")
    'bastion: Permission denied (publickey); `ssh bastion` in a terminal may help'
    >>> words("ssh: connect to host 10.0.0.1 port 22: Connection refused\r\n", "bastion")
    'bastion: connect to host 10.0.0.1 port 22: Connection refused'
    >>> words("", "bastion")
    'bastion: ssh has ended without a word'
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if "REMOTE HOST IDENTIFICATION HAS CHANGED" in said:
        return f"{host}: the host key has changed: somebody may be in between; `ssh {host}` in a terminal says more"
    if "Host key verification failed" in said:
        return f"{host}: the host key is not known here; run `ssh {host}` in a terminal once and accept it"
    telling = [line for line in lines if not _NOISE.match(line)] or lines
    if not telling:
        return f"{host}: ssh has ended without a word"
    last = re.sub(r"^(ssh|channel \d+: open failed): ", "", telling[-1]).rstrip(".")[:300]
    if "Permission denied" in last:
        last = last[last.index("Permission denied") :]
        return f"{host}: {last}; `ssh {host}` in a terminal may help"
    return f"{host}: {last}"


def refusal(why: set[str], by: str, host: str, port: int) -> ServiceError:
    """Return why the far end could not connect: certain only where nothing else was refused at the same time.

    >>> refusal({"connect failed: Connection refused"}, "bastion", "db", 5432).message
    'db:5432 refused the connection of bastion'
    >>> refusal({"connect failed: Name or service not known"}, "bastion", "db", 5432).message
    'the name db is not known at bastion'
    """
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    text = next(iter(why)).removeprefix("connect failed: ") if len(why) == 1 else ""
    if text == "Connection refused":
        return ServiceError(Reason.REFUSED, f"{where} refused the connection of {by}")
    if _UNKNOWN_NAME.search(text):
        return ServiceError(Reason.DNS, f"the name {host} is not known at {by}")
    if text.startswith("administratively prohibited"):
        return ServiceError(Reason.TUNNEL, f"{by} forbids connections to {where} (AllowTcpForwarding, PermitOpen)")
    if "timed out" in text:
        return ServiceError(Reason.TIMEOUT, f"no answer from {where} to {by}")
    return ServiceError(Reason.TUNNEL, f"{by} cannot connect to {where}" + (f": {text[:200]}" if text else ""))
