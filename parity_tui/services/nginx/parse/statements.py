"""The statements of the configuration: parsed by crossplane file by file, includes resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from parity_tui.model import Reason, ServiceError
from parity_tui.secrets.spans import redact_quotes
from parity_tui.services.nginx.normalize import plain_variables
from parity_tui.services.nginx.parse.output import ScriptOutput
from parity_tui.transport.foreign import foreign

Statement = dict[str, Any]
"""a directive as parsed by crossplane: "directive", "args", "line", maybe "block"; and "file", which we add"""

_DEPTH = 20
_STATEMENTS = 50_000


def statements(output: ScriptOutput) -> list[Statement]:
    """Return the configuration with all includes resolved. Raises ServiceError if it cannot be parsed."""
    import tempfile  # imported late, because most starts read no nginx

    with tempfile.TemporaryDirectory(prefix="parity-nginx-") as folder:

        @cache
        def parsed(name: str) -> list[Statement]:
            return _parse_file(name, output.files[name], Path(folder)) if name in output.files else []

        budget = iter(range(_STATEMENTS))
        return list(_resolved(output.main, parsed(output.main), parsed, output, budget, 0))


def _parse_file(name: str, text: str, folder: Path) -> list[Statement]:
    """Return the statements of one file, includes unresolved. crossplane only reads files, so one is written."""
    import crossplane

    path = folder / "nginx.conf"
    path.write_text(plain_variables(text), encoding="utf-8")  # crossplane joins "${a}" with the word after it
    result = crossplane.parse(str(path), single=True, check_ctx=False, check_args=False)
    if result["errors"]:
        first = result["errors"][0]
        position = f"{name}:{first['line']}" if first["line"] else name
        problem = redact_quotes(str(first["error"]).partition(" in /")[0]) or "the file ends inside a directive"
        raise ServiceError(Reason.SERVER, f"the configuration cannot be parsed at {position}: {foreign(problem)}")
    parsed: list[Statement] = result["config"][0]["parsed"]
    return parsed


def _resolved(
    file: str,
    unresolved: Sequence[Statement],
    parsed: Callable[[str], list[Statement]],
    output: ScriptOutput,
    budget: Iterator[int],
    depth: int,
) -> Iterator[Statement]:
    """Yield statements, each with its file, and included statements in place of their include."""
    for statement in unresolved:
        if depth > _DEPTH or next(budget, None) is None:
            raise ServiceError(Reason.SERVER, "the configuration includes itself, or is too large")
        if "block" in statement:
            block = list(_resolved(file, statement["block"], parsed, output, budget, depth))
            yield {**statement, "file": file, "block": block}
        elif statement["directive"] == "include" and statement["args"]:
            pattern = statement["args"][0]
            output.used.append(pattern)
            for name in output.includes.get(pattern, []):
                yield from _resolved(name, parsed(name), parsed, output, budget, depth + 1)
        else:
            yield {**statement, "file": file}
