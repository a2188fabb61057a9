"""Scripts on a leash: they end with their input or at their limit, in every shell, and leave nothing."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from parity_tui.demo.process import wait_until
from parity_tui.demo.supervisor import processes
from parity_tui.transport.leash import on_leash, with_limit

SHELLS = [["dash"], ["bash"], ["bash", "--posix"], ["busybox", "sh"], ["sh"]]
HANGING = "sleep 1000 & trap '' TERM INT HUP; echo go; sleep 1000"


@pytest.fixture(params=SHELLS, ids=" ".join)
def shell(request: pytest.FixtureRequest) -> list[str]:
    """Yield the command of each shell that is installed here."""
    argv: list[str] = request.param
    if not shutil.which(argv[0]):
        pytest.skip(f"no {argv[0]} here")
    return argv


@contextmanager
def running(shell: list[str], text: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a shell that reads a text and keeps its input open."""
    process = subprocess.Popen(
        [*shell, "-s"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    with process:
        assert process.stdin
        process.stdin.write(text.encode())
        process.stdin.flush()
        try:
            yield process
        finally:
            process.kill()


def group(leader: int) -> list[int]:
    """Return the processes of a group."""
    return [pid for pid, _, group in processes() if group == leader]


def read(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes, int]:
    """Return output, errors and exit code."""
    assert process.stdout
    assert process.stderr
    return process.stdout.read(), process.stderr.read(), process.wait(20)


def test_script_runs_whole_and_without_input(shell: list[str]) -> None:
    with running(shell, on_leash("cat <<'EOF'\n$x )\nEOF\ncat\necho error >&2\nexit 7", 60)) as process:
        assert read(process) == (b"$x )\n", b"error\n", 7)
        assert not group(process.pid)


def test_empty_script_succeeds(shell: list[str]) -> None:
    with running(shell, on_leash("", 60)) as process:
        assert read(process) == (b"", b"", 0)


def test_short_scripts_end_at_once(shell: list[str]) -> None:
    """The timer gets its signal while it starts."""
    for _ in range(20):
        started = time.monotonic()
        with running(shell, on_leash("true", 300)) as process:
            assert read(process) == (b"", b"", 0)
        assert time.monotonic() - started < 200


def test_end_of_input_ends_everything(shell: list[str]) -> None:
    with running(shell, on_leash(HANGING, 300)) as process:
        assert process.stdout
        assert process.stdout.readline() == b"go\n"
        assert len(group(process.pid)) > 3
        assert process.stdin
        process.stdin.close()
        assert wait_until(lambda: not group(process.pid), 60)


def test_limit_ends_everything(shell: list[str]) -> None:
    with running(shell, on_leash(HANGING, 1)) as process:
        assert process.wait(60) == -9
        assert wait_until(lambda: not group(process.pid), 60)


def test_limit_without_sleep_ends_nothing(shell: list[str]) -> None:
    with running(shell, "PATH=\n" + on_leash("echo done", 1)) as process:
        assert read(process)[::2] == (b"done\n", 0)


def test_command_with_a_limit_inherits_the_input() -> None:
    argv = ["sh", "-c", with_limit('"$1" -s', 60), "sh", "sh"]
    result = subprocess.run(argv, input=b"echo in; exit 3", capture_output=True, timeout=60, check=False)
    assert (result.stdout, result.returncode) == (b"in\n", 3)


def test_hanging_command_with_a_limit_ends() -> None:
    argv = ["sh", "-c", with_limit("sleep 1000", 1)]
    assert subprocess.run(argv, start_new_session=True, timeout=60, check=False).returncode == -9
