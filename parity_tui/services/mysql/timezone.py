"""The time zone in force: the same one has several names, and one name has two seasons."""

from __future__ import annotations

import re

_UTC = frozenset({"UTC", "GMT", "UCT", "Z", "ZULU", "UNIVERSAL", "GREENWICH", "COORDINATED UNIVERSAL TIME"})

_WINTER = {
    "CEST": "CET", "EEST": "EET", "WEST": "WET", "BST": "GMT", "EDT": "EST", "CDT": "CST", "MDT": "MST",
    "PDT": "PST", "AKDT": "AKST", "NZDT": "NZST", "AEDT": "AEST", "ACDT": "ACST", "IDT": "IST",
}  # fmt: skip
"""A server keeps the abbreviation of the day on which it was started: in summer this, in winter that."""


def in_force(zone: str, system: str, offset: str = "") -> str:
    """Return one way of writing for the zone that a server has.

    ``zone`` and ``system`` are time_zone and system_time_zone, ``offset`` how far its time is from UTC now: that
    tells apart what an abbreviation does not.

    >>> in_force("SYSTEM", "UTC", "00:00:00"), in_force("+00:00", "CET"), in_force("Etc/UTC", "")
    ('UTC', 'UTC', 'UTC')
    >>> in_force("SYSTEM", "CEST", "02:00:00"), in_force("SYSTEM", "CET", "02:00:00"), in_force("SYSTEM", "BST", "")
    ('CET (now +02:00)', 'CET (now +02:00)', 'GMT')
    >>> in_force("Europe/Paris", "UTC"), in_force("-3:00", "UTC")
    ('Europe/Paris', '-03:00')
    """
    if zone.upper() != "SYSTEM":
        return _explicit(zone)
    now = _signed(offset)
    if system.upper() in _UTC and now in ("", "+00:00"):
        return "UTC"
    winter = _WINTER.get(system, system)
    return f"{winter} (now {now})" if now else winter


def _explicit(zone: str) -> str:
    """Return a zone that somebody has set."""
    if found := re.fullmatch(r"([+-])(\d{1,2}):(\d\d)", zone, re.ASCII):
        written = f"{found[1]}{int(found[2]):02}:{found[3]}"
        return "UTC" if written[1:] == "00:00" else written
    return "UTC" if zone.upper().removeprefix("ETC/") in _UTC else zone


def _signed(offset: str) -> str:
    """Return an interval as an offset from UTC.

    >>> _signed("01:00:00"), _signed("-03:30:00"), _signed("")
    ('+01:00', '-03:30', '')
    """
    found = re.fullmatch(r"(-?)(\d\d:\d\d):\d\d", offset, re.ASCII)
    return f"{found[1] or '+'}{found[2]}" if found else ""
