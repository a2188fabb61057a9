"""Severity, type and reason of every setting."""

from __future__ import annotations

from parity_tui.model import Rule, Severity, ValueType

C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741

RULES = (
    Rule("version", W, "Seen from outside, where a server shows it."),
    Rule("status", C, "The same page answers otherwise."),
    Rule("redirect", C, "The same page leads elsewhere."),
    Rule("tls.version", W, "Secure cookies, HSTS and redirects only show where there is TLS.", explained_by=""),
    Rule("http/1", W, "Old proxies in front speak HTTP/1.0: no kept connections, no chunks."),
    Rule("http/2", W, "Headers come in lower case and connections are shared.", explained_by="tls.version"),
    Rule("http/3", W, "Another transport, by UDP."),
    Rule("tls.1.2", W, "Clients without TLS 1.3 are refused.", explained_by="tls.version"),
    Rule("certificate.issuer", I, "Clients must know the authority.", explained_by="tls.version"),
    Rule("strict transport security", W, "Browsers stay with HTTPS for as long as this says."),
    Rule("compression", W, "Answers lose their length and get another ETag."),
    Rule("content security policy", W, "Browsers refuse scripts and frames."),
    Rule("frame options", W, "Browsers refuse to show it in a frame."),
    Rule("allowed origin", W, "Browsers refuse requests from other pages."),
    Rule("content type", W, "Browsers treat the page by its type."),
    Rule("cache control", W, "Pages are kept by clients and proxies."),
    Rule("keeps connections", I, "Each request costs a connection.", ValueType.BOOL),
    Rule("version shown", I, "Tells the version to everybody.", ValueType.BOOL),
)
