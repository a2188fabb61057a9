"""The WebSockets of the double of a cluster: port-forward (v4.channel.k8s.io) and exec (v5.channel.k8s.io)."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import IO

from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping
from wsproto.utilities import LocalProtocolError

Ends = list[Callable[[], None]]


class Channels:
    """A WebSocket at the server's side whose messages begin with the number of a channel."""

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self._sock = sock
        self._connection = Connection(ConnectionType.SERVER)
        self._lock = threading.Lock()

    def send(self, channel: int, data: bytes) -> None:
        with self._lock, suppress(OSError, LocalProtocolError):  # the client has left
            self._sock.sendall(self._connection.send(BytesMessage(bytes([channel]) + data)))

    def ping(self) -> None:
        with self._lock, suppress(OSError, LocalProtocolError):  # likewise
            self._sock.sendall(self._connection.send(Ping(b"are you there")))

    def close(self) -> None:
        with self._lock, suppress(Exception):
            self._sock.sendall(self._connection.send(CloseConnection(1000)))
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def messages(self) -> Iterator[tuple[int, bytes]]:
        """Yield (channel, data) until the client is gone."""
        message = b""
        while True:
            try:
                data = self._received()
            except (OSError, ValueError):
                return
            if not data:
                return
            self._connection.receive_data(data)
            for event in self._connection.events():
                if isinstance(event, CloseConnection):
                    return
                if isinstance(event, Ping):
                    with self._lock:
                        self._sock.sendall(self._connection.send(event.response()))
                if isinstance(event, BytesMessage):
                    message += event.data
                    if event.message_finished:
                        yield message[0], message[1:]
                        message = b""

    def _received(self) -> bytes:
        """Wait for data; no two threads use the TLS of a socket at a time."""
        if not self._sock.pending():
            select.select([self._sock], [], [])
        with self._lock:
            return self._sock.recv(65536)


def forward(sock: ssl.SSLSocket, pod: str, port: int, backends: Mapping[int, int], ends: Ends) -> None:
    """Carry a connection to a port of a pod, as a kubelet does."""
    channels = Channels(sock)
    ends.append(channels.close)
    for channel in (0, 1):
        channels.send(channel, port.to_bytes(2, "little"))
    try:
        backend = socket.create_connection(("127.0.0.1", backends[port]))
    except (OSError, KeyError):
        reason = f"failed to connect to localhost:{port} inside namespace, IPv4: dial tcp4 127.0.0.1:{port}: "
        channels.send(1, f"error forwarding port {port} to pod {pod}: {reason}connect: connection refused".encode())
        return channels.close()
    channels.ping()

    def down() -> None:
        with suppress(OSError):
            while data := backend.recv(65536):
                channels.send(0, data)
        channels.close()

    with backend:
        threading.Thread(target=down, daemon=True).start()
        with suppress(OSError):
            for channel, data in channels.messages():
                if channel == 0:
                    backend.sendall(data)
        with suppress(OSError):
            backend.shutdown(socket.SHUT_RDWR)
    return None


def execute(sock: ssl.SSLSocket, command: list[str], ends: Ends) -> None:
    """Run a command, as in a pod: it ends with its client, and its status comes last."""
    channels = Channels(sock)
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, start_new_session=True)

    def kill() -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        channels.close()

    ends.append(kill)

    def down(channel: int, stream: IO[bytes]) -> None:
        with stream:
            while data := stream.read(65536):
                channels.send(channel, data)

    assert process.stdin
    assert process.stdout
    assert process.stderr
    readers = [
        threading.Thread(target=down, args=(channel, stream), daemon=True)
        for channel, stream in ((1, process.stdout), (2, process.stderr))
    ]
    for reader in readers:
        reader.start()

    def finish() -> None:
        code = process.wait()
        for reader in readers:
            reader.join()
        channels.send(3, json.dumps(_status(code)).encode())
        channels.close()

    threading.Thread(target=finish, daemon=True).start()
    with suppress(OSError):
        for channel, data in channels.messages():
            if channel == 0:
                process.stdin.write(data)
            elif (channel, data) == (255, b"\0"):
                process.stdin.close()
    with suppress(OSError):
        process.stdin.close()


def _status(code: int) -> dict[str, object]:
    if not code:
        return {"metadata": {}, "status": "Success"}
    causes = [{"reason": "ExitCode", "message": str(code)}]
    message = f"command terminated with exit code {code}"
    return {
        "metadata": {}, "status": "Failure", "message": message, "reason": "NonZeroExitCode",
        "details": {"causes": causes},
    }  # fmt: skip
