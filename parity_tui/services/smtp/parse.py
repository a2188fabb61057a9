"""The banner of a server and its replies to EHLO → Reading."""

from __future__ import annotations

import re

from parity_tui.model import Fact, Reading, State
from parity_tui.services.smtp.connection import Offer
from parity_tui.services.smtp.normalize import keywords, mechanisms

UNNAMED = "unknown mail server"
"""product of a server whose banner names none"""

_PRODUCTS = (
    ("Postfix", re.compile(r"\bPostfix\b(?: (\d[\w.-]*))?")),
    ("Exim", re.compile(r"\bExim\b(?: (\d[\w.-]*))?")),
    ("OpenSMTPD", re.compile(r"\bOpenSMTPD\b(?: (\d[\w.-]*))?")),
    ("Sendmail", re.compile(r"\bSendmail\b(?: (\d[\w.-]*))?")),
    ("Microsoft Exchange", re.compile(r"\bMicrosoft ESMTP MAIL Service\b(?:, Version: (\d[\w.-]*))?")),
    ("Haraka", re.compile(r"\bHaraka\b(?:[ /](\d[\w.-]*))?")),
    ("Stalwart", re.compile(r"\bStalwart\b(?: (\d[\w.-]*))?")),
    ("Amazon SES", re.compile(r"\bSimpleEmailService\S*()")),
    ("Gmail", re.compile(r"\bgsmtp\b()")),
    ("SendGrid", re.compile(r"\bSG ESMTP\b()")),
    ("Mailgun", re.compile(r"\bmailgun\b()", re.IGNORECASE)),
    ("Mailtrap", re.compile(r"\bmailtrap\b()", re.IGNORECASE)),
    ("MailHog", re.compile(r"\bMailHog\b()")),
    ("Mailpit", re.compile(r"\bMailpit\b(?: (\d[\w.-]*))?")),
    ("aiosmtpd", re.compile(r"\bPython SMTP\b(?: (\d[\w.-]*))?")),
)
"""product -> its sign in a banner, with the version"""

SWITCHES = (
    "PIPELINING", "8BITMIME", "BINARYMIME", "SMTPUTF8", "DSN", "CHUNKING", "ENHANCEDSTATUSCODES", "REQUIRETLS", "VRFY",
    "ETRN", "EXPN", "PRDR", "HELP",
)  # fmt: skip
"""keywords without parameters, which a server offers or not"""
_KEYWORD = re.compile(r"[A-Z0-9][A-Z0-9-]{0,63}")
_NONE = "none"
_WITHIN_TLS = 'the server shows it within TLS, which is not asked for: tls = "off"'


def identify_product(banner: str) -> tuple[str, str]:
    """Return product and version that a banner names, "" as version where it names none.

    >>> identify_product("mail.example ESMTP Exim 4.96 Sat, 28 Nov 2026"), identify_product("mx ESMTP Postfix (Debian)")
    (('Exim', '4.96'), ('Postfix', ''))
    >>> identify_product("mx ESMTP")
    ('unknown mail server', '')
    """
    for product, pattern in _PRODUCTS:
        if match := pattern.search(banner[:500]):
            return product, match[1] or ""
    return UNNAMED, ""


def parse(offer: Offer, address: str, notes: tuple[str, ...] = ()) -> Reading:
    """Return a reading of what a server offers.

    >>> reading = parse(Offer("mx Postfix", ("SIZE 1000", "STARTTLS"), ("SIZE 1000", "AUTH PLAIN")), "mx:25")
    >>> {name: fact.raw for name, fact in reading.facts.items() if fact.raw != "no"}
    {'STARTTLS': 'yes', 'logins without TLS': 'none', 'SIZE': '1000', 'logins': 'PLAIN'}
    """
    product, version = identify_product(offer.banner)
    facts = {"version shown": Fact("yes" if version else "no")}
    offered: dict[str, str] = {}
    for name, parameters in keywords(offer.secured if offer.secured is not None else offer.plain or ()):
        if _KEYWORD.fullmatch(name):
            offered.setdefault(name, parameters)
    facts |= _encryption(offer)
    facts["SIZE"] = Fact(offered["SIZE"] or "0" if "SIZE" in offered else "not announced")
    facts["logins"] = _logins(offer)
    facts |= {name: Fact("yes" if name in offered else "no") for name in SWITCHES}
    facts |= {name: Fact(words or "yes") for name, words in offered.items() if name not in (*facts, "AUTH")}
    hidden = (
        *((("product", "the banner names no product"),) if product == UNNAMED else ()),
        *((("version", "the banner names no version"),) if not version else ()),
    )
    return Reading(product, version, facts, hidden, notes, address)


def _logins(offer: Offer) -> Fact:
    """Return the mechanisms within TLS, or without it where the server has none.

    >>> _logins(Offer("mx", ("STARTTLS",))).note, _logins(Offer("mx", ("AUTH PLAIN",))).raw
    ('the server shows it within TLS, which is not asked for: tls = "off"', 'PLAIN')
    """
    if offer.secured is None and any(name == "STARTTLS" for name, _ in keywords(offer.plain or ())):
        return Fact(state=State.HIDDEN, note=_WITHIN_TLS)
    return Fact(" ".join(mechanisms(offer.secured or offer.plain or ())) or _NONE)


def _encryption(offer: Offer) -> dict[str, Fact]:
    """Return how TLS begins, and the logins that clients may use without it."""
    if offer.plain is None:
        return {"STARTTLS": Fact("TLS from the start")}
    starts = any(name == "STARTTLS" for name, _ in keywords(offer.plain))
    return {
        "STARTTLS": Fact("yes" if starts else "no"),
        "logins without TLS": Fact(" ".join(mechanisms(offer.plain)) or _NONE),
    }
