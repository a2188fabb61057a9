"""Response headers in one spelling, as their standards define equality; what each request makes anew is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

NOT_SENT = "not sent"
OWN_HOST = "own-host"
"""stands for the target's host, which every environment has its own"""

_LONG = 4096
"""characters of a header that are taken apart; more are compared as they are"""

_NONCE = re.compile(r"'nonce-[^']*'", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9./-]{0,12}", re.ASCII)
_GENERATED = re.compile(r"[0-9a-fA-F]{8,}|\d{4,}")


def _parts(text: str, separator: str) -> list[str]:
    """Return the parts between separators that are not in quotes or parentheses, without blanks around them."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif not quoted and character in "()":
            depth += 1 if character == "(" else -1
        elif character == separator and not quoted and depth <= 0:
            parts.append(text[start:at])
            start = at + 1
    return [part.strip() for part in (*parts, text[start:]) if part.strip()]


def _pair(part: str) -> str:
    """Return `name=value` with the name in lower case and the value without quotes, numbers without leading zeros."""
    name, equals, value = part.partition("=")
    value = value.strip().strip('"')
    value = str(int(value)) if value.isdecimal() and len(value) < 20 else value
    return f"{name.strip().lower()}{equals}{value}"


def content_type(text: str) -> str:
    """Return type and parameters in lower case; a boundary is made for each answer.

    >>> content_type("text/html;charset=UTF-8"), content_type('Text/HTML; Charset="utf8"')
    ('text/html; charset=utf-8', 'text/html; charset=utf-8')
    """
    kind, *parameters = _parts(text, ";") or [""]
    pairs = {_pair(each).lower().replace("charset=utf8", "charset=utf-8") for each in parameters}
    kept = sorted(pair for pair in pairs if not pair.startswith("boundary="))
    return "; ".join([kind.lower(), *kept])


def directives(text: str, separator: str = ",") -> str:
    """Return directives in alphabetical order, each once.

    >>> directives("Max-Age=600, PUBLIC"), directives('public,max-age="0600"')
    ('max-age=600, public', 'max-age=600, public')
    """
    return ", ".join(sorted({_pair(part) for part in _parts(text, separator)}))


def transport_security(text: str) -> str:
    """Return Strict-Transport-Security; only the first of several headers counts.

    >>> transport_security("includeSubDomains ;max-age=9"), transport_security('max-age="9";includesubdomains')
    ('includesubdomains; max-age=9', 'includesubdomains; max-age=9')
    """
    first = (_parts(text, ",") or [""])[0]
    return directives(first, ";").replace(", ", "; ")


def words(text: str) -> str:
    """Return a set of words in lower case.

    >>> words("Accept-Encoding,Cookie"), words("cookie, accept-encoding"), words("DENY, DENY")
    ('accept-encoding, cookie', 'accept-encoding, cookie', 'deny')
    """
    members = sorted({part.lower() for part in _parts(text, ",")})
    return "*" if "*" in members else ", ".join(members)


def robots(text: str) -> str:
    """Return X-Robots-Tag; `none` means noindex and nofollow.

    >>> robots("none"), robots("nofollow, NOINDEX"), robots("all")
    ('nofollow, noindex', 'nofollow, noindex', 'all')
    """
    members = set(words(text).split(", "))
    return ", ".join(sorted(members - {"none"} | ({"noindex", "nofollow"} if "none" in members else set())))


def token(text: str) -> str:
    """Return the first word in lower case, without parameters.

    >>> token("Same-Origin; report-to=x"), token("nosniff, nosniff")
    ('same-origin', 'nosniff')
    """
    return re.split(r"[;,]", text, maxsplit=1)[0].strip().lower()


_REFERRER = frozenset(
    {
        "no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "same-origin",
        "strict-origin", "strict-origin-when-cross-origin", "unsafe-url",
    }
)  # fmt: skip


def referrer_policy(text: str) -> str:
    """Return the last policy that browsers know: the others are for older ones.

    >>> referrer_policy("no-referrer, Strict-Origin-When-Cross-Origin")
    'strict-origin-when-cross-origin'
    """
    known = [part.lower() for part in _parts(text, ",") if part.lower() in _REFERRER]
    return known[-1] if known else words(text)


def security_policy(text: str) -> str:
    """Return Content-Security-Policy: directives and sources in alphabetical order; the first of a name counts.

    >>> security_policy("script-src 'Self' 'nonce-r4nd0m'; default-src https:")
    "default-src https:; script-src 'nonce' 'self'"
    >>> security_policy("img-src B.example a.example;IMG-SRC x")
    'img-src a.example b.example'
    """
    policies = []
    for policy in text.split(","):
        found: dict[str, str] = {}
        for directive in policy.split(";"):
            name, *sources = _NONCE.sub("'nonce'", directive).split()[:500] or [""]
            sources = ["'self'" if each.strip("'") == OWN_HOST else each for each in sources]
            members = sorted({each if each.startswith("'sha") else each.lower() for each in sources})
            found.setdefault(name.lower(), " ".join([name.lower(), *members]))
        policies.append("; ".join(found[name] for name in sorted(found) if name))
    return ", ".join(sorted(filter(None, policies)))


def permissions_policy(text: str) -> str:
    """Return Permissions-Policy: features and origins in alphabetical order.

    >>> permissions_policy('usb=(self "https://a.b"), camera=()'), permissions_policy("camera=( ),usb=*")
    ('camera=(), usb=("https://a.b" self)', 'camera=(), usb=*')
    """
    features = []
    for part in _parts(text, ","):
        name, _, value = part.partition("=")
        listed = value.strip().startswith("(")
        members = sorted(value.strip(" ()").split()) if listed else [value.strip()]
        features.append(f"{name.strip().lower()}={'(' if listed else ''}{' '.join(members)}{')' if listed else ''}")
    return ", ".join(sorted(features))


Normalize = Callable[[str], str]

COMPARED: Mapping[str, tuple[str, Normalize]] = {
    "content-security-policy": ("content security policy", security_policy),
    "content-security-policy-report-only": ("content security policy, report only", security_policy),
    "permissions-policy": ("permissions policy", permissions_policy),
    "referrer-policy": ("referrer policy", referrer_policy),
    "x-content-type-options": ("content type options", token),
    "x-frame-options": ("frame options", words),
    "x-powered-by": ("powered by", str.strip),
    "cache-control": ("cache control", directives),
    "content-type": ("content type", content_type),
    "strict-transport-security": ("strict transport security", transport_security),
    "access-control-allow-origin": ("allowed origin", str.lower),
    "access-control-allow-credentials": ("allowed credentials", token),
    "access-control-allow-methods": ("allowed methods", words),
    "access-control-allow-headers": ("allowed headers", words),
    "access-control-expose-headers": ("exposed headers", words),
    "access-control-max-age": ("allowed for", token),
    "cross-origin-opener-policy": ("opener policy", token),
    "cross-origin-resource-policy": ("resource policy", token),
    "cross-origin-embedder-policy": ("embedder policy", token),
    "x-robots-tag": ("robots", robots),
    "vary": ("vary", words),
    "accept-ranges": ("accept ranges", token),
    "content-language": ("content language", words),
    "content-disposition": ("content disposition", token),
    "x-xss-protection": ("xss protection", directives),
    "x-permitted-cross-domain-policies": ("cross domain policies", token),
    "x-dns-prefetch-control": ("dns prefetch", token),
    "x-download-options": ("download options", token),
    "origin-agent-cluster": ("origin agent cluster", token),
    "clear-site-data": ("clear site data", words),
    "timing-allow-origin": ("timing origins", words),
    "accept-ch": ("client hints", words),
    "feature-policy": ("feature policy", security_policy),
    "service-worker-allowed": ("service worker scope", str.strip),
    "pragma": ("pragma", token),
    "cdn-cache-control": ("cdn cache control", directives),
    "surrogate-control": ("surrogate control", directives),
}
"""header -> name of its fact, and the function that returns its one spelling"""

PRESENCE: Mapping[str, str] = {"etag": "etag", "last-modified": "last modified", "expires": "expires"}
"""header whose value belongs to the page -> name of the fact that it is sent"""

PER_ANSWER = (
    r"age|alt-svc|connection|content-(?:encoding|length|location|range|md5|digest)|date|digest|repr-digest|keep-alive"
    r"|link|location|nel|report-to|reporting-endpoints|retry-after|server|server-timing|set-cookie|trailer"
    r"|transfer-encoding|upgrade|via|warning|www-authenticate|traceparent|tracestate|x-timer|x-runtime|x-varnish|cf-.*"
    r"|x-(?:amz|azure|goog|vercel|fastly|akamai|ms|b3)-.*|fly-.*|x-served-by|x-backend.*|x-cache.*|x-hits|age|x-ratelimit.*"
    r"|ratelimit.*|.*(?:-id|-ids|-time|-ref|-trace|-token|nonce|trace-context|request)"
)
"""headers that belong to one answer, to its route, or to other facts; compiled when first used"""


def header_values(headers: Mapping[str, str], host: str) -> Iterator[tuple[str, str]]:
    """Yield (name of a fact, its one spelling) of every header that is compared; of others only that they are sent."""
    for header, (name, normalize) in COMPARED.items():
        text = without_host(headers[header], host) if header in headers else ""
        yield name, (normalize(text[:_LONG]) + text[_LONG:] if header in headers else "") or NOT_SENT
    for header, name in PRESENCE.items():
        yield name, "sent" if header in headers else NOT_SENT
    for header in sorted(headers.keys() - COMPARED.keys() - PRESENCE.keys()):
        if not re.fullmatch(PER_ANSWER, header[:80]) and not _GENERATED.search(header):
            yield f"header {header}", "sent"


def without_host(text: str, host: str) -> str:
    """Return the text with the target's own host and port replaced, and the domain of its siblings.

    >>> without_host("https://cdn.dev.example.com:8443 https://other.com", "www.dev.example.com")
    'https://cdn.own-host https://other.com'
    >>> without_host("https://app.dev.example.com https://api.dev.example.com", "api.dev.example.com")
    'https://app.own-domain own-host'
    """
    base = host.lower().removeprefix("www.")
    if not base:
        return text
    own = rf"(?:(?:https?|wss?)://)?(?:www\.)?{re.escape(base)}(?::\d{{1,5}})?(?![\w.-])"
    text = re.sub(rf"(?<![\w.:/-]){own}", OWN_HOST, text, flags=re.IGNORECASE)
    text = _ending(text, base, OWN_HOST)
    domain = base.partition(".")[2]
    return _ending(text, domain, "own-domain") if "." in domain and not domain.replace(".", "").isdecimal() else text


def _ending(text: str, domain: str, name: str) -> str:
    """Return the text with a domain at the end of hosts replaced by a name."""
    return re.sub(rf"(?<=\.){re.escape(domain)}(?::\d{{1,5}})?(?![\w.-])", name, text, flags=re.IGNORECASE)


def cookies(text: str, host: str) -> Iterator[tuple[str, str]]:
    """Yield (name, attributes) of every cookie, never its value; ``text`` has one cookie in each line.

    >>> list(cookies("sid=s3cr; path=/; HttpOnly;SameSite=lax; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "a"))
    [('sid', 'HttpOnly, Path=/, SameSite=Lax, expires')]
    """
    for line in text.split("\n")[:100]:
        first, *attributes = (part.strip() for part in line[:_LONG].split(";"))
        name = _GENERATED.sub("…", first.partition("=")[0].strip()[:100])
        if name:
            yield (
                name,
                ", ".join(sorted(filter(None, (_attribute(each, host) for each in attributes)))) or "no attributes",
            )


_ATTRIBUTES = {
    "secure": "Secure", "httponly": "HttpOnly", "partitioned": "Partitioned", "samesite": "SameSite", "path": "Path",
    "domain": "Domain", "max-age": "Max-Age", "priority": "Priority",
}  # fmt: skip


def _attribute(text: str, host: str) -> str:
    """Return one attribute; a date of expiry follows the clock, so that only its presence counts."""
    key, _, value = text.partition("=")
    key, value = key.strip().lower(), value.strip().strip('"')
    if key == "expires":
        return "expires"
    if key not in _ATTRIBUTES:
        return ""
    if key in ("secure", "httponly", "partitioned"):
        return _ATTRIBUTES[key]
    if key == "domain":
        value = without_host(value.lower().removeprefix("."), host)
    return f"{_ATTRIBUTES[key]}={value.capitalize() if key in ('samesite', 'priority') else value}"


def redirect(location: str) -> str:
    """Return the target of a redirect without its host, which every environment has its own, and without tokens.

    >>> redirect("https://www.example.com/start"), redirect("/login?next=/&state=hJ7fK2mQ9xPz"), redirect("")
    ('https://…/start', '/login?next=/&state=…', 'none')
    """
    text = re.sub(r"(?<=://)[^/?#]+", "…", location[:_LONG])
    path, mark, query = text.partition("?")
    values = (pair.partition("=") for pair in query.split("&"))
    kept = "&".join(f"{key}{equals}{value if _WORD.fullmatch(value) else '…'}" for key, equals, value in values)
    return f"{path}{mark}{kept}" or "none"
