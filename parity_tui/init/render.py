"""Environments -> the text of a parity.toml, which names the variable of a password, never the password."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from parity_tui import services
from parity_tui.config.address import has_password
from parity_tui.config.toml_writer import toml_key, toml_string
from parity_tui.drift.values import printable
from parity_tui.init.drafts import EnvironmentDraft, ServiceDraft
from parity_tui.model import Fact, Reading, Service, Target, TlsMode

SCHEMA = "parity.schema.json"
"""the file beside a parity.toml by which editors complete and check it; the comment is that of Taplo"""

_PRODUCTION_NAMES = ("production", "prod", "live")

_HEAD = f"""\
#:schema ./{SCHEMA}
# Configuration of parity-tui: `parity-tui` opens the board, `parity-tui check` prints the drift.
# docs/configuration.md describes every key."""

_PASSWORDS = """\
# This file contains no passwords: each is read from a variable. Set these before the first start:
{names}
# Alternatives to password_env: password_file = "…" and password_command = ["pass", "show", "…"]."""

_TIMES = """\
# interval = "5s"   # between refreshes
# timeout = "3s"    # for connecting and for each reading, everything included"""

_TAIL = """\
# Intended drift is shown as expected, with its reason:
# [[expect]]
# service = "database"
# setting = "shared_buffers"
# environments = ["dev"]
# reason = "laptops are small\""""


def text(environments: Sequence[EnvironmentDraft], folder: Path) -> str:
    """Return the text of the file; paths beneath ``folder``, where it will be saved, are written relative to it."""
    needed = variables(environments)
    parts = [_HEAD]
    if to_set(needed):
        parts.append(_PASSWORDS.format(names="\n".join(f"#     {name}" for name in to_set(needed))))
    parts += [_baseline([environment.name for environment in environments if is_active(environment)]), _TIMES]
    variable_of = {id(draft): name for name, draft in needed.items()}
    parts += [part for environment in environments for part in _environment(environment, variable_of, folder)]
    return "\n\n".join([*parts, _TAIL]) + "\n"


def variables(environments: Sequence[EnvironmentDraft]) -> dict[str, ServiceDraft]:
    """Return the variables that have to hold a password, each with its service.

    A name consists of the environment and the service: PRODUCTION_DATABASE_PASSWORD.
    """
    found: dict[str, ServiceDraft] = {}
    for environment in environments:
        for draft in environment.services:
            if not draft.needs_password and not draft.user_origin and not _has_secret_option(draft.target):
                continue
            name = base = _variable_name(environment.name, draft.target.service)
            count = 1
            while name in found:  # "a-b" and "a b" give the same name
                count += 1
                name = f"{base}_{count}"
            found[name] = draft
    return found


def to_set(needed: Mapping[str, ServiceDraft]) -> dict[str, str]:
    """Return the variables that have to be set first, each with its origin: not those of commented-out services."""
    found = {}
    for name, draft in needed.items():
        if draft.user_origin and not draft.obstacle:
            found[user_variable(name)] = draft.user_origin
        if not draft.obstacle and (draft.needs_password or _has_secret_option(draft.target)):
            found[name] = draft.password_origin
    return found


def _variable_name(*words: str) -> str:
    """Return a variable name that every shell accepts.

    >>> _variable_name("production", "main database"), _variable_name("2nd", "größe")
    ('PRODUCTION_MAIN_DATABASE_PASSWORD', '_2ND_GR_E_PASSWORD')
    """
    name = re.sub(r"[^A-Za-z0-9]+", "_", "_".join((*words, "password"))).upper()
    return f"_{name}" if name[0].isdigit() else name


def _baseline(names: Sequence[str]) -> str:
    """Return the line of the baseline: the production environment, or a commented example."""
    name = next((name for word in _PRODUCTION_NAMES for name in names if name.lower() == word), "")
    if name:
        remark = "the environment to compare against; without it: the majority"
        return f"baseline = {toml_string(name)}   # {remark}"
    example = toml_string(names[-1] if names else "production")
    return f"# baseline = {example}   # the environment to compare against; without it: the majority"


def _environment(environment: EnvironmentDraft, variable_of: Mapping[int, str], folder: Path) -> Iterator[str]:
    """Yield the paragraphs of one environment."""
    origin = f", from {printable(environment.origin)}" if environment.origin else ""
    left_out = "".join(f"\n# left out: {printable(sentence)}" for sentence in environment.left_out)
    yield f"# --- {printable(environment.name)}{origin}{left_out}"
    if environment.kube:
        header = f"[environments.{toml_key(environment.name)}]\nkube = {_literal(environment.kube)}"
        yield header if is_active(environment) else _commented(header.splitlines())
    for draft in environment.services:
        lines = _service(environment.name, draft, variable_of.get(id(draft), ""), folder)
        yield _commented((*map(printable, draft.obstacle), *lines)) if draft.obstacle else "\n".join(lines)


def _commented(lines: Iterable[str]) -> str:
    return "\n".join(f"# {line}" for line in lines)


def is_active(environment: EnvironmentDraft) -> bool:
    """Return whether an environment has a service that is not commented out."""
    return any(not draft.obstacle and draft.target.problem is None for draft in environment.services)


def _service(environment: str, draft: ServiceDraft, variable: str, folder: Path) -> Iterator[str]:
    """Yield the lines of one service."""
    target = draft.target
    if target.problem is not None:
        yield f"# left out: {printable(target.service)}: {printable(target.problem.message)}"
        return
    service = services.kinds()[target.kind]
    header = ".".join(map(toml_key, ("environments", environment, "services", target.service)))
    yield f"[{header}]{f'   # {printable(draft.remark)}' if draft.remark else ''}"
    if draft.nodes:
        yield f"urls = [{', '.join(_literal(_url(node, service, folder)) for node in draft.nodes)}]"
    else:
        yield f"url = {_with_user(_literal(_url(target, service, folder)), draft, variable)}"
    if draft.needs_password:
        yield f"password_env = {toml_string(variable)}"
    if draft.password_hint:
        yield f"# or {printable(draft.password_hint)}"
    if not target.is_unix_socket and target.tls != (
        TlsMode.VERIFY_FULL if target.scheme in service.tls_schemes else service.tls
    ):
        yield f"tls = {_literal(target.tls)}"
    for name in ("ca", "cert", "key"):
        if file := getattr(target, name):
            yield f"{name} = {_literal(_relative(file, folder))}"
    for name, value in target.options.items():
        yield f"{toml_key(name)} = {_option(value, variable)}"


def _with_user(url: str, draft: ServiceDraft, variable: str) -> str:
    """Return a URL in quotes with a reference to a variable in the place of a user that is kept elsewhere."""
    return url.replace("://", f"://${{{user_variable(variable)}}}@", 1) if draft.user_origin else url


def user_variable(variable: str) -> str:
    """Return the variable of the user beside that of the password.

    >>> user_variable("PRODUCTION_DATABASE_PASSWORD"), user_variable("A_B_PASSWORD_2")
    ('PRODUCTION_DATABASE_USER', 'A_B_USER_2')
    """
    before, _, after = variable.rpartition("_PASSWORD")
    return f"{before}_USER{after}"


def _url(target: Target, service: Service, folder: Path) -> str:
    """Return the URL of a target, without a password."""
    user = f"{quote(target.user, safe='')}@" if target.user else ""
    host = quote(target.host, safe="") if target.is_unix_socket else target.host
    host = f"[{target.host.replace('%', '%25')}]" if ":" in host else host
    authority = f"{user}{host}{f':{target.port}' if target.port else ''}"
    if service.port:
        path = quote(target.path, safe="")
    elif "+" in target.scheme:
        path = quote(target.path.removeprefix("/"))
    else:
        path = target.path if target.path == ":memory:" else quote(_relative(target.path, folder))
    session = "&".join(f"{key}={quote(value, safe='')}" for key, value in _harmless_session(target, service))
    return f"{target.scheme}://{authority}{f'/{path}' if path else ''}{f'?{session}' if session else ''}"


def omitted_options(draft: ServiceDraft) -> list[str]:
    """Return the options of a service's URLs that are not written, because they may hold a secret."""
    service = services.kinds()[draft.target.kind]
    nodes = draft.nodes or (draft.target,)
    return sorted({name for node in nodes for name in node.session.keys() - dict(_harmless_session(node, service))})


def _harmless_session(target: Target, service: Service) -> Iterator[tuple[str, str]]:
    """Yield what the app's URL sets in its sessions, but what a reading of the kind would show as a fingerprint."""
    facts = {f"url.{key}": Fact(value) for key, value in target.session.items()}
    safe = services.redact_reading(Reading("", "", facts), service).facts
    yield from ((key, value) for key, value in target.session.items() if safe.get(f"url.{key}") is facts[f"url.{key}"])


def _relative(file: str, folder: Path) -> str:
    """Return a path relative to ``folder`` where it is beneath it, else the absolute one."""
    path = Path(file)
    name = str(path.relative_to(folder)) if file and path.is_relative_to(folder) else file
    return file if name.startswith(("~", os.sep)) else name


def _has_secret_option(target: Target) -> bool:
    return any(has_password(value) for value in target.options.values())


def _option(value: str, variable: str) -> str:
    """Return an option in quotes; the password of a URL is replaced by a reference to its variable."""
    if not has_password(value):
        return _literal(value)
    scheme, _, rest = str(value).partition("://")
    login, _, host = rest.rpartition("@")
    before, after = f"{scheme}://{login.partition(':')[0]}:", f"@{host}"
    return toml_string(f"{before.replace('$', '$$')}${{{variable}}}{after.replace('$', '$$')}")


def _literal(value: str) -> str:
    """Return a text in quotes in which a dollar starts no reference."""
    return toml_string(value.replace("$", "$$"))
