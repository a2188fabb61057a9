"""JSON text of one setting a line, in ASCII: `git diff` shows settings, and a terminal shows no control characters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

LARGEST = 32 * 1024 * 1024
"""bytes of a file"""
_MOST = {b"{": 600_000, b"[": 600_000, b",": 4_000_000}
"""signs in a file: they bound the memory that parsing takes"""
_MARKS = ("<<<<<<< ", ">>>>>>> ")
"""of git, at the begin of a line"""


class NotJSONError(ValueError):
    """Text that is not JSON, or is too much; the message is a phrase for a person."""


def laid_out(data: Mapping[str, Any]) -> str:
    """Return data as JSON text; a dictionary or list without others in it takes one line.

    >>> print(laid_out({"facts": {"a": {"raw": "1"}, "b": {}}, "notes": ["x", "y"]}), end="")
    {
     "facts": {
      "a": {"raw": "1"},
      "b": {}
     },
     "notes": ["x", "y"]
    }
    """
    return "".join(_pieces(data, "\n")) + "\n"


def _pieces(value: object, margin: str) -> Iterator[str]:
    """Yield the text of a value; ``margin`` ends the line before one at its own depth."""
    if not isinstance(value, dict | list | tuple) or _is_flat(value):
        yield json.dumps(value)
        return
    opened, closed = "{}" if isinstance(value, dict) else "[]"
    comma = opened
    for key in value:
        yield f"{comma}{margin} "
        if isinstance(value, dict):
            yield f"{json.dumps(key)}: "
        yield from _pieces(value[key] if isinstance(value, dict) else key, f"{margin} ")
        comma = ","
    yield f"{margin}{closed}"


def _is_flat(value: dict[Any, Any] | list[Any] | tuple[Any, ...]) -> bool:
    items = value.values() if isinstance(value, dict) else value
    return not any(isinstance(item, dict | list | tuple) for item in items)


def digest(data: Mapping[str, Any]) -> str:
    """Return a checksum of data, whatever the layout of its text."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def excess(content: bytes) -> str:
    """Return why content is too much to be parsed, "" if it is not."""
    if len(content) > LARGEST:
        return f"it is larger than {LARGEST >> 20} MB"
    too_much = any(content.count(sign) > most for sign, most in _MOST.items())
    return "it has more settings than a snapshot may have" if too_much else ""


def parsed(content: bytes) -> Any:
    r"""Return the data of JSON text. Raises NotJSONError.

    >>> parsed(b'{"a": 1,\n "a": 2}')
    Traceback (most recent call last):
        ...
    parity_tui.snapshot.layout.NotJSONError: "a" occurs twice
    """
    if reason := excess(content):
        raise NotJSONError(reason)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise NotJSONError(f"line {line} is not in UTF-8") from None
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except NotJSONError:
        raise
    except json.JSONDecodeError as error:
        raise NotJSONError(_mistake(text, error)) from None
    except RecursionError:
        raise NotJSONError("it is nested too deeply") from None
    except ValueError:  # a limit of Python's: 4300 digits
        raise NotJSONError("it has a number of too many digits") from None


def _mistake(text: str, error: json.JSONDecodeError) -> str:
    if not text.strip():
        return "it is empty"
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(_MARKS):
            return f"line {number}: a merge left both versions in it: take one of them whole"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return f"line {error.lineno}: it breaks off in the middle"
    return f"line {error.lineno}: it is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise NotJSONError(f"{json.dumps(twice[:80])} occurs twice")
    return found


def _no_constant(name: str) -> None:
    raise NotJSONError(f"{name} is no JSON")
