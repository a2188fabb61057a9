"""The output of `docker inspect` → the signs of a build."""

from __future__ import annotations

import json

from parity_tui.services.app.normalize import is_hash, moment, revision
from parity_tui.services.app.parse import Signs
from parity_tui.services.app.queries import LABELS, VARIABLES


def of_container(output: str) -> Signs:
    r"""Return the signs in the lines of the script: labels first, then variables in the order of their list.

    >>> signs = of_container('variable\t"GIT_SHA=3f78685"\nvariable\t"SENTRY_RELEASE=shop@1.4.2"\nstate\trunning\ttrue')
    >>> signs.revision, signs.version, signs.where
    ('3f78685', 'shop@1.4.2', 'variable GIT_SHA')
    """
    labels: dict[str, str] = {}
    variables: dict[str, str] = {}
    for line in output.splitlines():
        sort, _, rest = line.partition("\t")
        if sort == "variable":
            name, _, value = _text(rest).partition("=")
            variables.setdefault(name, value)
        elif sort in ("label", "state"):
            name, _, value = rest.partition("\t")
            labels.setdefault(name, _text(value))
    found, created, version, source = (labels.get(name, "") for name in LABELS)
    where = f"label {LABELS[0]}" if revision(found)[0] else ""
    for name in VARIABLES:
        value = variables.get(name, "")
        if not where and (is_hash(value) or is_hash(value.rpartition("@")[2])):
            found, where = value, f"variable {name}"
        elif not version and value and not revision(value)[0]:
            version = value
    notes = ("the container is not running",) if labels.get("running") == "false" else ()
    started = "" if notes else moment(labels.get("started", ""))
    return Signs(found, version, created, "", source, labels.get("image", "")[:19], started, where=where, notes=notes)


def _text(value: str) -> str:
    try:
        text = json.loads(value)
    except ValueError:
        return ""
    return str(text).lower() if isinstance(text, bool) else text if isinstance(text, str) else ""
