"""The output of the script, split into its sections."""

from __future__ import annotations

import re

from parity_tui.model import Fact, Reason, ServiceError
from parity_tui.services.host.queries import SCRIPT
from parity_tui.transport.foreign import foreign

SECTIONS = tuple(re.findall(r"^part (\S+?)(?:;|$)", SCRIPT, re.MULTILINE))
"""sections that every machine prints"""

OF_THE_LOGIN = "of the login shell, not of a service"
"""note of facts that a service may have other values of"""


class ScriptOutput:
    r"""The sections of the output by name; a missing section is empty. Raises ServiceError if the end is missing.

    >>> output = ScriptOutput(b"Welcome!\n\n@@7 now\n17\n\n@@7 memory\ncpus\t4\nMemTotal: 8 kB\n\n@@7 end\n", "@@7")
    >>> output["now"], output.pairs("memory"), output["brew"]
    ('17', {'cpus': '4', 'MemTotal': '8 kB'}, '')
    """

    def __init__(self, out: bytes, mark: str) -> None:
        text = out.decode(errors="surrogateescape").replace("\r\n", "\n")
        # The login shell may print a greeting before the first mark.
        sections = [section.partition("\n") for section in f"\n{text}".split(f"\n{mark} ")[1:]]
        self._sections = {name: body.strip("\n") for name, _, body in sections}
        if "end" not in self._sections:
            raise ServiceError(Reason.PROTOCOL, "the host's output is incomplete")

    def __contains__(self, name: str) -> bool:
        """Return whether there is a section of this name, be it empty."""
        return name in self._sections

    def __getitem__(self, name: str) -> str:
        """Return the text of a section."""
        return self._sections.get(name, "")

    def lines(self, name: str) -> list[str]:
        r"""Return the lines of a section, split at \n only."""
        return [line for line in self[name].split("\n") if line.strip()]

    def pairs(self, name: str) -> dict[str, str]:
        """Return the first value of each key of a section."""
        first: dict[str, str] = {}
        for key, value in self.every(name):
            first.setdefault(key, value)
        return first

    def every(self, name: str) -> list[tuple[str, str]]:
        """Return keys and values of a section: KEY<TAB>VALUE, KEY:VALUE or KEY=VALUE, split at the first separator."""
        return [pair for line in self.lines(name) if (pair := _pair(line))]


def split_output(out: bytes, error: bytes, mark: str) -> ScriptOutput:
    r"""Return the output of the script. Raises ServiceError with the shell's message if the script did not run.

    >>> split_output(b"", b"sh: not found\n", "@@7")
    Traceback (most recent call last):
        ...
    parity_tui.model.failure.ServiceError: the host did not run the script: sh: not found
    """
    if mark.encode() in out:
        return ScriptOutput(out, mark)
    message = (error.strip() or out.strip()).decode(errors="backslashreplace").split("\n")[-1].strip()
    raise ServiceError(Reason.WRONG_SERVICE, f"the host did not run the script: {foreign(message, 200) or 'no output'}")


def check_whole(output: ScriptOutput) -> None:
    """Raise ServiceError if a section is missing that every machine prints, or if a program was killed."""
    lacking = [f"it lacks the section {name}" for name in SECTIONS if name not in output]
    if problem := next(iter(lacking), "") or foreign(output["killed"], 200):
        raise ServiceError(Reason.SERVER, f"the host's output is incomplete: {problem}")


def present(facts: dict[str, Fact]) -> dict[str, Fact]:
    """Return the facts that have a value."""
    return {name: fact for name, fact in facts.items() if fact.raw}


def _pair(line: str) -> tuple[str, str] | None:
    """Return key and value without quotes, None for other lines."""
    at = min((index for sign in "\t:=" if (index := line.find(sign)) >= 0), default=-1)
    if at < 0 or line.lstrip().startswith("#"):
        return None
    value = line[at + 1 :].strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return line[:at].strip(), value
