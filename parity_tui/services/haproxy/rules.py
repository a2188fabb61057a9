"""Severity, type and reason of every setting."""

from __future__ import annotations

from parity_tui.model import Rule, Severity, ValueType

C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741
NUMBER, SIZE = ValueType.NUMBER, ValueType.SIZE
UNLIMITED = {"0": "no limit"}
STICKY = ("source", "hash", "uri", "url_param", "hdr", "rdp-cookie")
"""ways to balance that send a client to one server. All others are information, as the level user shows none"""
_COMPUTED = "Computed from maxconn and the number of listeners and checks."


def _proxy(setting: str) -> tuple[str, ...]:
    """Return the row of the frontend or backend that a setting belongs to.

    >>> _proxy("backend.shop.api.server-maxconn")
    ('backend.shop.api',)
    """
    return (setting.rpartition(".")[0],)


def _of_proxy(name: str, severity: Severity, why: str, kind: ValueType | None = None, **fields: object) -> Rule:
    return Rule(name, severity, why, kind, explained_by=_proxy, **fields)  # type: ignore[arg-type]


RULES = (
    Rule("version", W, "Defaults, timeouts and HTTP rules differ between branches; old ones lack directives."),
    Rule(
        "Maxconn",
        I,
        "Clients beyond this limit wait in the kernel's queue.",
        NUMBER,
        capacity=True,
        safer="higher",
    ),
    Rule("Hard_maxconn", I, "The limit at the start: `set maxconn global` has changed it since.", NUMBER,
         derived=True, explained_by="Maxconn"),
    Rule("Ulimit-n", I, _COMPUTED, NUMBER, derived=True, explained_by="Maxconn"),
    Rule("Maxsock", I, _COMPUTED, NUMBER, derived=True, explained_by="Maxconn"),
    Rule("Nbthread", I, "More threads handle more connections; sized to the host.", NUMBER, capacity=True),
    Rule("Nbproc", W, "Several processes share neither stick tables nor limits.", NUMBER),
    Rule("Memmax_MB", W, "Connections are refused once the memory limit is reached.", SIZE, "MB", UNLIMITED,
         safer="higher"),
    Rule("MaxSslConns", W, "TLS clients beyond this limit wait, while others are served.", NUMBER, special=UNLIMITED),
    Rule("Maxpipes", I, "Transfers beyond this many pipes are copied instead of spliced.", NUMBER,
         special={"0": "none"}),
    Rule("ConnRateLimit", W, "Bursts of connections beyond this rate are delayed.", NUMBER, special=UNLIMITED),
    Rule("SessRateLimit", W, "Bursts of sessions beyond this rate are delayed.", NUMBER, special=UNLIMITED),
    Rule("SslRateLimit", W, "Bursts of TLS handshakes beyond this rate are delayed.", NUMBER, special=UNLIMITED),
    Rule("CompressBpsRateLim", I, "Responses are sent uncompressed beyond this rate.", SIZE, "B", UNLIMITED),
    Rule("BusyPolling", I, "Threads poll without pause: lower latency for a whole core each.", ValueType.BOOL),
    Rule("Tainted", W, "Experimental or debugging features are in use, which the project does not support.",
         special={"0": "no"}),
    Rule("node", N, "The name of the host."),
    Rule("description", N, "A name of the instance for people."),
    _of_proxy("frontend.*.maxconn", I, "Clients of this frontend wait in the kernel's queue beyond its limit.", NUMBER,
              capacity=True),
    _of_proxy("frontend.*.rate-limit", W, "New sessions of this frontend beyond this rate are delayed.", NUMBER,
              special=UNLIMITED),
    _of_proxy("backend.*.fullconn", I, "At so many connections the servers reach their full maxconn.", NUMBER,
              capacity=True),
    _of_proxy("backend.*.balance", I, "Requests of one client reach one server, or any of them.",
              by_value=dict.fromkeys(STICKY, W)),
    _of_proxy("backend.*.cookie", I, "Sessions stick to a server by this cookie, or do not.", by_value={"none": W}),
    _of_proxy("backend.*.server-maxconn", W, "Requests queue in front of a server beyond its limit.",
              special=UNLIMITED),
    _of_proxy("backend.*.checks", C, "Without health checks requests go to servers that are down.",
              safer=("off", "*")),
    _of_proxy("backend.*.server-maxqueue", W, "Requests beyond it go to another server, whose sessions they lack.",
              special=UNLIMITED),
    _of_proxy("backend.*.agent-checks", W, "Agents on the servers set their weights and take them out, or do not."),
    _of_proxy("backend.*.weights", I, "Servers get different shares of the requests."),
    _of_proxy("backend.*.backup-servers", W, "Where all servers fail, backup servers take over.", NUMBER),
    _of_proxy("backend.*.servers", I, "More servers handle more requests; one alone hides bugs of sessions.", NUMBER,
              capacity=True),
    Rule("frontend.*", C, "Requests to this frontend fail, or are handled by another protocol.", explained_by=""),
    Rule("backend.*", C, "Requests for this backend fail, or are handled by another protocol.", explained_by=""),
)  # fmt: skip
