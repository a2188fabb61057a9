"""Output of the script -> Reading."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parity_tui.model import Fact, Reading, Reason, ServiceError, State
from parity_tui.secrets.spans import redact_quotes
from parity_tui.services._webconfig import flatten
from parity_tui.services.nginx.parse.output import ScriptOutput
from parity_tui.services.nginx.parse.statements import Statement, statements
from parity_tui.services.nginx.parse.tree import tree
from parity_tui.services.nginx.version import NOT_LOADED, build_facts, loaded_name, product_and_version, tls_facts
from parity_tui.transport.foreign import foreign
from parity_tui.transport.sudo import check_sudo

_PROBLEM = re.compile(r"\[(?:emerg|alert)\] (?:\d+#\d+: )?(.+)")


def parse(output: ScriptOutput, host: str) -> Reading:
    """Return the reading of the script's output; ``host`` is "" for this machine. Raises ServiceError.

    >>> files = {"/nginx.conf": "events {} http { client_max_body_size 8m; server { gzip on; } }"}
    >>> reading = parse(ScriptOutput("nginx version: nginx/1.22.1", "/nginx.conf", files, whole=True), "")
    >>> reading.version, reading.facts["http/client_max_body_size"].canonical, reading.facts["http/gzip"].raw
    ('1.22.1', '8 MB', 'on')
    >>> reading.facts["http/proxy_read_timeout"].canonical, reading.facts["http/proxy_read_timeout"].default
    ('1 min', True)
    """
    product, version = product_and_version(output.build)
    _check(output, product, host or "here")
    configuration = statements(output)
    unread = list(_unread(output))
    why = f"the configuration is incomplete: {unread[0]} cannot be read" if unread else ""
    facts = dict(flatten(tree(configuration, version, whole=not unread)))
    facts |= tls_facts(output.build)
    facts |= build_facts(output.build)
    facts |= _loaded_modules(configuration)
    if unread:
        facts |= _not_whole(facts, why)
    return Reading(
        product=product,
        version=version,
        facts=facts,
        hidden=(("module.*", ""), ("openssl.*", ""), ("build.*", ""), ("*", why)) if unread else (),
        notes=tuple(_notes(facts, why)),
        address=f"{host}:{output.main}" if host else output.main,
    )


def _check(output: ScriptOutput, product: str, host: str) -> None:
    """Raise ServiceError if the output is no nginx's, or incomplete."""
    if output.missing is not None:
        problem = f"no program {output.missing}" if output.missing else "no nginx on the PATH, nor where it usually is"
        raise ServiceError(Reason.SERVER, f"{host}: {problem}")
    if not product:
        first = output.build.strip().split("\n")[0]
        raise ServiceError(
            Reason.WRONG_SERVICE, f"{host}: unexpected output of nginx: {foreign(first, 200) or 'nothing'}"
        )
    if output.sudo is not None and output.sudo.code != "0":
        check_sudo(host, output.sudo.error, output.sudo.user, [output.sudo.command])
        match = _PROBLEM.search(output.sudo.error)
        problem = match[1] if match else output.sudo.error.strip().split("\n")[0]
        raise ServiceError(Reason.SERVER, f"{host}: nginx -T fails: {foreign(redact_quotes(problem), 300)}")
    if not output.whole or output.main not in {*output.files, *output.unread}:
        raise ServiceError(Reason.PROTOCOL, f"{host}: the configuration is truncated: too large, or the shell ended")
    if output.failed:
        raise ServiceError(Reason.SERVER, f"{host}: {foreign(output.failed)}")
    if output.main in output.unread:
        raise ServiceError(Reason.FORBIDDEN, f"{host}: {output.main} does not exist, or this user cannot read it")


def _unread(output: ScriptOutput) -> Iterator[str]:
    """Yield what could not be read of the includes: closed folders, files, and patterns without a match, which nginx
    allows only for globs.
    """
    for pattern in dict.fromkeys(output.used):
        yield from output.closed.get(pattern, ())
        files = output.includes.get(pattern, [])
        yield from (file for file in files if file not in output.files or file in output.unread)
        recognized = pattern in output.includes
        if not recognized or not (files or any(sign in pattern for sign in "*?[")):
            yield pattern


def _loaded_modules(configuration: list[Statement]) -> dict[str, Fact]:
    loads = [each["args"][0] for each in configuration if each["directive"] == "load_module" and each["args"]]
    return {f"module.{loaded_name(path)}": Fact("dynamic, loaded") for path in loads}


def _not_whole(facts: dict[str, Fact], why: str) -> dict[str, Fact]:
    """Return the facts that a file which was not read may change: also where no environment shows any."""
    unsure = [name for name, fact in facts.items() if name.startswith("module.") and fact.raw == NOT_LOADED]
    return dict.fromkeys(("configuration", *unsure), Fact(state=State.HIDDEN, note=why))


def _notes(facts: dict[str, Fact], why: str) -> Iterator[str]:
    yield "read from its files; the running server has the state of its last reload"
    if why:
        yield why
    if facts.get("openssl.mismatch", Fact()).raw == "yes":
        yield f"built with {facts['openssl.built'].raw}, and runs with {facts['openssl.running'].raw}"
