"""Output of the script -> Reading."""

from __future__ import annotations

from parity_tui.drift.policy import matches
from parity_tui.model import Fact, Reading, State, Target
from parity_tui.services.host.parse.limits import limits
from parity_tui.services.host.parse.machine import machine
from parity_tui.services.host.parse.names import names
from parity_tui.services.host.parse.output import ScriptOutput
from parity_tui.services.host.parse.packages import packages, unlisted
from parity_tui.services.host.parse.system import product_and_version, system
from parity_tui.transport.foreign import foreign

_ALWAYS = ("arch", "kernel", "cpus", "memory", "timezone")
"""facts that every Linux has: where one is missing, the program that reports it is"""
_NOT_REPORTED = Fact(state=State.UNKNOWN, note="no program of the machine reports it")


def parse(output: ScriptOutput, clock: str, target: Target) -> Reading:
    """Return the reading of the script's output; ``clock`` is the step of the clock, "" if unknown.

    Raises ServiceError if the output names no system.
    """
    product, version = product_and_version(output)
    wanted = target.options.get("packages", "")
    facts = {**system(output), **limits(output), **machine(output), **names(output), **packages(output, wanted)}
    if output["uname"].startswith("Linux"):
        facts = {**dict.fromkeys(_ALWAYS, _NOT_REPORTED), **facts}
    hidden: tuple[tuple[str, str], ...] = ()
    if why := unlisted(output):
        facts["packages"], hidden = Fact(state=State.HIDDEN, note=why), (("package.*", why),)
    if "procfs" in output and not output["sysctl"]:
        why = "/proc/sys cannot be read"
        facts["sysctl"] = Fact(state=State.HIDDEN, note=why)
        hidden += tuple((glob, why) for glob in ("vm.*", "net.*", "fs.*", "kernel.*", "user.*"))
    unread = output.pairs("closed").items()
    closed = tuple((glob, foreign(why, 200)) for globs, why in unread for glob in globs.split())
    facts = {name: fact for name, fact in facts.items() if not any(matches(glob, name) for glob, _ in closed)}
    hidden += closed
    if clock:
        facts["clock_offset"] = Fact(clock, note="against the clock of the machine that parity-tui runs on")
    return Reading(product, version, facts, hidden, address=target.address)
