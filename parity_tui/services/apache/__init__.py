"""Apache httpd: the program, its modules, and its configuration, directive by directive in its context.

Read with one script of the shell where it runs: `apache+local://`, `apache+ssh://ALIAS`,
`apache+docker://CONTAINER`; a path names another main file. The script asks the program itself: `-V`, then `-t` with
DUMP_MODULES, DUMP_RUN_CFG, DUMP_VHOSTS and DUMP_CONFIG, which read the configuration and start nothing. What is
compared is so what the files say: what runs is that as of the last reload. DUMP_CONFIG is mod_info's: where that
module is not to be had, directives are hidden. No parser of others is used: those that there are have not been kept.

Directives are named by where they stand, `VirtualHost[api]/ProxyPass[/]`; hosts are told apart by the first part of
their names, and the folder of documents is called so, wherever it lies.

Least privilege: to run `apache2 -t`, and to read the configuration; it looks whether the files of certificates are
there, so where those are closed to others it takes their owner.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Fact, Reading, ReadOnce, Reason, Service, ServiceError, Target
from parity_tui.services._webconfig import flatten
from parity_tui.services.apache.queries import answers, script
from parity_tui.services.apache.rules import RULES
from parity_tui.services.apache.tree import lines, tree
from parity_tui.transport.event_loop import in_thread

_VERSION = re.compile(r"^Server version: Apache/([\w.-]+)", re.MULTILINE)
_FIELDS = {"Server MPM": "mpm", "Architecture": "architecture", "Server's Module Magic Number": "magic number"}
_LIBRARIES = {"APR": "apr", "APR-UTIL": "apr_util", "PCRE": "pcre"}
_MODULE = re.compile(r"^ (\w+?)(?:_module)? \((static|shared)\)$", re.MULTILINE)
_BUILD = re.compile(r"^ -D (\w+)(?:=(\S+))?", re.MULTILINE)
_OURS = ("DUMP_VHOSTS", "DUMP_RUN_CFG", "DUMP_MODULES", "DUMP_CONFIG")
_HOST = re.compile(r"\((\S+:\d+)\)$", re.MULTILINE)
_NOISE = ("AH00558", "AH00111")
"""that its own name is not known, that a variable is not set: not why a check fails"""


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Give what runs the script anew each time; what it prints is parsed only where it has changed."""
    mark = f"@{secrets.token_hex(8)}"  # nobody can write it into a file beforehand
    text = script(mark, target.path)
    last: tuple[dict[str, str], Reading] | None = None

    async def read() -> Reading:
        nonlocal last
        output = await dialer.sh(text)
        said = answers(output.out.decode("utf-8", "surrogateescape"), mark)
        if last is None or last[0] != said:
            last = said, await in_thread(parse, said, target.host, target.path)
        return last[1]

    yield read


def parse(said: Mapping[str, str], host: str, path: str = "") -> Reading:
    r"""Return the reading of what the program has said; ``host`` is "" here.

    >>> config = "# In file: /a.conf\n#   1:\nTimeout 300"
    >>> said = {"version": "Server version: Apache/2.4.71 (Debian)", "result 0": "", "config": config, "end": ""}
    >>> reading = parse(said, "")
    >>> reading.product, reading.version, reading.facts["Timeout"].canonical, reading.facts["Timeout"].source
    ('Apache httpd', '2.4.71', '5 min', '/a.conf:1')
    """
    where = host or "here"
    if "missing" in said:
        raise ServiceError(Reason.SERVER, f"{where}: no apache2 or httpd on the PATH, nor where it usually is")
    words = said.get("version", "")
    found = _VERSION.search(words)
    if not found:
        first = next((line for line in words.split("\n") if line.strip()), "nothing")[:200]
        raise ServiceError(Reason.WRONG_SERVICE, f"{where}: the program says what no Apache does: {first}")
    if "end" not in said:
        raise ServiceError(Reason.PROTOCOL, f"{where}: the answer is cut off, the shell has ended")
    config = said.get("config", "")
    facts = _built(words, said.get("package", "")) | _running(said.get("run", ""))
    facts |= dict(flatten(tree(lines(config), found[1]))) if config else {}
    file = path or _main_file(words)
    return Reading(
        product="Apache httpd",
        version=found[1],
        facts=facts,
        hidden=tuple(_hidden(said, config)),
        notes=("what its files say; what runs is that as of the last reload",),
        address=f"{host}:{file}" if host else file,
    )


def _built(words: str, package: str) -> dict[str, Fact]:
    r"""Return what `-V` says.

    >>> facts = _built("Server MPM:     event\nServer loaded:  APR 1.7.2, PCRE 10.42 2022\n -D APR_HAS_MMAP", "2.4-1")
    >>> {name: fact.raw for name, fact in facts.items()}
    {'package': '2.4-1', 'mpm': 'event', 'apr': '1.7.2', 'pcre': '10.42', 'build.APR_HAS_MMAP': 'yes'}
    """
    facts = {"package": Fact(package)} if package else {}
    for line in words.split("\n"):
        name, _, value = line.partition(":")
        if name in _FIELDS and value.strip():
            facts[_FIELDS[name]] = Fact(value.strip())
        if name == "Server loaded":
            for library in value.split(","):
                title, _, number = library.strip().partition(" ")
                if title in _LIBRARIES:
                    facts[_LIBRARIES[title]] = Fact(number.split()[0] if number.split() else "")
    for found in _BUILD.finditer(words):
        if not (found[2] or "").startswith('"'):  # paths
            facts[f"build.{found[1]}"] = Fact(found[2] or "yes")
    return facts


def _running(words: str) -> dict[str, Fact]:
    """Return the modules, the number of hosts, and the names that conditions ask for."""
    hosts = {found[1] for found in _HOST.finditer(words)}
    facts = {"hosts": Fact(str(len(hosts)))} if "VirtualHost" in words else {}
    facts |= {f"module.{found[1]}": Fact(found[2]) for found in _MODULE.finditer(words)}
    for line in words.split("\n"):
        if line.startswith("Define: ") and (name := line.removeprefix("Define: ").partition("=")[0]) not in _OURS:
            facts[f"define.{name}"] = Fact(line.partition("=")[2] or "yes")
    return facts


def _hidden(said: Mapping[str, str], config: str) -> Iterator[tuple[str, str]]:
    """Yield what is missing because it could not be asked, and why."""
    ran = "result 0" in said
    words = said.get("run", "")
    told = [line.strip() for line in words.split("\n") if line.strip() and not any(n in line for n in _NOISE)]
    why = f"its check of the configuration fails: {' '.join(told[:2])[:300] or 'it says nothing'}"
    if ran and config:
        return
    yield from (
        (name, "") for name in ("package", "apr", "apr_util", "pcre", "magic number", "architecture", "build.*")
    )
    if ran:
        yield from ((name, "") for name in ("mpm", "module.*", "define.*"))
    yield "*", "mod_info is not installed there: it prints the directives" if ran else why


def _main_file(words: str) -> str:
    """Return the name of the main file that it was built with."""
    said = dict(re.findall(r'^ -D (\w+)="(.*)"$', words, re.MULTILINE))
    name = said.get("SERVER_CONFIG_FILE", "")
    return name if name.startswith("/") or not name else f"{said.get('HTTPD_ROOT', '')}/{name}"


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    """Return the command or the line that would set a value, "" where there is none.

    >>> remediate("module.rewrite", "shared", Fact())
    'a2enmod rewrite   # on Debian; then apachectl graceful'
    >>> remediate("Timeout", "300", Fact("60", source="default"))
    'Timeout 300   # in the main file; then apachectl -t && apachectl graceful'
    """
    if setting.startswith("module.") and wanted == "shared":
        return f"a2enmod {setting.removeprefix('module.')}   # on Debian; then apachectl graceful"
    context, _, name = setting.rpartition("/") if "[" not in setting else ("", "", "")
    if not wanted or not name.isalnum() or name[0].islower() or any(sign in wanted for sign in ";\n\r<>"):
        return ""
    place = f", at {fact.source}" if ":" in fact.source else ""
    return f"{name} {wanted}   # in {context or 'the main file'}{place}; then apachectl -t && apachectl graceful"


SERVICE = Service(
    title="Apache httpd",
    schemes=(),
    connect=connect,
    privilege="to run apache2 -t, and to read its configuration",
    rules=RULES,
    commands=True,
    release=2,
    remediate=remediate,
)
