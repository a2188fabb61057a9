"""nginx and its forks: the program, its modules, and its configuration, directive by directive.

Reached by commands: `nginx+local://`, `nginx+ssh://ALIAS`, `nginx+docker://CONTAINER`. A path names another main file,
or the folder of an installation (sbin/nginx and conf/nginx.conf in it). One shell script runs `nginx -V` and prints
the configuration files; it tests nothing, opens no log and connects to no server. So the files are compared: the
running server has them as of its last reload. crossplane parses them.

A directive's name includes its context, `http/server[api]/location[/v1]/proxy_read_timeout`; an inherited directive
is shown once, at its outermost position. Hosts are named by the first part of their names.

With `sudo = true` root prints the files: `sudo -n nginx -T`, which tests them as a reload does.

Least privilege: to run `nginx -V`, and to read the main file and its includes; else to run `nginx -T` by sudo.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Image, Reading, ReadOnce, Service, Target
from parity_tui.services.nginx.parse import parse
from parity_tui.services.nginx.parse.output import split_output
from parity_tui.services.nginx.queries import script
from parity_tui.services.nginx.remediation import remediate
from parity_tui.services.nginx.rules import RULES
from parity_tui.transport.threads import in_thread


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Yield a function that runs the script at each call, and parses its output only if that has changed."""
    mark = f"@{secrets.token_hex(8)}"  # random, so that no file can contain it
    text = script(mark, target.path, target.sudo)
    last: tuple[bytes, Reading] | None = None

    async def read() -> Reading:
        nonlocal last
        out = (await dialer.sh(text)).out
        if last is None or last[0] != out:
            printed = out.decode("utf-8", "backslashreplace")  # crossplane would replace such bytes by U+FFFD
            last = out, await in_thread(parse, split_output(printed, mark), target.host)
        return last[1]

    yield read


def programs(target: Target) -> str:
    """Return the program that the script starts."""
    return f"nginx, or sbin/nginx of {target.path}," if target.path else "nginx"


SERVICE = Service(
    title="nginx",
    schemes=(),
    connect=connect,
    privilege="to run nginx -V, and to read nginx.conf and the files that it includes",
    rules=RULES,
    commands=True,
    programs=programs,
    sudo=lambda path: (f"/usr/sbin/nginx -T{f' -c {path}' if path else ''}",),
    release=2,
    role="web",
    images=(
        Image(
            "nginx+docker",
            (
                *("nginx", "nginx-unprivileged", "nginx-proxy", "nginx-proxy-manager", "nginx-php-fpm", "openresty"),
                *("php-nginx", "swag", "angie"),
            ),
        ),
    ),
    remediate=remediate,
)
