"""What the script has printed, taken apart."""

from __future__ import annotations

from parity_tui.model import Reason, ServiceError


class Parts:
    r"""The parts of a machine's answer, by name; one that it did not print is empty.

    >>> parts = Parts(b"Welcome!\n\n@@7 now\n17\n\n@@7 memory\ncpus\t4\nMemTotal: 8 kB\n\n@@7 end\n", "@@7")
    >>> parts["now"], parts.pairs("memory"), parts["brew"]
    ('17', {'cpus': '4', 'MemTotal': '8 kB'}, '')
    """

    def __init__(self, out: bytes, mark: str) -> None:
        text = out.decode(errors="surrogateescape").replace("\r\n", "\n")
        # What comes before the first mark is a greeting of the login's shell.
        pieces = [piece.partition("\n") for piece in f"\n{text}".split(f"\n{mark} ")[1:]]
        self._parts = {name: body.strip("\n") for name, _, body in pieces}
        if "end" not in self._parts:
            raise ServiceError(Reason.PROTOCOL, "the machine's answer breaks off before its end")

    def __getitem__(self, name: str) -> str:
        """Return the text of a part."""
        return self._parts.get(name, "")

    def lines(self, name: str) -> list[str]:
        r"""Return the lines of a part, divided at \n and nowhere else."""
        return [line for line in self[name].split("\n") if line.strip()]

    def pairs(self, name: str) -> dict[str, str]:
        """Return the first value of every name of a part."""
        found: dict[str, str] = {}
        for key, value in self.every(name):
            found.setdefault(key, value)
        return found

    def every(self, name: str) -> list[tuple[str, str]]:
        """Return names and values of a part: NAME<TAB>VALUE, NAME:VALUE or NAME=VALUE, the first sign counts."""
        return [pair for line in self.lines(name) if (pair := _pair(line))]


def _pair(line: str) -> tuple[str, str] | None:
    """Return name and value of a line, None where it has none; quotes around the value are taken off."""
    at = min((found for sign in "\t:=" if (found := line.find(sign)) >= 0), default=-1)
    if at < 0 or line.lstrip().startswith("#"):
        return None
    value = line[at + 1 :].strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return line[:at].strip(), value
