"""One spelling for the time zone in force, whatever its name, the season and the variable that sets it."""

from __future__ import annotations

import re

from parity_tui.drift.timezones import canonical_zone

_UTC = frozenset({"UTC", "GMT", "UCT", "Z", "ZULU", "UNIVERSAL", "GREENWICH", "COORDINATED UNIVERSAL TIME"})

_WINTER = {
    "CEST": "CET", "EEST": "EET", "WEST": "WET", "BST": "GMT", "EDT": "EST", "CDT": "CST", "MDT": "MST",
    "PDT": "PST", "AKDT": "AKST", "NZDT": "NZST", "AEDT": "AEST", "ACDT": "ACST", "IDT": "IST",
}  # fmt: skip
"""summer -> winter: a server keeps the abbreviation of the day on which it was started"""


def effective_time_zone(zone: str, system: str, offset: str = "") -> str:
    """Return one spelling for the time zone of a server.

    Args:
        zone: the variable time_zone.
        system: the variable system_time_zone.
        offset: current distance from UTC, "01:00:00"; it distinguishes zones that share an abbreviation.

    >>> effective_time_zone("SYSTEM", "UTC", "00:00:00"), effective_time_zone("+00:00", "CET")
    ('UTC', 'UTC')
    >>> effective_time_zone("SYSTEM", "CEST", "02:00:00"), effective_time_zone("SYSTEM", "CET", "02:00:00")
    ('CET (now +02:00)', 'CET (now +02:00)')
    >>> effective_time_zone("SYSTEM", "BST", ""), effective_time_zone("Etc/UTC", "")
    ('GMT', 'UTC')
    >>> effective_time_zone("Europe/Paris", "UTC"), effective_time_zone("-3:00", "UTC")
    ('Europe/Paris', '-03:00')
    >>> effective_time_zone("US/Eastern", "UTC")
    'America/New_York'
    """
    if zone.upper() != "SYSTEM":
        return _explicit(zone)
    now = _signed(offset)
    if system.upper() in _UTC and now in ("", "+00:00"):
        return "UTC"
    winter = _WINTER.get(system, system)
    return f"{winter} (now {now})" if now else winter


def _explicit(zone: str) -> str:
    if match := re.fullmatch(r"([+-])(\d{1,2}):(\d\d)", zone, re.ASCII):
        offset = f"{match[1]}{int(match[2]):02}:{match[3]}"
        return "UTC" if offset[1:] == "00:00" else offset
    return "UTC" if zone.upper().removeprefix("ETC/") in _UTC else canonical_zone(zone)


def _signed(offset: str) -> str:
    """Return an interval as an offset from UTC.

    >>> _signed("01:00:00"), _signed("-03:30:00"), _signed("")
    ('+01:00', '-03:30', '')
    """
    match = re.fullmatch(r"(-?)(\d\d:\d\d):\d\d", offset, re.ASCII)
    return f"{match[1] or '+'}{match[2]}" if match else ""
