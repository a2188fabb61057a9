"""Apache httpd: the program, its modules, and its configuration, directive by directive.

Reached by commands: `apache+local://`, `apache+ssh://ALIAS`, `apache+docker://CONTAINER`; a path names another main
file. One shell script runs the program with `-V`, then with `-t` and DUMP_MODULES, DUMP_RUN_CFG, DUMP_VHOSTS and
DUMP_CONFIG, which read the configuration and start nothing. So the files are compared: the running server has them as
of its last reload. DUMP_CONFIG belongs to mod_info; without that module the directives are hidden. No parser library
is used, because none for this format is maintained.

A directive's name includes its context, `VirtualHost[api]/ProxyPass[/]`; hosts are named by the first part of their
names, and the document root is called DocumentRoot, whatever its path.

Least privilege: to run `apache2 -t`, and to read the configuration. The program checks that the files of certificates
exist: if other users cannot see those, it takes their owner, or `sudo = true`: then root runs the two checks.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Image, Reading, ReadOnce, Service, Target
from parity_tui.services.apache.parse import parse
from parity_tui.services.apache.parse.output import split_output
from parity_tui.services.apache.queries import script
from parity_tui.services.apache.remediation import remediate
from parity_tui.services.apache.rules import RULES
from parity_tui.transport.threads import in_thread


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Yield a function that runs the script at each call, and parses its output only if that has changed."""
    mark = f"@{secrets.token_hex(8)}"  # random, so that no file can contain it
    text = script(mark, target.path, target.sudo)
    last: tuple[dict[str, str], Reading] | None = None

    async def read() -> Reading:
        nonlocal last
        out = (await dialer.sh(text)).out
        output = split_output(out.decode("utf-8", "surrogateescape"), mark)
        if last is None or last[0] != output:
            last = output, await in_thread(parse, output, target.host, target.path)
        return last[1]

    yield read


def as_root(path: str) -> tuple[str, ...]:
    """Return the command lines that `sudo = true` runs as root on Debian; ``path`` is the main file or ""."""
    program = f"/usr/sbin/apache2ctl{f' -f {path}' if path else ''}"
    info = "-C LoadModule info_module /usr/lib/apache2/modules/mod_info.so"
    return (
        f"{program} -t -D DUMP_VHOSTS -D DUMP_RUN_CFG -D DUMP_MODULES -D DUMP_INCLUDES",
        f"{program} {info} -t -D DUMP_CONFIG",
    )


def programs(target: Target) -> str:
    """Return the programs that the script starts; it reads Debian's variables, a shell script, beside the main file."""
    return f"apache2, and envvars beside {target.path}," if target.path else "apache2"


SERVICE = Service(
    title="Apache httpd",
    schemes=(),
    connect=connect,
    privilege="to run apache2 -t, and to read its configuration",
    rules=RULES,
    commands=True,
    programs=programs,
    sudo=as_root,
    release=2,
    role="web",
    images=(Image("apache+docker", ("httpd", "apache", "apache2")),),
    remediate=remediate,
)
