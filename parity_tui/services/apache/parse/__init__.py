"""Output of the script -> Reading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from parity_tui.model import Fact, Reading, Reason, ServiceError, State
from parity_tui.secrets.spans import redact_quotes
from parity_tui.services._webconfig import flatten
from parity_tui.services.apache.parse.redaction import is_concealed, redacted
from parity_tui.services.apache.parse.statements import statements
from parity_tui.services.apache.parse.tree import tree
from parity_tui.services.apache.version import build_facts, main_file, version
from parity_tui.transport.foreign import foreign
from parity_tui.transport.sudo import check_sudo

_MODULE = re.compile(r"^ (\w+?)(?:_module)? \((static|shared)\)$", re.MULTILINE)
_LOADED_MPM = re.compile(r"^ mpm_(\w+)_module ", re.MULTILINE)
_HOST = re.compile(r"(?<!\S)\((\S+:\d+)\)$", re.MULTILINE)
_OWN_DEFINES = ("DUMP_VHOSTS", "DUMP_RUN_CFG", "DUMP_MODULES", "DUMP_INCLUDES", "DUMP_CONFIG")
_NO_ERROR = re.compile(r"AH00558|AH00111|^Included configuration files:|^\([0-9*]+\) /")
"""unknown host name, unset variable, list of files: never the reason why a check fails"""
_NEEDS_CHECK = ("mpm", "module.*", "define.*")
_TRULY_ABSENT = ("package", "apr", "apr_util", "pcre", "magic number", "architecture", "build.*")
"""facts that do not come from the configuration"""


def parse(output: Mapping[str, str], host: str, path: str = "") -> Reading:
    r"""Return the reading of the script's output. Raises ServiceError.

    Args:
        output: the sections by their titles.
        host: "" for this machine.
        path: the main file, if the target names one.

    >>> config = "# In file: /a.conf\n#   1:\nTimeout 300"
    >>> output = {"version": "Server version: Apache/2.4.71 (Debian)", "result 0": "", "config": config, "end": ""}
    >>> reading = parse(output, "")
    >>> reading.product, reading.version, reading.facts["Timeout"].canonical, reading.facts["Timeout"].source
    ('Apache httpd', '2.4.71', '5 min', '/a.conf:1')
    """
    _check(output, host or "here")
    build, config = output["version"], output.get("config", "")
    package = output.get("package", "")
    facts = {"package": Fact(package)} if package else {}
    facts |= build_facts(build) | _run_facts(output.get("run", ""))
    if "sudo" in output and (loaded := _LOADED_MPM.search(output.get("run", ""))):
        facts["mpm"] = Fact(loaded[1])  # the program without rights cannot see which one is loaded
    why = _why_hidden(output)
    facts |= dict(flatten(tree(statements(config), version(build), whole=not why))) if config else {}
    if why:
        facts["configuration"] = Fact(state=State.HIDDEN, note=why)
    file = path or main_file(build)
    return Reading(
        product="Apache httpd",
        version=version(build),
        facts=facts,
        hidden=tuple(_hidden(config, why)),
        notes=("read from its files; the running server has the state of its last reload",),
        address=f"{host}:{file}" if host else file,
        package=package,
    )


def _check(output: Mapping[str, str], host: str) -> None:
    """Raise ServiceError if the output is not Apache's, or incomplete."""
    if "missing" in output:
        raise ServiceError(Reason.SERVER, f"{host}: no apache2 or httpd on the PATH, nor where it usually is")
    build = output.get("version", "")
    if not version(build):
        first = next((line for line in build.split("\n") if line.strip()), "nothing")
        raise ServiceError(Reason.WRONG_SERVICE, f"{host}: unexpected output of Apache: {foreign(first, 200)}")
    if "end" not in output:
        raise ServiceError(Reason.PROTOCOL, f"{host}: the output is truncated: the shell ended")
    if "sudo" in output:
        user, *commands = f"{output['sudo']}\n".split("\n")
        refused = output.get("error", "") if "result 0" in output else output.get("run", "")
        check_sudo(host, refused, user, [command for command in commands if command])
    if problem := _failed_check(output):
        raise ServiceError(Reason.SERVER, f"{host}: {problem}")
    if "failed" in output:
        raise ServiceError(Reason.SERVER, f"{host}: {foreign(output['failed'], 200)}")


def _run_facts(run: str) -> dict[str, Fact]:
    """Return number of hosts, modules, and the defined names that conditions test."""
    hosts = {match[1] for match in _HOST.finditer(run)}
    facts = {"hosts": Fact(str(len(hosts)))} if "VirtualHost" in run else {}
    facts |= {f"module.{match[1]}": Fact(match[2]) for match in _MODULE.finditer(run)}
    for line in run.split("\n"):
        name, _, value = line.removeprefix("Define: ").partition("=")
        if line.startswith("Define: ") and name not in _OWN_DEFINES:
            secret = is_concealed("Define", name, [value])
            facts[f"define.{name}"] = redacted(value, "") if secret else Fact(value or "yes")
    return facts


def _hidden(config: str, why: str) -> Iterator[tuple[str, str]]:
    """Yield (glob, why) for facts that the script could not read."""
    if why:
        yield from ((name, "") for name in (*_TRULY_ABSENT, *(() if config else _NEEDS_CHECK)))
        yield "*", why


def _why_hidden(output: Mapping[str, str]) -> str:
    """Return why directives are not known, "" if all are."""
    if not output.get("config", ""):
        return "mod_info is not installed there: it prints the directives"
    printed = next((title.partition(" ")[2] for title in output if title.startswith("printed ")), "0")
    if printed != "0":
        return f"mod_info has not printed all directives: Apache ends with code {printed}"
    unread = output.get("unread", "").split("\n")[0].strip()
    return f"the configuration is incomplete: {unread} cannot be read" if unread else ""


def _failed_check(output: Mapping[str, str]) -> str:
    """Return why Apache's check of its configuration fails, "" if it passes."""
    if "result 0" in output:
        return ""
    lines = [line.strip() for line in output.get("run", "").split("\n")]
    errors = [line for line in lines if line and not _NO_ERROR.search(line)]
    return f"its configuration check fails: {foreign(redact_quotes(' '.join(errors[:2])), 300) or 'it says nothing'}"
