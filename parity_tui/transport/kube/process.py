"""The process of `kubectl proxy`: here, or at an ssh host. It ends with this process, and its socket is private."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from parity_tui.model import Reason, ServiceError
from parity_tui.transport.child_environ import child_environ
from parity_tui.transport.commands import Process
from parity_tui.transport.kube.errors import station
from parity_tui.transport.supervised import kill_group, supervised

READY = b"Starting to serve on "
"""beginning of the line that kubectl prints once its socket accepts, followed by the path"""

# kubectl's own standard input is empty, so that no plug-in asks there; $1 is the name of the socket.
_PROXY = """\
socket=$1
shift
umask 077
exec "$@" "--unix-socket=$socket" </dev/null"""

# At an ssh host the folder is made over there; $1 is the script that supervises a command, the rest is kubectl's.
_AT_HOST = """\
umask 077
folder=$(mktemp -d /tmp/parity-kube-XXXXXX) || exit 1
script=$1 proxy=$2
shift 2
exec /bin/sh -c "$script" sh 0 "$folder" sh -c "$proxy" sh "$folder/s" "$@\""""


class Kubectl(Protocol):
    """A running `kubectl proxy`."""

    output: int
    """descriptor, not blocking, that brings the line READY"""
    error: int
    """likewise, that ends with kubectl"""

    def close(self) -> None:
        """End kubectl, and remove its socket."""


def arguments(context: str, namespaces: Iterable[str]) -> list[str]:
    """Return the command that serves the API of a context: nothing but what port-forwards to these namespaces need.

    >>> arguments("prod", ["shop"])[:5]
    ['kubectl', '--context', 'prod', 'proxy', '--reject-methods=POST,PUT,PATCH,DELETE']
    """
    names = "|".join(sorted(namespaces))
    paths = (
        "^/version$",
        f"^/api/v1/namespaces/({names})$",
        f"^/api/v1/namespaces/({names})/(services|pods)/[^/]+$",
        f"^/api/v1/namespaces/({names})/pods/[^/]+/portforward$",
        f"^/apis/discovery[.]k8s[.]io/v1/namespaces/({names})/endpointslices$",
    )
    return [
        "kubectl", "--context", context, "proxy",
        "--reject-methods=POST,PUT,PATCH,DELETE", f"--accept-paths={','.join(paths)}",
    ]  # fmt: skip


class LocalKubectl:
    """A `kubectl proxy` of this machine."""

    def __init__(self, context: str, argv: Sequence[str]) -> None:
        """Start it. Raises ServiceError where kubectl is not installed."""
        if shutil.which(argv[0]) is None:
            raise ServiceError(Reason.TUNNEL, f"{station(context)}: the command {argv[0]} is not installed here")
        self._folder = _private_folder()
        self._process = subprocess.Popen(  # noqa: S603 - the configuration names the context, an argument of its own
            supervised(["sh", "-c", _PROXY, "sh", f"{self._folder}/s", *argv], folder=self._folder),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
            start_new_session=True, env=child_environ(),
        )  # fmt: skip
        streams = self._process.stdin, self._process.stdout, self._process.stderr
        self._streams = [stream for stream in streams if stream is not None]
        _, self.output, self.error = (stream.fileno() for stream in self._streams)
        for descriptor in (self.output, self.error):
            os.set_blocking(descriptor, False)

    def close(self) -> None:
        """End kubectl, and remove its folder."""
        if self._process.returncode is None:
            kill_group(self._process.pid)
        for stream in self._streams:
            stream.close()
        self._process.wait()  # does not block: the process is killed
        shutil.rmtree(self._folder, ignore_errors=True)


class FarKubectl:
    """A `kubectl proxy` at an ssh host, in a session of its own."""

    def __init__(self, session: Process) -> None:
        self._session = session
        self.output, self.error = session.output, session.error

    def close(self) -> None:
        """Close its input: the far end ends kubectl and removes its folder."""
        self._session.close()


def at_host(argv: Sequence[str]) -> list[str]:
    """Return the command for an ssh host that makes a folder there and runs kubectl until its input is closed."""
    script = supervised([])[2]
    return ["sh", "-c", _AT_HOST, "sh", script, _PROXY, *argv]


def _private_folder() -> str:
    """Make a folder for a socket, whose path may have 104 bytes."""
    temporary = tempfile.gettempdir()
    short = temporary if len(temporary) < 60 else "/tmp"  # noqa: S108 - the folder within it is private
    return str(Path(tempfile.mkdtemp(prefix="parity-kube-", dir=short)))
