"""Messages of OpenSSH's client in words: why it ended, and why a stream was refused."""

from __future__ import annotations

import re
from collections.abc import Collection

from parity_tui.model import Reason, ServiceError
from parity_tui.transport.foreign import foreign

OPEN_FAILED = re.compile(r"channel \d+: open failed: ([^\r\n]{1,1000}+)\r?\n")
"""message of the client for each refused stream"""
_NOISE = re.compile(
    r"kex_exchange_identification: |banner exchange|Connection (closed|reset) by UNKNOWN|stdio forwarding failed|"
    r"[^ ]+: terminating, |Warning: |debug\d: |mux_client_|@@|Please contact your system administrator|Permission "
    r"denied, please try again"
)
_UNKNOWN_NAME = re.compile(r"not known|name resolution|No address associated|nor servname")


def describe_exit(output: str, host: str, hop: str = "", refusals: Collection[str] = ()) -> str:
    r"""Return why the client ended, in one sentence made of its standard error.

    ``hop`` is the jump host before ``host``, and ``refusals`` are the streams that the hop has refused meanwhile.

    >>> describe_exit("ann@10.0.0.1: Permission denied (publickey).\r\nConnection closed by UNKNOWN\r\n", "bastion")
    'bastion: Permission denied (publickey); `ssh bastion` in a terminal may help'
    >>> describe_exit("ssh: connect to host 10.0.0.1 port 22: Connection refused\r\n", "bastion")
    'bastion: connect to host 10.0.0.1 port 22: Connection refused'
    >>> describe_exit("", "bastion")
    'bastion: ssh exited without an error message'
    >>> describe_exit("Connection to UNKNOWN port 65535 timed out\r\n", "inner", "bastion")
    'inner: no answer via bastion'
    >>> describe_exit("mux_client_request_stdio_fwd: Stdio forwarding request failed: x", "inner", "bastion")
    'inner: bastion cannot connect to it'
    """
    if hop and "Stdio forwarding request failed" in output:
        reason = next(iter(refusals)).removeprefix("connect failed: ") if len(refusals) == 1 else ""
        return f"{host}: {hop} cannot connect to it" + (f": {foreign(reason, 200)}" if reason else "")
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if "REMOTE HOST IDENTIFICATION HAS CHANGED" in output:
        return f"{host}: the host key has changed: possible man-in-the-middle; run `ssh {host}` in a terminal"
    if "Host key verification failed" in output:
        return f"{host}: the host key is not known; run `ssh {host}` in a terminal once and accept it"
    relevant = [line for line in lines if not _NOISE.match(line)] or lines
    if not relevant:
        return f"{host}: ssh exited without an error message"
    last = re.sub(r"^(ssh|channel \d+: open failed): ", "", relevant[-1]).rstrip(".")
    if " UNKNOWN port " in last:
        ending = "no answer" if "timed out" in last else "the connection was closed"
        return f"{host}: {ending} via {hop or 'its ProxyCommand'}"
    if "Permission denied" in last:
        last = last[last.index("Permission denied") :]
        return f"{host}: {foreign(last, 300)}; `ssh {host}` in a terminal may help"
    return f"{host}: {foreign(last, 300)}"


def describe_refusal(reasons: set[str], by: str, host: str, port: int) -> ServiceError:
    """Return why the host ``by`` could not connect to ``host``:``port``.

    ``reasons`` are those of all streams refused at the same time; only a single one is certain.

    >>> describe_refusal({"connect failed: Connection refused"}, "bastion", "db", 5432).message
    'db:5432 refused the connection of bastion'
    >>> describe_refusal({"connect failed: Name or service not known"}, "bastion", "db", 5432).message
    'the name db does not exist at bastion'
    """
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    text = next(iter(reasons)).removeprefix("connect failed: ") if len(reasons) == 1 else ""
    if text == "Connection refused":
        return ServiceError(Reason.REFUSED, f"{address} refused the connection of {by}")
    if _UNKNOWN_NAME.search(text):
        return ServiceError(Reason.DNS, f"the name {host} does not exist at {by}")
    if text.startswith("administratively prohibited"):
        return ServiceError(Reason.TUNNEL, f"{by} forbids connections to {address} (AllowTcpForwarding, PermitOpen)")
    if "timed out" in text:
        return ServiceError(Reason.TIMEOUT, f"no answer from {address} to {by}")
    return ServiceError(
        Reason.TUNNEL, f"{by} cannot connect to {address}" + (f": {foreign(text, 200)}" if text else "")
    )
