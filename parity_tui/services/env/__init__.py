"""The variables of the running app: which are set, their shapes, and whether secrets are shared; never their values.

`env:///.env` is a dotenv file beside the configuration, `env:////srv/app/.env` any other; the files of `--env-file`
are compared without being named again. `env+docker://CONTAINER` asks `docker inspect` on the host of the container,
`env+ssh://ALIAS/PID` and `env+ssh://ALIAS/UNIT.service` read the environment of a process, or of the main process of a
systemd unit, as it was started; `env+local:///PID` does so here. `without = "FEATURE_*"` leaves variables out.

A value is hashed with a random key of this process as soon as it is read; only switches, small numbers, log levels,
names of environments and the like are shown. Values are meant to differ: a name that is missing, empty or of another
shape is drift, and a value that must differ (SECRET_KEY, DATABASE_URL) where two environments share it.

Least privilege: to read the file; to ask docker; to log in as the user of the process.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from msgspec.structs import replace

from parity_tui.drift.policy import matches
from parity_tui.model import Dialer, Reading, ReadOnce, Reason, Service, ServiceError, Target
from parity_tui.services.env.parse import of_container, of_dotenv, of_process, parse
from parity_tui.services.env.queries import container_script, process_script
from parity_tui.services.env.rules import RULES
from parity_tui.transport.command import ENGINES, way_of
from parity_tui.transport.foreign import foreign
from parity_tui.transport.threads import in_thread
from parity_tui.transport.user_files import read_file

_MOST = 1024 * 1024
"""bytes of a file, and of an answer"""
_PROCESS = re.compile(r"\d{1,10}|[A-Za-z0-9_@][A-Za-z0-9:_.\\@-]{0,255}", re.ASCII)


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Yield the function that reads the variables; nothing stays open in between."""

    async def read() -> Reading:
        if "+" not in target.scheme:
            return await in_thread(_of_file, target)
        if (engine := way_of(target)) in ENGINES:
            output = await dialer.sh(container_script(target.host, engine), _MOST, outside=True)
            variables, started = of_container(output.out, target.host)
            return parse(_selected(target, variables), f"container {target.host}", instance=started)
        name, mark = process(target), f"@@{secrets.token_hex(8)}"
        output = await dialer.sh(process_script(name, mark), _MOST)
        variables, started = of_process(output.out, output.error, mark, name)
        return parse(_selected(target, variables), f"{target.host} {name}".strip(), instance=started)

    yield read


def process(target: Target) -> str:
    """Return the process of a URL: its number, or the name of its unit; in a pod the first of its container by default.

    Raises ServiceError for any other text.

    >>> process(Target("dev", "env", "env", "env+ssh", "web1", path="/shop-web.service"))
    'shop-web.service'
    >>> process(Target("dev", "env", "env", "env+kube", "pod/web-0"))
    '1'
    """
    default = {"local": target.host, "kube": "1"}.get(target.scheme.rpartition("+")[2], "")
    name = target.path.removeprefix("/") or default
    if not _PROCESS.fullmatch(name):
        raise ServiceError(Reason.CONFIG, f"the URL names no process: {target.scheme}://…/1234, or …/UNIT.service")
    return name


def _selected(target: Target, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that are compared: without those of the option `without`, names and globs."""
    without = re.split(r"[\s,]+", target.options.get("without", ""))
    return {name: value for name, value in variables.items() if not any(matches(glob, name) for glob in without)}


def _of_file(target: Target) -> Reading:
    """Return the reading of a dotenv file, without the variables that are services of the board themselves."""
    try:
        text = read_file(target.path, _MOST).decode("utf-8-sig")
    except FileNotFoundError:
        raise ServiceError(Reason.SERVER, f"there is no file {target.path}") from None
    except PermissionError:
        raise ServiceError(Reason.FORBIDDEN, f"the file {target.path} cannot be read: no permission") from None
    except UnicodeDecodeError:  # its message quotes bytes of the file
        raise ServiceError(Reason.SERVER, f"the file {target.path} is not in UTF-8") from None
    except (OSError, ValueError) as error:
        raise ServiceError(Reason.SERVER, f"the file {target.path} cannot be read: {foreign(error)}") from None
    values, unset, malformed = of_dotenv(text)
    reading = parse(_selected(target, values), target.path, unset=unset)
    lines = tuple(f"line {line} cannot be understood and is left out" for line in malformed[:10])
    return replace(reading, notes=(*reading.notes, *lines))


def programs(target: Target) -> str:
    """Return the programs that reading a target starts; raise ServiceError for a file, which starts none."""
    if (engine := way_of(target)) in ENGINES:
        return f"{engine} inspect of the environment"
    if "+" in target.scheme:
        return f"a shell that reads the environment of {process(target)}"
    raise ServiceError(Reason.CONFIG, "a file starts no program")


SERVICE = Service(
    title="Environment variables",
    schemes=("env",),
    connect=connect,
    privilege="to read the file, to ask docker, or to log in as the user of the process",
    rules=RULES,
    commands=True,
    programs=programs,
    options=("without",),
    role="env",
)
