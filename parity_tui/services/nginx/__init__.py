"""nginx and its kin: the program, its modules, and its configuration, directive by directive in its context.

Read with one script of the shell where it runs: `nginx+local://`, `nginx+ssh://ALIAS`, `nginx+docker://CONTAINER`. A
path names another main file, or the folder of an installation (sbin/nginx and conf/nginx.conf in it). The script
runs `nginx -V` and prints the files; it tests nothing, opens no log and asks no running server. So what is compared
is what the files say: what runs is that as of the last reload. The files are parsed by crossplane.

Directives are named by where they stand, `http/server[api]/location[/v1]/proxy_read_timeout`, and what is inherited
is shown once, at the highest place that it holds for. Hosts are told apart by the first part of their names.

Least privilege: to run `nginx -V`, and to read the main file and what it includes.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Fact, Reading, ReadOnce, Reason, Service, ServiceError, Target
from parity_tui.services._webconfig import flatten
from parity_tui.services.nginx import version as version_of
from parity_tui.services.nginx.queries import Printed, printed, script
from parity_tui.services.nginx.rules import RULES
from parity_tui.services.nginx.tree import Statement, statements, tree
from parity_tui.transport.event_loop import in_thread


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Give what runs the script anew each time; what it prints is parsed only where it has changed."""
    mark = f"@{secrets.token_hex(8)}"  # nobody can write it into a file beforehand
    text = script(mark, target.path)
    last: tuple[bytes, Reading] | None = None

    async def read() -> Reading:
        nonlocal last
        output = await dialer.sh(text)
        if last is None or last[0] != output.out:
            said = output.out.decode("utf-8", "backslashreplace")  # crossplane would take any such byte for U+FFFD
            last = output.out, await in_thread(parse, printed(said, mark), target.host)
        return last[1]

    yield read


def parse(said: Printed, host: str) -> Reading:
    """Return the reading of what the script has printed; ``host`` is "" here.

    >>> files = {"/nginx.conf": "events {} http { client_max_body_size 8m; server { gzip on; } }"}
    >>> reading = parse(Printed("nginx version: nginx/1.22.1", "/nginx.conf", files, whole=True), "")
    >>> reading.version, reading.facts["http/client_max_body_size"].canonical, reading.facts["http/gzip"].raw
    ('1.22.1', '8 MB', 'on')
    >>> reading.facts["http/proxy_read_timeout"].canonical, reading.facts["http/proxy_read_timeout"].default
    ('1 min', True)
    """
    product, version = version_of.product(said.build)
    _check(said, product, host or "here")
    found = statements(said)
    lost = [*said.unread, *_not_there(said)]
    why = f"the configuration is not whole: {lost[0]} cannot be read" if lost else ""
    facts = dict(flatten(tree(found, version, whole=not lost)))
    facts |= version_of.tls(said.build)
    facts |= _modules(said.build, found)
    return Reading(
        product=product,
        version=version,
        facts=facts,
        hidden=(("module.*", ""), ("*", why)) if lost else (),
        notes=tuple(_notes(facts, why)),
        address=f"{host}:{said.main}" if host else said.main,
    )


def _check(said: Printed, product: str, where: str) -> None:
    """Raise ServiceError where there is nothing to compare."""
    if said.missing is not None:
        looked = f"no program {said.missing}" if said.missing else "no nginx on the PATH, nor where it usually is"
        raise ServiceError(Reason.SERVER, f"{where}: {looked}")
    if not product:
        first = said.build.strip().split("\n")[0][:200]
        raise ServiceError(
            Reason.WRONG_SERVICE, f"{where}: the program nginx says what no nginx does: {first or 'nothing'}"
        )
    if not said.whole:
        raise ServiceError(
            Reason.PROTOCOL, f"{where}: the configuration is cut off, it is too large or the shell has ended"
        )
    if said.main in said.unread:
        raise ServiceError(Reason.FORBIDDEN, f"{where}: {said.main} is not there, or cannot be read by this user")


def _not_there(said: Printed) -> Iterator[str]:
    """Yield the names of included files that do not exist; patterns may stand for none."""
    for name, files in said.includes.items():
        if not files and not any(sign in name for sign in "*?["):
            yield name


def _modules(text: str, found: list[Statement]) -> dict[str, Fact]:
    """Return the modules that it has, and those that the configuration loads."""
    facts = dict(version_of.modules(text))
    for statement in found:
        if statement["directive"] == "load_module" and statement["args"]:
            facts[f"module.{version_of.loaded_name(statement['args'][0])}"] = Fact("dynamic, loaded")
    return facts


def _notes(facts: dict[str, Fact], why: str) -> Iterator[str]:
    """Yield what a person should know of this reading."""
    yield "what its files say; what runs is that as of the last reload"
    if why:
        yield why
    if facts.get("openssl.mismatch", Fact()).raw == "yes":
        yield f"built with {facts['openssl.built'].raw}, and runs with {facts['openssl.running'].raw}"


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    r"""Return the line that would set a directive, and where it belongs; "" where there is none.

    >>> remediate("http/client_max_body_size", "10m", Fact("1m", source="/etc/nginx/nginx.conf:7"))
    'client_max_body_size 10m;   # in http, at /etc/nginx/nginx.conf:7; then nginx -t && nginx -s reload'
    """
    context, _, name = setting.rpartition("/") if "[" not in setting else _split(setting)
    directive, _, key = name.partition("[")
    if not wanted or not directive.replace("_", "").isalnum() or setting.startswith(_NO_LINE) or ";" in wanted:
        return ""
    if directive in ("ssl", "http2", "http3", "listen_proxy_protocol", "type") or any(c in wanted for c in "\n\r{}"):
        return ""
    key = f"{key.removesuffix(']')} " if key else ""
    place = f", at {fact.source}" if ":" in fact.source else ""
    return f"{directive} {key}{wanted};   # in {context or 'the main file'}{place}; then nginx -t && nginx -s reload"


def _split(setting: str) -> tuple[str, str, str]:
    """Return context and name of a setting: slashes in brackets part nothing."""
    depth = 0
    for index in range(len(setting) - 1, -1, -1):
        depth += {"]": 1, "[": -1}.get(setting[index], 0)
        if setting[index] == "/" and depth == 0:
            return setting[:index], "/", setting[index + 1 :]
    return "", "", setting


_NO_LINE = ("module.", "openssl.", "build.", "order of")

SERVICE = Service(
    title="nginx",
    schemes=(),
    connect=connect,
    privilege="to run nginx -V, and to read nginx.conf and the files that it includes",
    rules=RULES,
    commands=True,
    release=2,
    remediate=remediate,
)
