"""Time zones by their rule: a zone has several names, a copied file has none, and only rules affect clocks."""

from __future__ import annotations

import re
from functools import lru_cache

from parity_tui.transport.user_files import read_file

_LARGEST = 64 * 1024
"""bytes of a plausible file of a zone"""
_UTC = re.compile(r"(<[+-]?0+>|UTC|GMT|UCT|Zulu|Universal)[+-]?0*(:0+)*", re.ASCII)

KNOWN = {
    "GMT0BST,M3.5.0/1,M10.5.0": ("British time", "Europe/London"),
    "WET0WEST,M3.5.0/1,M10.5.0": ("Western European time", "Europe/Lisbon"),
    "CET-1CEST,M3.5.0,M10.5.0/3": ("Central European time", "Europe/Berlin"),
    "EET-2EEST,M3.5.0/3,M10.5.0/4": ("Eastern European time", "Europe/Helsinki"),
    "MSK-3": ("Moscow time", "Europe/Moscow"),
    "EST5EDT,M3.2.0,M11.1.0": ("US Eastern time", "America/New_York"),
    "CST6CDT,M3.2.0,M11.1.0": ("US Central time", "America/Chicago"),
    "MST7MDT,M3.2.0,M11.1.0": ("US Mountain time", "America/Denver"),
    "PST8PDT,M3.2.0,M11.1.0": ("US Pacific time", "America/Los_Angeles"),
    "<-03>3": ("Brazilian time", "America/Sao_Paulo"),
    "IST-5:30": ("Indian time", "Asia/Kolkata"),
    "CST-8": ("Chinese time", "Asia/Shanghai"),
    "<+08>-8": ("Singapore time", "Asia/Singapore"),
    "JST-9": ("Japanese time", "Asia/Tokyo"),
    "AEST-10AEDT,M10.1.0,M4.1.0/3": ("Australian Eastern time", "Australia/Sydney"),
}
"""common rules -> (name for people, a zone with that rule)"""


def zone_text(rule: str) -> str:
    """Return the name of a rule for people, an unknown rule unchanged.

    >>> zone_text("UTC0"), zone_text("<+00>0"), zone_text("CST-8"), zone_text("<+0545>-5:45"), zone_text("UTC-3")
    ('UTC', 'UTC', 'Chinese time', '<+0545>-5:45', 'UTC-3')
    """
    if _UTC.fullmatch(rule):
        return "UTC"
    return KNOWN[rule][0] if rule in KNOWN else rule


@lru_cache(maxsize=256)
def zone_rule(name: str) -> str:
    """Return the rule of a zone as of this machine's tz database, the name itself where the database lacks it.

    >>> zone_rule("Etc/UTC"), zone_rule("Europe/Berlin"), zone_rule("Mars/Olympus"), zone_rule("../../etc/passwd")
    ('UTC0', 'CET-1CEST,M3.5.0,M10.5.0/3', 'Mars/Olympus', '../../etc/passwd')
    """
    from pathlib import Path
    from zoneinfo import TZPATH

    if ".." in name or not re.fullmatch(r"[A-Za-z][\w+/-]{0,60}", name, re.ASCII):
        return name
    for folder in TZPATH:
        try:
            content = read_file(Path(folder) / name, _LARGEST)
        except OSError:
            continue
        if content.startswith(b"TZif"):
            return content.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", "replace") or name
    return name
