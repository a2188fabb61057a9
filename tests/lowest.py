"""Print the lowest allowed version of every requirement: ``python tests/lowest.py EXTRA … > constraints.txt``."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*(?:\[(?P<extras>[^]]*)\])?\s*(?:(?:>=|~=|==)\s*(?P<version>[\w.]+))?")


def lowest(project: Mapping[str, object], extras: Sequence[str] = ()) -> Iterator[str]:
    """Yield a pip constraint for each requirement of a project and of its extras.

    An extra may name other extras of the project; a requirement without a lower bound is a ValueError.

    >>> table = {"name": "us", "dependencies": ["a>=1"], "optional-dependencies": {"x": ["us[y]"], "y": ["b[c]~=2.0"]}}
    >>> list(lowest(table, ["x"]))
    ['a==1', 'b==2.0']
    """
    dependencies: list[str] = list(project["dependencies"])  # type: ignore[call-overload]
    optional: Mapping[str, list[str]] = project["optional-dependencies"]  # type: ignore[assignment]
    for extra in extras:
        dependencies += optional[extra]
    for text in dependencies:
        match = _REQUIREMENT.match(text)
        if match and match["name"] == project["name"]:
            inner = [word.strip() for word in (match["extras"] or "").split(",")]
            yield from lowest({**project, "dependencies": []}, inner)
        elif not match or not match["version"]:
            raise ValueError(f"no lowest version: {text}")
        else:
            yield f"{match['name']}=={match['version']}"


if __name__ == "__main__":
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    sys.stdout.writelines(f"{line}\n" for line in sorted(set(lowest(metadata, sys.argv[1:]))))
