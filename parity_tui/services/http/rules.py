"""Severity, type and reason of every setting."""

from __future__ import annotations

from parity_tui.model import HiddenGroup, Rule, Severity, ValueType

C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741

_CORS = "Browsers let pages of other origins read the response, or block it."
_ISOLATED = "Browsers isolate the page from others, or refuse to embed it."
_LENGTH = "Clients can continue downloads and seek in media, or cannot."
_SEARCH = "Search engines list the page, or leave it out."
_AGAIN = "Clients validate their copy, or fetch the page in full."
_CDN = "The content delivery network keeps the page longer, shorter or not at all."


def _tls_1_2(_: str) -> tuple[str, ...]:
    """Return the rows that explain why a server has no choices for TLS 1.2."""
    return ("tls.1.2", "tls.version")


RULES = (
    Rule("version", W, "Shown from outside only if the server sends it."),
    Rule("status", C, "The same page returns a different status."),
    Rule("redirect", C, "The same page redirects elsewhere."),
    Rule(
        "tls.version",
        W,
        "Without TLS, secure cookies and HSTS do not work; a different version may refuse some clients.",
        explained_by="",
    ),
    Rule("http/1", W, "Old proxies in front speak HTTP/1.0: no kept connections, no chunks."),
    Rule("http/2", W, "Headers come in lower case and connections are shared.", explained_by="tls.version"),
    Rule("http/3", W, "Clients use HTTP/3 over UDP, which firewalls may block."),
    Rule("tls.1.2", W, "Clients without TLS 1.3 are refused.", explained_by="tls.version"),
    Rule("tls.1.3.cipher", I, "Speed, and the rules of some policies.", explained_by="tls.version"),
    Rule("tls.1.2.cipher", W, "Old clients share no cipher, or a weak one.", explained_by=_tls_1_2),
    Rule("tls.1.2.tickets", I, "Clients resume a session without a full handshake, or not.", explained_by=_tls_1_2),
    Rule(
        "certificate.algorithm",
        W,
        "Old clients do not know the type; short keys are refused.",
        explained_by="tls.version",
    ),
    Rule(
        "certificate.signed_with",
        I,
        "Old clients do not know the algorithm; weak ones are refused.",
        derived=True,
        explained_by=lambda _: ("tls.version", "certificate.issuer"),
    ),
    Rule(
        "certificate.chain",
        W,
        "Clients that lack an intermediate certificate refuse the server.",
        ValueType.NUMBER,
        explained_by="tls.version",
    ),
    Rule(
        "certificate.wildcard",
        I,
        "One key serves all names of the domain, or this name alone.",
        ValueType.BOOL,
        explained_by="tls.version",
    ),
    Rule(
        "certificate.must_staple",
        W,
        "Clients refuse the server while it sends no OCSP answer.",
        ValueType.BOOL,
        explained_by="tls.version",
    ),
    Rule("certificate.issuer", I, "Clients must trust the certificate authority.", explained_by="tls.version"),
    Rule("strict transport security", W, "Browsers stay with HTTPS for as long as this says."),
    Rule("compression", W, "Responses lose Content-Length and get a different ETag."),
    Rule("content security policy", W, "Browsers block different scripts, styles and frames."),
    Rule("content security policy, report only", I, "Browsers report different violations; nothing is blocked."),
    Rule("frame options", W, "Browsers refuse to show the page in a frame."),
    Rule("content type options", W, "Browsers guess the type of files, which can run as scripts."),
    Rule("permissions policy", W, "Scripts may use camera, location and the like, or may not."),
    Rule("referrer policy", W, "Other sites learn the address of the page, or do not."),
    Rule("allowed origin", W, _CORS),
    Rule("allowed credentials", W, "Browsers send cookies from pages of other origins, or do not."),
    Rule("allowed methods", W, _CORS),
    Rule("allowed headers", W, _CORS),
    Rule("exposed headers", W, "Scripts of other origins can read these headers, or cannot."),
    Rule("allowed for", I, "Browsers repeat preflight requests earlier."),
    Rule("opener policy", W, _ISOLATED),
    Rule("resource policy", W, _ISOLATED),
    Rule("embedder policy", W, _ISOLATED),
    Rule(
        "cookie *", W, "Browsers send the cookie in other cases, scripts read it, or a login is lost.", explained_by=""
    ),
    Rule("robots", W, _SEARCH),
    Rule("vary", W, "Caches may serve a response to clients that need a different one."),
    Rule("etag", I, _AGAIN),
    Rule("last modified", I, _AGAIN),
    Rule("expires", I, "Clients keep the page without asking, or ask each time."),
    Rule("accept ranges", W, _LENGTH),
    Rule("content type", W, "Browsers treat the page by its type and encoding."),
    Rule("content disposition", W, "Browsers show the page, or offer it as a download."),
    Rule("content language", I, "Clients use it to choose fonts and translations."),
    Rule("cache control", W, "Clients and proxies keep the page longer, shorter or not at all."),
    Rule("clear site data", W, "Browsers delete cookies and storage of the site."),
    Rule("timing origins", I, "Scripts of other origins measure how long the page loads, or cannot."),
    Rule("client hints", I, "Browsers send details of the device, or do not."),
    Rule("feature policy", W, "Old browsers let scripts use camera, location and the like, or do not."),
    Rule("service worker scope", W, "Service workers control other paths, or are not registered."),
    Rule("pragma", I, "Old caches keep the page, or do not."),
    Rule("cdn cache control", W, _CDN),
    Rule("surrogate control", W, _CDN),
    Rule("cross domain policies", I, "Old plug-ins may load the page's data, or not."),
    Rule("xss protection", I, "Only old browsers obey it."),
    Rule("dns prefetch", I, "Browsers look names of links up in advance, or do not."),
    Rule("download options", I, "Only old browsers obey it."),
    Rule("origin agent cluster", I, "Browsers isolate the origin in a process of its own."),
    Rule("powered by", I, "Shows the software behind the server to everyone."),
    Rule("header *", I, "A header that only some servers send; clients may rely on it.", explained_by=""),
    Rule("keeps connections", I, "Every request needs a new connection.", ValueType.BOOL),
    Rule("version shown", I, "Shows the version to everyone.", ValueType.BOOL),
)

LOGIN_WANTED = HiddenGroup(
    "*",
    "the page requires a login: put a user into the URL, and set password_env",
)
LOGIN_REJECTED = HiddenGroup("*", "the page rejects this user and password")
ERROR_PAGE = HiddenGroup(
    "*",
    "the page returns an error, whose headers are not those of the site; use a path that returns 200",
)
