"""A language's runtime: version, build options and installed packages.

`runtime+local://python3.11` is a command on PATH, `runtime+local:///opt/app/bin/python` a file; elsewhere the command
follows the host: `runtime+docker://web/python3`, `runtime+ssh://app1.prod/opt/app/bin/python`. The command's name
decides the language; of a command with an unknown name the first line of `--version` is compared.

One POSIX shell script runs the command once. It changes nothing; the runtime loads the same files as at every start.
`packages = "django, celery"` (globs) limits the comparison to those packages.

Least privilege: to run the command.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Reading, ReadOnce, Reason, Service, ServiceError, Target
from parity_tui.services.runtime.parse import parse
from parity_tui.services.runtime.queries import script
from parity_tui.services.runtime.rules import RULES
from parity_tui.transport.threads import in_thread_if_large


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Yield the function that runs the command."""
    program = command(target)

    async def read() -> Reading:
        mark = f"@@{secrets.token_hex(8)}"
        output = await dialer.sh(script(program, mark))
        text = (output.out or output.error).decode(errors="surrogateescape")
        return await in_thread_if_large(len(text), parse, text, mark, program, target)

    yield read


def command(target: Target) -> str:
    """Return the command in a URL: a name on PATH, or the path of a file.

    >>> command(Target("dev", "app", "runtime", "runtime+local", "python3.11"))
    'python3.11'
    >>> command(Target("dev", "app", "runtime", "runtime+ssh", "web1", path="/opt/app/bin/python"))
    '/opt/app/bin/python'
    >>> command(Target("dev", "app", "runtime", "runtime+docker", "web", path="/node"))
    'node'
    """
    here = target.scheme.endswith("+local") and target.host
    program = target.host if here and not target.path else target.path
    program = program if program.count("/") > 1 else program.removeprefix("/")
    if not program or program.startswith("-") or not program.isprintable():
        raise ServiceError(Reason.CONFIG, f"the URL has no command: {target.scheme}://…/python3, for example")
    return program


SERVICE = Service(
    title="Runtime",
    schemes=(),
    connect=connect,
    privilege="to run the command",
    rules=RULES,
    commands=True,
    programs=command,
    options=("packages",),
    release=2,
)
