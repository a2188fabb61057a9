"""Normalizes values, so that spellings of one value are equal: sizes, durations, booleans, sets, maps.

Two values are equal exactly when their :func:`comparison_key` is. :func:`display_text` shows the same text (but for
letter case), so that values which look equal are equal.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Final

from parity_tui.model import Fact, Ledger, Rule, State, ValueType

_BOOL: Final = {
    **dict.fromkeys(("on", "yes", "true", "1", "enabled"), "on"),
    **dict.fromkeys(("off", "no", "false", "0", "disabled"), "off"),
}
_NUMBER: Final = re.compile(r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_WITH_UNIT: Final = re.compile(r"(?P<number>[+-]?\d++(?:\.\d++)?)\s*+(?P<unit>[a-zA-Zµ]++)", re.ASCII)
_PART_OF_TIME: Final = re.compile(r"(?<![\d.])(\d++(?:\.\d++)?)(h|ms|m|s|d|us|µs|ns)\s*+", re.ASCII)
_TIME_OF_PARTS: Final = re.compile(rf"(?:{_PART_OF_TIME.pattern}){{2,6}}+", re.ASCII)
"""1h30m"""
_HASH: Final = re.compile(r"(?P<hash>[0-9a-f]{7,64})(?P<mark>(-dirty)?)", re.ASCII)
REVISION_DIGITS: Final = 10
"""of a hash that are shown"""
_SEPARATORS: Final = re.compile(r"[\s,;]+")

# As in Redis: "kb" is 1024 bytes, a bare "k" is 1000.
_BYTES: Final = {
    "b": 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3, "tb": 1024**4,
    "kib": 1024, "mib": 1024**2, "gib": 1024**3, "tib": 1024**4,
    "k": 1000, "m": 1000**2, "g": 1000**3, "t": 1000**4,
}  # fmt: skip
_SECONDS: Final = {
    "us": Decimal("0.000001"), "µs": Decimal("0.000001"), "ms": Decimal("0.001"), "s": Decimal(1),
    "min": Decimal(60), "h": Decimal(3600), "d": Decimal(86400),
}  # fmt: skip
_TIMES: Final = _SECONDS | {
    "m": Decimal(60), "ns": Decimal("1e-9"), "nanos": Decimal("1e-9"), "micros": Decimal("0.000001"),
}  # fmt: skip
"""as servers and their files spell a time; "m" is a minute there, and not a megabyte"""
_DISPLAY_UNITS: Final = {"B": ("TB", "GB", "MB", "kB", "B"), "s": ("d", "h", "min", "s", "ms", "us")}
_USUAL_UNITS: Final = {ValueType.SIZE: "B", ValueType.DURATION: "s"}
_MAX_DIGITS: Final = 21
"""of an amount: 2**64 has 20"""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
"""bytes that are not UTF-8 are decoded to these by errors="surrogateescape"; JSON may contain them as well"""
_UNIT: Final = re.compile(r"(?P<count>\d{0,6})(?P<unit>[a-zA-Zµ]+)", re.ASCII)


def printable(text: str) -> str:
    r"""Return ``text`` with escapes in place of control characters and of all others that a terminal cannot show.

    >>> printable("plain é"), printable("\x1b[2J"), printable("a\nb"), printable("\u202eevil"), printable("\udcff")
    ('plain é', '\\x1b[2J', 'a\\nb', '\\u202eevil', '\\xff')
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte that is not UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def is_text(text: str) -> bool:
    """Return whether ``text`` was decoded without a byte that is not UTF-8."""
    return text.isprintable() or not _SURROGATE.search(text)


def _printable_value(text: str) -> str:
    r"""Return printable text that differs for a byte and for the text of its escape.

    >>> _printable_value("a\udcff"), _printable_value(r"a\xff")
    ('a\\xff (not UTF-8)', 'a\\xff')
    """
    return printable(text) if is_text(text) else f"{printable(text)} (not UTF-8)"


def comparison_key(fact: Fact, rule: Rule) -> str:
    """Return a text that is equal for two facts exactly when they are the same value."""
    if fact.state is State.SECRET:
        return f"\0secret {fact.raw}"
    if fact.state is not State.VALUE:
        return f"\0{fact.state}"
    if fact.ledger is not None:
        return ledger_key(fact.ledger)
    text = canonical_text(fact, rule)
    return text.casefold() if (rule.type or fact.type) is ValueType.ENUM else text


@lru_cache(maxsize=256)
def ledger_key(ledger: Ledger) -> str:
    """Return a text that is equal for two ledgers exactly when they have the same entries in the same state."""
    from hashlib import sha256  # here: few services have a ledger

    entries = sorted(f"{entry.id!a} {entry.checksum!a}" for entry in ledger.entries)
    text = "\n".join((*entries, "", *ledger.problems, "", *ledger.remarks, "", ledger.environment))
    return f"\0ledger {sha256(text.encode(errors='surrogatepass')).hexdigest()}"


def display_text(fact: Fact, rule: Rule) -> str:
    """Return the value for a person, printable; "" for one that was never read.

    >>> display_text(Fact("16384", ValueType.NUMBER, "8kB"), Rule("shared_buffers"))
    '128 MB'
    >>> display_text(Fact("0", ValueType.NUMBER, "ms"), Rule("statement_timeout", special={"0": "off"}))
    'off'
    """
    match fact.state:
        case State.VALUE:
            return _printable_value(canonical_text(fact, rule)) or "(empty)"
        case State.UNKNOWN if fact.raw is not None:  # the last known value
            return _printable_value(canonical_text(fact, rule)) or "(empty)"
        case State.SECRET:
            return f"••• {(fact.raw or '')[:4]}"
        case State.ABSENT:
            return "–"
        case State.HIDDEN:
            return "hidden"
    return ""


def canonical_text(fact: Fact, rule: Rule) -> str:
    """Return the normal form of a value, by its canonical text, special words, type and unit."""
    if fact.canonical:
        return fact.canonical
    raw = fact.raw or ""
    if raw in rule.special:
        return rule.special[raw]
    unit = rule.unit or fact.unit
    match rule.type or fact.type:
        case ValueType.BOOL:
            return _BOOL.get(raw.strip().lower(), raw)
        case ValueType.NUMBER:
            return _quantity_text(raw, unit) if unit else _number_text(raw)
        case ValueType.SIZE:
            return _quantity_text(raw, unit or "B")
        case ValueType.DURATION:
            return _quantity_text(raw, unit or "s")
        case ValueType.SET:
            return ", ".join(sorted(set(_members(raw))))
        case ValueType.LIST:
            return ", ".join(_members(raw))
        case ValueType.MAP:
            return ", ".join(sorted(set(re.split(r"\s*[,;]\s*|\s+", raw.strip()))))
        case ValueType.OCTAL:
            return _octal_text(raw)
        case ValueType.REVISION:
            return short_revision(raw)
        case _:
            return raw


def short_revision(raw: str, digits: int = REVISION_DIGITS) -> str:
    """Return a revision with at most so many digits of its hash; other texts unchanged.

    >>> short_revision("3f786850e387550fdab836ed"), short_revision("r1234"), short_revision("3f78685-dirty")
    ('3f786850e3', 'r1234', '3f78685-dirty')
    """
    match = _HASH.fullmatch(raw)
    return f"{match['hash'][:digits]}{match['mark']}" if match else raw


def quantity(fact: Fact, rule: Rule) -> Decimal | None:
    """Return the number of bytes or seconds, or the bare number, of a fact; None for other values."""
    if fact.state is not State.VALUE or fact.raw is None or fact.raw in rule.special:
        return None
    unit = rule.unit or fact.unit or _USUAL_UNITS.get(rule.type or fact.type, "")
    measured = _measure(fact.raw, unit) if unit else None
    return measured[0] if measured else _number(fact.raw)


def _number(raw: str) -> Decimal | None:
    raw = raw.strip()
    return Decimal(raw) if len(raw) < 60 and _NUMBER.fullmatch(raw) else None


def _number_text(raw: str) -> str:
    """Return the normal form of a number: 0.10 is 0.1, 1e6 is 1000000."""
    number = _number(raw)
    return raw if number is None else _fixed_point(number)


def _fixed_point(number: Decimal) -> str:
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "+0", "") else text


def _measure(raw: str, unit: str) -> tuple[Decimal, str] | None:
    """Return (amount in bytes, "B") or (amount in seconds, "s"), None for anything else.

    None as well for huge amounts, which a Decimal would round or refuse to divide, and for a size in place of a time.

    >>> _measure("5m", "s"), _measure("1h30m", "s"), _measure("5m", "B"), _measure("5MB", "s")
    ((Decimal('300'), 's'), (Decimal('5400'), 's'), (Decimal('5000000'), 'B'), None)
    """
    raw, default = raw.strip(), _UNIT.fullmatch(unit)
    base = "B" if default and default["unit"].lower() in _BYTES else "s"
    if base == "s" and _TIME_OF_PARTS.fullmatch(raw):
        return _sum_of_parts(raw)
    if written := _WITH_UNIT.fullmatch(raw):
        raw, unit = written["number"], written["unit"]
    number, parts = _number(raw), _UNIT.fullmatch(unit)
    if number is None or parts is None:
        return None
    if len(number.as_tuple().digits) > _MAX_DIGITS or number.adjusted() >= _MAX_DIGITS:
        return None
    name = parts["unit"]
    factor = Decimal(_BYTES.get(name.lower(), 0)) if base == "B" else _TIMES.get(name, Decimal(0))
    amount = number * int(parts["count"] or 1) * factor
    return (amount, base) if factor and amount.adjusted() < _MAX_DIGITS else None


def _sum_of_parts(raw: str) -> tuple[Decimal, str] | None:
    """Return the time of 1h30m, None where its units do not descend."""
    parts = [(_measure(number + unit, "s"), _TIMES[unit]) for number, unit in _PART_OF_TIME.findall(raw)]
    amounts, units = [part[0] for part, _ in parts if part], [unit for _, unit in parts]
    descending = all(first > second for first, second in pairwise(units))
    return (sum(amounts, Decimal(0)), "s") if descending and len(amounts) == len(parts) else None


def _quantity_text(raw: str, unit: str) -> str:
    """Return a size or duration in the largest unit that divides it: 16384 of 8kB is 128 MB.

    >>> _quantity_text("-1", "kB"), _quantity_text("90", "s"), _quantity_text("100mb", "B")
    ('-1', '90 s', '100 MB')
    >>> _quantity_text("50000000", "B")
    '50,000,000 B'
    >>> _quantity_text("7", "parsecs")
    '7 parsecs'
    """
    measured = _measure(raw, unit)
    if measured is None:
        return f"{_number_text(raw)} {unit}" if _number(raw) is not None else raw
    amount, base = measured
    if amount <= 0:  # negative amounts are special values, such as -1 for "none"
        return _fixed_point(amount) if amount == 0 else raw.strip()
    for name in _DISPLAY_UNITS[base]:
        size = _BYTES[name.lower()] if base == "B" else _SECONDS[name]
        if amount % size == 0:
            count = _fixed_point(amount / size)
            return f"{int(count):,} {name}" if len(count) > 4 else f"{count} {name}"
    return f"{_fixed_point(amount)} {base}"


def _members(raw: str) -> list[str]:
    return [member.strip("\"'") for member in _SEPARATORS.split(raw.strip()) if member]


def _octal_text(raw: str) -> str:
    """Return a file mode with four digits: 700, 0700 and 0o700 are 0700."""
    digits = raw.strip().lower().removeprefix("0o")
    return f"{int(digits, 8):04o}" if re.fullmatch(r"[0-7]{1,12}", digits, re.ASCII) else raw
