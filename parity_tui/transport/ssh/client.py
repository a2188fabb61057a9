"""How OpenSSH's client is called: destination, options, environment."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from collections.abc import Mapping

from msgspec import Struct

from parity_tui.transport.child_environ import child_environ
from parity_tui.transport.supervised import supervised

_OPTIONS = (
    "BatchMode=yes", "ConnectTimeout=5", "ServerAliveInterval=5", "ServerAliveCountMax=2", "ClearAllForwardings=yes",
    "PermitLocalCommand=no", "RemoteCommand=none", "ForwardAgent=no", "ForwardX11=no", "Tunnel=no",
    "UpdateHostKeys=no", "ControlPersist=no", "LogLevel=INFO",
)  # fmt: skip

NO_LOGIN = ("-o", "ProxyCommand=false", "-o", "ControlMaster=no")
"""options, to be the first ones, of a client that uses a shared connection or fails: never a login of its own"""


class Destination(Struct, frozen=True):
    """Host at the far end of a connection."""

    host: str
    """name, or alias of the user's configuration"""
    user: str = ""
    port: int = 0
    jump: str = ""
    """alias of the jump host, "" for a direct connection"""


def arguments(destination: Destination, control: str, hop: list[str] | None = None) -> list[str]:
    """Return the arguments that every use of the client shares, up to the name of the host.

    Args:
        destination: the host.
        control: path of the control socket.
        hop: the arguments for the jump host, whose connection carries this one.
    """
    options = ["-T", "-o", f"ControlPath={control.replace('%', '%%')}"]
    options += [word for option in _OPTIONS for word in ("-o", option)]
    options += ["-l", destination.user] if destination.user else []
    options += ["-p", str(destination.port)] if destination.port else []
    if hop is not None:
        words = shlex.join([*NO_LOGIN, *hop]).replace("%", "%%")
        options += ["-o", f"ProxyCommand=ssh -W '[%h]:%p' {words}"]
    return [*options, "--", destination.host]


def socket_folder() -> str:
    """Make a private folder for a control socket, whose path may have 104 bytes."""
    temporary = tempfile.gettempdir()
    return tempfile.mkdtemp(prefix="parity-ssh-", dir=temporary if len(temporary) < 60 else "/tmp")  # noqa: S108


def start(arguments: list[str], folder: str) -> subprocess.Popen[bytes]:
    """Start a client that logs in, for others to share; its input is the pipe that keeps it alive.

    Args:
        arguments: those that every use of the client shares.
        folder: removed at its end.
    """
    return subprocess.Popen(  # noqa: S603 - the configuration names the host, checked to be no option
        supervised(["ssh", "-N", "-n", "-o", "ControlMaster=yes", *arguments], folder=folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
        env=client_environ(child_environ()),
    )


def client_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables of a client that never prompts and sends no locale to the far end.

    >>> client_environ({"HOME": "/home/ann", "DISPLAY": ":0", "LC_TIME": "de_AT.UTF-8"})
    {'HOME': '/home/ann', 'SSH_ASKPASS_REQUIRE': 'never'}
    """
    result = {name: value for name, value in environ.items() if not name.startswith(("LC_", "LANG"))}
    for name in ("DISPLAY", "SSH_ASKPASS"):
        result.pop(name, None)
    return {**result, "SSH_ASKPASS_REQUIRE": "never"}
