"""Environments -> the text of a parity.toml. Of a password only the name of its variable is written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from parity_tui import services
from parity_tui.config.address import has_password
from parity_tui.config.toml_writer import toml_key, toml_string
from parity_tui.drift.values import printable
from parity_tui.init.drafts import EnvironmentDraft, ServiceDraft
from parity_tui.model import Service, Target

_LIKE_PRODUCTION = ("production", "prod", "live")

_HEAD = """\
# What parity-tui looks at: `parity-tui` shows the board, `parity-tui check` prints the drift.
# The README has all that may stand here."""

_PASSWORDS = """\
# No password stands in this file: each is read from a variable whenever it is needed. Set before the first start:
{names}
# Instead of password_env there are password_file = "…" and password_command = ["pass", "show", "…"]."""

_TIMES = """\
# interval = "5s"   # between refreshes
# timeout = "3s"    # for connecting and for each reading, everything included"""

_TAIL = """\
# Drift that is meant to be is shown as expected, with its reason:
# [[expect]]
# service = "database"
# setting = "shared_buffers"
# environments = ["dev"]
# reason = "laptops are small\""""


def text(deploys: Sequence[EnvironmentDraft], folder: Path) -> str:
    """Return the text; ``folder`` is where it will be: names of files beneath it are written relative to it."""
    names = variables(deploys)
    parts = [_HEAD]
    if names:
        parts.append(_PASSWORDS.format(names="\n".join(f"#     {name}" for name in names)))
    parts += [_baseline([deploy.name for deploy in deploys]), _TIMES]
    by_role = {id(role): name for name, role in names.items()}
    parts += [part for deploy in deploys for part in _environment(deploy, by_role, folder)]
    return "\n\n".join([*parts, _TAIL]) + "\n"


def variables(deploys: Sequence[EnvironmentDraft]) -> dict[str, ServiceDraft]:
    """Return the variables that have to hold a password, each with what it is for.

    The name is made of the environment and the service: PRODUCTION_DATABASE_PASSWORD.
    """
    found: dict[str, ServiceDraft] = {}
    for deploy in deploys:
        for role in deploy.roles:
            if not role.password and not _redacted(role.target):
                continue
            name = plain = _variable(deploy.name, role.target.service)
            count = 1
            while name in found:  # "a-b" and "a b" make the same
                count += 1
                name = f"{plain}_{count}"
            found[name] = role
    return found


def _variable(*words: str) -> str:
    """Return the name of a variable that a shell takes.

    >>> _variable("production", "main database"), _variable("2nd", "größe")
    ('PRODUCTION_MAIN_DATABASE_PASSWORD', '_2ND_GR_E_PASSWORD')
    """
    name = re.sub(r"[^A-Za-z0-9]+", "_", "_".join((*words, "password"))).upper()
    return f"_{name}" if name[0].isdigit() else name


def _baseline(names: Sequence[str]) -> str:
    """Return the line on the baseline: production is one, where there is such an environment."""
    name = next((name for word in _LIKE_PRODUCTION for name in names if name.lower() == word), "")
    if name:
        remark = "the one that is right; without this line the majority decides who is odd"
        return f"baseline = {toml_string(name)}   # {remark}"
    example = toml_string(names[-1] if names else "production")
    return f"# baseline = {example}   # the one that is right; without such a line the majority decides who is odd"


def _environment(deploy: EnvironmentDraft, variable_of: Mapping[int, str], folder: Path) -> Iterator[str]:
    """Yield the parts of one environment."""
    origin = f", from {printable(deploy.origin)}" if deploy.origin else ""
    left_out = "".join(f"\n# left out: {printable(words)}" for words in deploy.left_out)
    yield f"# --- {printable(deploy.name)}{origin}{left_out}"
    for role in deploy.roles:
        yield "\n".join(_role(deploy.name, role, variable_of.get(id(role), ""), folder))


def _role(environment: str, role: ServiceDraft, variable: str, folder: Path) -> Iterator[str]:
    """Yield the lines of one service."""
    target = role.target
    if target.problem is not None:
        yield f"# left out: {printable(target.service)}: {printable(target.problem.message)}"
        return
    service = services.kinds()[target.kind]
    header = ".".join(map(toml_key, ("environments", environment, "services", target.service)))
    yield f"[{header}]{f'   # {printable(role.remark)}' if role.remark else ''}"
    yield f"url = {_value(_url(target, service, folder))}"
    if role.password:
        yield f"password_env = {toml_string(variable)}"
    if target.tls != ("verify-full" if target.scheme in service.tls_schemes else service.tls):
        yield f"tls = {_value(target.tls)}"
    for name in ("ca", "cert", "key"):
        if file := getattr(target, name):
            yield f"{name} = {_value(_relative(file, folder))}"
    for name, value in target.options.items():
        yield f"{toml_key(name)} = {_without_password(value, variable)}"


def _url(target: Target, service: Service, folder: Path) -> str:
    """Return the URL of a target, without a password."""
    user = f"{quote(target.user, safe='')}@" if target.user else ""
    host = f"[{target.host.replace('%', '%25')}]" if ":" in target.host else target.host
    place = f"{user}{host}{f':{target.port}' if target.port else ''}"
    if service.port:
        path = quote(target.path, safe="")
    elif "+" in target.scheme:
        path = quote(target.path.removeprefix("/"))
    else:
        path = target.path if target.path == ":memory:" else quote(_relative(target.path, folder))
    return f"{target.scheme}://{place}{f'/{path}' if path else ''}"


def _relative(file: str, folder: Path) -> str:
    """Return the name of a file as seen from ``folder`` where it is beneath it, else the absolute one."""
    path = Path(file)
    name = str(path.relative_to(folder)) if file and path.is_relative_to(folder) else file
    return file if name.startswith(("~", os.sep)) else name


def _redacted(target: Target) -> bool:
    """Tell whether one of the options holds a password."""
    return any(has_password(value) for value in target.options.values())


def _without_password(value: str, variable: str) -> str:
    """Return an option as it is written: a variable in place of the password of its URL."""
    if not has_password(value):
        return _value(value)
    scheme, _, rest = str(value).partition("://")
    login, _, place = rest.rpartition("@")
    before, after = f"{scheme}://{login.partition(':')[0]}:", f"@{place}"
    return toml_string(f"{before.replace('$', '$$')}${{{variable}}}{after.replace('$', '$$')}")


def _value(written: str) -> str:
    """Return a text in quotes in which a dollar is a dollar."""
    return toml_string(written.replace("$", "$$"))
