"""A machine: its system, libraries, limits and packages, and what made it what it is.

Read by one script of the POSIX shell, here (host+local://), over ssh (host+ssh://ALIAS) or in a container
(host+docker://NAME), on Linux and macOS. The script reads files and asks a few programs for their versions: it
changes nothing, and leaves out what is not there. What names a machine (host name, machine id, addresses) and what
never stands still (uptime, load) is not read at all.

`packages = "nginx, openssl, libicu*"` says which packages are compared; without it those that well-known services
are made of. Limits, locale and TZ are those of the login that runs the script: a service may have others.

Least privilege: to log in.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Fact, Reading, ReadOnce, Reason, Service, ServiceError, Target
from parity_tui.services.host.clock import lead, step
from parity_tui.services.host.machine import machine
from parity_tui.services.host.packages import packages
from parity_tui.services.host.parts import Parts
from parity_tui.services.host.queries import marked
from parity_tui.services.host.remediation import remediate
from parity_tui.services.host.rules import RULES
from parity_tui.services.host.system import limits, product, system


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Give what runs the script anew each time; the step of the clock is remembered between readings."""
    clock = ""

    async def read() -> Reading:
        nonlocal clock
        mark, script = marked()
        asked = time.time()
        output = await dialer.sh(script)
        answered = time.time()
        parts = answer(output.out, output.error, mark)
        ahead = lead(parts["now"], asked, answered)
        clock = step(ahead, clock) if ahead else ""
        return parse(parts, clock, target)

    yield read


def answer(out: bytes, error: bytes, mark: str) -> Parts:
    r"""Return what the script has printed, or say what was heard in its place.

    >>> answer(b"", b"sh: not found\n", "@@7")
    Traceback (most recent call last):
        ...
    parity_tui.model.failure.ServiceError: the machine ran no script: sh: not found
    """
    if mark.encode() in out:
        return Parts(out, mark)
    words = (error.strip() or out.strip()).decode(errors="backslashreplace").split("\n")[-1].strip()[:200]
    raise ServiceError(Reason.WRONG_SERVICE, f"the machine ran no script: {words or 'it said nothing'}")


def parse(parts: Parts, clock: str, target: Target) -> Reading:
    """Return the reading of what the script has printed; ``clock`` is how far the clock is off, in words."""
    name, version = product(parts)
    facts = {**system(parts), **limits(parts), **machine(parts), **packages(parts, target.options.get("packages", ""))}
    if clock:
        facts["clock_offset"] = Fact(clock, note="against the clock of the machine that parity-tui runs on")
    return Reading(name, version, facts, address=target.address)


SERVICE = Service(
    title="Host",
    schemes=(),
    connect=connect,
    privilege="to log in",
    commands=True,
    options=("packages",),
    rules=RULES,
    remediate=remediate,
)
