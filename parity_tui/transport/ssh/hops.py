"""The jump hosts that the user's configuration names."""

from __future__ import annotations

import re

from parity_tui.model import Reason, ServiceError
from parity_tui.transport.child_environ import child_environ
from parity_tui.transport.commands import Commands
from parity_tui.transport.ssh.client import Destination, client_environ
from parity_tui.transport.supervised import LocalProcess

_SECONDS = 10
"""for the client to read its configuration, in which Match may run commands"""


async def proxy_jump(destination: Destination) -> str:
    """Return the value of ProxyJump for a destination, "" for none.

    Raises ServiceError where ssh is not installed.
    """
    import asyncio
    import shutil

    if shutil.which("ssh") is None:
        raise ServiceError(Reason.TUNNEL, "the command ssh is not installed here")
    options = ["-l", destination.user] if destination.user else []
    options += ["-p", str(destination.port)] if destination.port else []
    process = LocalProcess(["ssh", "-T", "-G", *options, "--", destination.host], client_environ(child_environ()))
    commands = Commands()
    try:
        async with asyncio.timeout(_SECONDS):
            output = await commands.run("hops", process, "", 1_000_000, _SECONDS, "ssh")
    except (TimeoutError, ServiceError):  # the login will show why
        return ""
    finally:
        await commands.close()
    found = re.search(rb"^proxyjump ([^\r\n%]+)\r?$", output.out, re.MULTILINE)
    hops = found[1].decode(errors="replace").strip() if found and not output.code else ""
    return "" if hops.lower() == "none" else hops


def parse_hops(text: str) -> Destination:
    """Return the last of several jump hosts, [user@]host[:port] each; those before it lead there.

    >>> parse_hops("bastion")
    Destination(host='bastion', user='', port=0, jump='')
    >>> parse_hops("ann@outer:2222,ssh://[::1]:22")
    Destination(host='::1', user='', port=22, jump='ann@outer:2222')
    """
    before, _, last = text.rpartition(",")
    user, _, address = last.removeprefix("ssh://").rstrip("/").rpartition("@")
    found = re.fullmatch(r"\[(.+)\](?::(\d+))?|([^:]+):(\d+)", address)
    if found is None:
        return Destination(address, user, 0, before)
    return Destination(found[1] or found[3], user, int(found[2] or found[4] or 0), before)
