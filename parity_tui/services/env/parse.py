r"""Variables -> Reading: a shape for each name and, under another name, a keyed hash of its value.

No value goes further than this file, but for the harmless ones of :func:`~.normalize.is_harmless`.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping

from parity_tui.model import Fact, Reading, Reason, ServiceError, State, ValueType
from parity_tui.secrets import fingerprint, register_secret
from parity_tui.secrets.detect import is_secret_name
from parity_tui.services.env.normalize import (
    EMPTY,
    LONGEST,
    REFERENCE,
    is_harmless,
    is_of_each_host,
    is_switch,
    shape,
    spelling,
)
from parity_tui.transport.foreign import foreign

PRODUCT = "environment variables"
VALUE_OF = "value of "
"""begins the name of the fact that holds the value of a variable"""

_PASSWORD = re.compile(r"://[^/\s@:]{0,256}:([^@\s]++)@")
_UNMISTAKABLE = 12
"""characters of a value that can be no word of a message"""
_RESERVED = frozenset({"product", "version"})
_LONGEST_NAME = 200
_SINGLE_QUOTED = re.compile(r"\s*(?:export\s+)?[^=\s#]+\s*=\s*'")
_REFERENCE = re.compile(r"(?P<escaped>\\\$)|\$\{(?P<braced>[A-Za-z_]\w*)\}|\$(?P<bare>[A-Za-z_]\w*)|\$\{", re.ASCII)
_CONSTANT = re.compile(r"[A-Z_][A-Z0-9_]*", re.ASCII)
_LONGEST_VALUE = 1_000_000
_PROBLEMS = {
    "no-systemd": (
        Reason.DRIVER,
        "there is no systemctl to ask for the unit {process}: write the number of the process",
    ),
    "not-running": (Reason.SERVER, "the unit {process} does not run, or does not exist: systemctl status {process}"),
    "no-proc": (Reason.DRIVER, "this system has no /proc: only Linux shows the environment of a process"),
    "gone": (Reason.SERVER, "there is no process {process}"),
}


class UnsetReferenceError(Exception):
    """A value names a variable that the file does not set; the argument is its name."""


def parse(
    variables: Mapping[str, str], address: str, *, unset: Mapping[str, str] | None = None, instance: str = ""
) -> Reading:
    """Return the reading of some variables.

    Args:
        variables: name -> value.
        address: where they are from.
        unset: name -> the variable that its value names and that is not set.
        instance: changes when the process restarts.

    >>> reading = parse({"DEBUG": "true", "API_KEY": "fish"}, ".env")
    >>> [(name, fact.raw, str(fact.state)) for name, fact in reading.facts.items()][:2]
    [('DEBUG', 'a switch', 'value'), ('value of DEBUG', 'true', 'value')]
    >>> str(reading.facts["value of API_KEY"].state)
    'secret'
    """
    facts: dict[str, Fact] = {}
    left_out = 0
    for name, value in variables.items():
        if len(name) > _LONGEST_NAME or not name.isprintable():
            left_out += 1
            continue
        own = f"{name} (variable)" if name in _RESERVED else name
        if unset and name in unset:
            facts[own] = Fact(REFERENCE, ValueType.ENUM)
            note = f"it refers to {unset[name]}, which the file does not set"
            facts[VALUE_OF + own] = Fact(state=State.UNKNOWN, note=note)
            continue
        facts[own] = Fact(shape(name, value), ValueType.ENUM)
        if facts[own].raw != EMPTY:
            facts[VALUE_OF + own] = _value(name, value)
    notes = (f"{left_out} variables with unusual names are left out",) if left_out else ()
    return Reading(PRODUCT, "", facts, notes=notes, address=address, instance=instance)


def _value(name: str, value: str) -> Fact:
    if is_harmless(name, value):
        return Fact(spelling(name, value.strip()))
    if is_switch(value):
        return Fact(state=State.ABSENT, note="a switch is no secret")
    if is_of_each_host(value):
        return Fact(state=State.ABSENT, note="it leads to another server on each machine")
    _register(name, value)
    return Fact(fingerprint(value), state=State.SECRET)


def _register(name: str, value: str) -> None:
    """Have a careless message of a driver, or a crash report, hide a value that is unmistakably a secret."""
    password = _PASSWORD.search(value[:LONGEST])
    secret = password[1] if password else value if is_secret_name(name) else ""
    if len(secret) >= _UNMISTAKABLE and not secret.isalpha():
        register_secret(secret)


def of_dotenv(text: str) -> tuple[dict[str, str], dict[str, str], list[int]]:
    r"""Return the variables of a dotenv file, the references that it leaves open, and its malformed lines.

    References are filled in from the file alone, for the environment of the app is not known here.

    >>> of_dotenv("A=1\nB=x${A}\nC='$A'\nD=$HOST\n=\n")
    ({'A': '1', 'B': 'x1', 'C': '$A', 'D': '$HOST'}, {'D': 'HOST'}, [5])
    """
    from dotenv.parser import parse_stream  # here: most starts read no such file

    values: dict[str, str] = {}
    unset: dict[str, str] = {}
    malformed: list[int] = []
    room = _LONGEST_VALUE
    for binding in parse_stream(io.StringIO(text)):
        raw = binding.original.string
        if binding.error:
            malformed.append(binding.original.line + raw[: len(raw) - len(raw.lstrip())].count("\n"))
        elif binding.key is not None and binding.value is not None:
            value = binding.value
            unset.pop(binding.key, None)
            if "$" in value and not _SINGLE_QUOTED.match(raw):
                try:
                    value = _filled_in(value, values, unset)
                except UnsetReferenceError as error:
                    unset[binding.key] = str(error)
            room -= len(value)
            if room < 0:
                raise ServiceError(Reason.SERVER, f"its values have more than {_LONGEST_VALUE:,} characters in all")
            values[binding.key] = value
    return values, unset, malformed


def _filled_in(text: str, known: Mapping[str, str], unset: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        name = match["braced"] or match["bare"]
        if name in known and name not in unset:
            return known[name]
        if match["bare"] and not _CONSTANT.fullmatch(name) and name not in unset:
            return match[0]  # a dollar within a text, as in python-dotenv
        raise UnsetReferenceError(name or "a variable")

    return _REFERENCE.sub(value, text)


def of_process(out: bytes, error: bytes, mark: str, process: str) -> tuple[dict[str, str], str]:
    r"""Return the variables of a process and when it started, from the output of the script.

    Raises ServiceError where the output is cut short, or names a reason for which there are none.

    >>> of_process(b"\n@@7 started 99\nA=1\0B=x\ny\0\n@@7 end 0\n", b"", "@@7", "12")
    ({'A': '1', 'B': 'x\ny'}, '99')
    >>> of_process(b"\n@@7 gone\n", b"", "@@7", "12")
    Traceback (most recent call last):
        ...
    parity_tui.model.failure.ServiceError: there is no process 12
    """
    _, found, answer = out.partition(f"\n{mark} ".encode())
    if not found:
        message = error.decode(errors="replace").strip().split("\n")[-1]
        raise ServiceError(
            Reason.WRONG_SERVICE, f"no shell ran the script: {foreign(message, 200) or 'it said nothing'}"
        )
    head, _, rest = answer.partition(b"\n")
    word, _, started = head.decode(errors="replace").partition(" ")
    if word in _PROBLEMS:
        reason, message = _PROBLEMS[word]
        raise ServiceError(reason, message.format(process=process))
    block, end, code = rest.rpartition(f"\n{mark} end ".encode())
    if word != "started" or not end or not code.endswith(b"\n"):
        raise ServiceError(Reason.PROTOCOL, "the answer breaks off before its end")
    if code.strip() != b"0":
        raise ServiceError(
            Reason.FORBIDDEN, f"the environment of {process} is shown to its own user and to root only: log in as one"
        )
    if not block.strip(b"\0\n"):
        raise ServiceError(Reason.SERVER, f"the process of {process} has no environment variables, or is ending")
    variables = _pairs(item.decode("utf-8", "surrogateescape") for item in block.split(b"\0"))
    if not variables:
        raise ServiceError(Reason.SERVER, f"the process of {process} has written over its environment, as for a title")
    return variables, started


def of_container(out: bytes, container: str) -> tuple[dict[str, str], str]:
    """Return the variables that a container was started with, and when.

    >>> of_container(b'"2026-11-23T06:00:00Z" ["A=1","B=x=y"]', "web")
    ({'A': '1', 'B': 'x=y'}, '2026-11-23T06:00:00Z')
    """
    started, _, text = out.decode("utf-8", "replace").strip().partition(" ")
    try:
        items = json.loads(text) or []
        if not (isinstance(items, list) and all(isinstance(item, str) for item in items)):
            raise ValueError
    except (ValueError, RecursionError):  # the text holds values: no message may quote it
        raise ServiceError(
            Reason.PROTOCOL, f"the engine describes {container} in a way that is not understood"
        ) from None
    return _pairs(items), started.strip('"')


def _pairs(items: Iterable[str]) -> dict[str, str]:
    """Return name -> value; the first of a name counts, as for getenv."""
    found: dict[str, str] = {}
    for item in items:
        name, equals, value = item.partition("=")
        if name and equals:
            found.setdefault(name, value)
    return found
