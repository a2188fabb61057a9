"""A machine: its system, libraries, limits and packages, and the tools that set it up.

Reached by commands: here (host+local://), over ssh (host+ssh://ALIAS), in a container (host+docker://NAME); on Linux
and macOS. One POSIX shell script reads files and asks a few programs for their versions. It changes nothing and
leaves out anything that does not exist. It does not read the machine's identity (host name, machine id, addresses)
nor values that always change (uptime, load).

`packages = "nginx, openssl, libicu*"` names the packages to compare; the default is those of well-known services.
Limits, locale and TZ are those of the login that runs the script; a service may have others.

Least privilege: to log in.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Reading, ReadOnce, Service, Target
from parity_tui.services.host.parse import parse
from parity_tui.services.host.parse.clock import lead, step
from parity_tui.services.host.parse.output import check_whole, split_output
from parity_tui.services.host.queries import script
from parity_tui.services.host.remediation import remediate
from parity_tui.services.host.rules import RULES
from parity_tui.transport.threads import in_thread_if_large


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Yield a function that runs the script at each call; it remembers the step of the clock between readings."""
    clock = ""

    async def read() -> Reading:
        nonlocal clock
        mark = f"@@{secrets.token_hex(8)}"  # random, so that no file can contain it
        asked = time.time()
        result = await dialer.sh(script(mark))
        answered = time.time()
        output = split_output(result.out, result.error, mark)
        check_whole(output)
        ahead = lead(output["now"], asked, answered)
        clock = step(ahead, clock) if ahead else ""
        return await in_thread_if_large(len(result.out), parse, output, clock, target)

    yield read


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
