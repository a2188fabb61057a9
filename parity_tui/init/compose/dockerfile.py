"""The image that a Dockerfile builds upon: its last FROM, or that of the stage that is built."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from parity_tui.config.errors import InvalidValue
from parity_tui.config.variables import interpolate

_CONTINUED = re.compile(r"[\\`][ \t]*\r?\n")
_COMMENT = re.compile(r"^[ \t]*#.*\n?", re.MULTILINE)
_INSTRUCTION = re.compile(r"[ \t]*(FROM|ARG|EXPOSE)[ \t]+(\S.*)", re.IGNORECASE)
_MAX_STAGES = 100


class Base(Struct, frozen=True):
    """What a Dockerfile says about the image that it builds."""

    image: str = ""
    exposed: tuple[str, ...] = ()
    """ports as written: "5432/tcp" """


class _Stage(Struct):
    base: str
    exposed: list[str]


def base_of(text: str, arguments: Mapping[str, str], target: str = "") -> Base:
    """Return the base image of a Dockerfile's last stage, or of the stage ``target``.

    >>> text = "ARG V=15" + chr(10) + "FROM postgres:$V AS db" + chr(10) + "EXPOSE 5432" + chr(10) + "FROM db"
    >>> base_of(text, {"V": "16"})
    Base(image='postgres:16', exposed=('5432',))
    """
    stages = _stages(text, arguments)
    exposed: list[str] = []
    name = target.lower() if target.lower() in stages else next(reversed(stages), "")
    for _ in range(_MAX_STAGES):
        stage = stages.get(name)
        if stage is None:
            break
        exposed += stage.exposed
        if stage.base.lower() == name or stage.base.lower() not in stages:
            return Base(stage.base, tuple(exposed))
        name = stage.base.lower()
    return Base()


def _stages(text: str, arguments: Mapping[str, str]) -> dict[str, _Stage]:
    """Return the stages by their names in lower case, those without one by their numbers."""
    known: dict[str, str] = {}
    stages: dict[str, _Stage] = {}
    last: _Stage | None = None
    for line in _CONTINUED.sub(" ", _COMMENT.sub("", text)).splitlines():
        match = _INSTRUCTION.match(line)
        if match is None:
            continue
        instruction, words = match[1].upper(), match[2].split()
        if instruction == "ARG" and last is None:
            for name, equals, default in (word.partition("=") for word in words):
                if equals or name in arguments:
                    known[name] = arguments.get(name, default.strip("\"'"))
        elif instruction == "FROM":
            names = [word for word in words if not word.startswith("--")]
            last = _Stage(_filled(names[0], known) if names else "", [])
            named = len(names) > 2 and names[1].upper() == "AS"
            stages[names[2].lower() if named else str(len(stages))] = last
        elif last is not None and instruction == "EXPOSE":
            last.exposed += words
        if len(stages) > _MAX_STAGES:
            break
    return stages


def _filled(text: str, variables: Mapping[str, str]) -> str:
    try:
        return interpolate(text, variables, bare=True).text.strip("\"'")
    except InvalidValue:
        return ""
