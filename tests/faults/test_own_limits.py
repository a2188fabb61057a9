"""J17: trouble of this machine is never blamed on a server."""

from __future__ import annotations

import json
import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from parity_tui.model import Failure, Reason, ServiceError, Target
from parity_tui.transport.errors import describe
from tests.faults.program import finish, start, write_config

WORDS = "too many open files on this machine: raise ulimit -n"
SERVICES = (
    "redis://127.0.0.1:{port}", "rediss://127.0.0.1:{port}", "postgresql://a:b@127.0.0.1:{port}/c",
    "mysql://a:b@127.0.0.1:{port}", "memcached://127.0.0.1:{port}", "amqp://127.0.0.1:{port}",
    "http://127.0.0.1:{port}/", "https://127.0.0.1:{port}/", "nginx+local://", "nginx+ssh://127.0.0.1", "sqlite:///{file}",
    "redis://localhost:{port}",
)  # fmt: skip
FREE = 8
"""open files that the event loop leaves two of"""


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Listen without ever answering."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as server:
        yield server.getsockname()[1]


def test_too_many_open_files_blame_no_server(tmp_path: Path, silent_port: int) -> None:
    file = tmp_path / "app.sqlite"
    file.write_bytes(b"SQLite format 3\0" + bytes(84))
    services = "".join(f'\nS{at} = "{url.format(port=silent_port, file=file)}"' for at, url in enumerate(SERVICES))
    text = "".join(f"[environments.e{at}.services]{services}\n" for at in range(3))
    config = write_config(tmp_path, text)
    limit = (FREE, FREE)
    arguments = ("--config", config, "check", "--format", "json", "--timeout", "3s")
    process = start(
        *arguments,
        folder=tmp_path,
        before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limit),
        more={"PYTHONWARNINGS": "ignore"},
    )
    code, out, error = finish(process)
    assert (code, error) == (3, "")
    readings = [reading for service in json.loads(out)["services"] for reading in service["readings"].values()]
    messages = [reading["message"] for reading in readings if reading["reason"] != "timeout"]
    assert set(messages) == {WORDS}, [(r["kind"], r["message"]) for r in readings]
    assert len(messages) > len(readings) // 2


TARGET = Target("dev", "db", "redis", host="db", port=1)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (24, WORDS),
        (23, "raise fs.file-max"),
        (12, "this machine is out of memory"),
        (105, "out of network buffers"),
        (99, "out of local addresses or ports"),
    ],
    ids=["files", "files of all", "memory", "buffers", "ports"],
)
def test_trouble_is_found_behind_other_errors(number: int, words: str) -> None:
    try:
        try:
            raise OSError(number, "x")
        except OSError:
            raise ServiceError(Reason.REFUSED, "db:1 refused the connection") from None
    except ServiceError as error:
        failure = describe(error, TARGET, 1)
    assert failure.reason is Reason.DRIVER
    assert words in failure.message


def test_exhausted_memory_is_ours() -> None:
    assert "this machine is out of memory" in describe(MemoryError(), TARGET, 1).message


def test_same_words_of_a_server_are_its_own() -> None:
    error = ServiceError(Reason.SERVER, "db:1 returned an error: [Errno 24] Too many open files")
    assert describe(error, TARGET, 1) == Failure(error.reason, error.message)
