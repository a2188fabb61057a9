"""Secrets planted everywhere are in no output: reports, terminal, clipboard, files, arguments, crash reports."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.servers import Servers
from tests.planted_secrets import (
    MARKERS,
    SECRETS,
    leaks,
    leaks_of_arguments,
    service_tables,
    start_servers,
    unwrapped,
    write_client_files,
)
from tests.test_end_to_end import write_config
from tests.ui.terminal import Terminal, opened

Run = Callable[..., subprocess.CompletedProcess[bytes]]

Planted = tuple[Path, dict[str, str]]
"""the folder of the configuration, and the environment variables that belong to it"""


@pytest.fixture(scope="module")
def planted(
    tmp_path_factory: pytest.TempPathFactory, servers: Servers, rabbitmq_servers: Mapping[str, RabbitMQ]
) -> Planted:
    """Write a configuration with a secret wherever one can be."""
    folder = tmp_path_factory.mktemp("secrets")
    started = start_servers(servers, rabbitmq_servers["3.10"])
    variables = write_client_files(folder, started)
    with write_config(folder, {}).open("a") as file:
        for environment, services in service_tables(started).items():
            for name, table in services.items():
                file.write(f"[environments.{environment}.services.'{name}']\n{table}\n")
    return folder, {**variables, "PARITY_CONFIG": "parity.toml"}  # named: its commands need no permission


@pytest.fixture
def run(planted: Planted) -> Run:
    """Run the program on that configuration; stdout holds all of its output."""
    folder, variables = planted

    def run_program(*arguments: str, **more: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "parity_tui", *arguments, "--timeout", "20s"],
            env={"PATH": os.environ["PATH"], **variables, **more},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    return run_program


@pytest.fixture(scope="module")
def exposed_arguments() -> Iterator[list[str]]:
    """Labels of secrets among the arguments of any process of this machine, sampled all the time."""
    found: list[str] = []
    over = threading.Event()

    def sample() -> None:
        while not over.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    found.extend(leaks_of_arguments(path.read_bytes()))
                except OSError:
                    continue

    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    yield found
    over.set()
    sampler.join()


def test_search_finds_every_form_of_a_secret() -> None:
    text = SECRETS["url"]
    basic = base64.b64encode(f"ann:{text}".encode())
    for output in (text.encode(), quote(text, safe="").encode(), repr(text).encode(), b"Basic " + basic):
        assert leaks(b"x" + output + b"y")
    assert leaks(b"\x1b]52;c;" + base64.b64encode(f"row\n{text}\n".encode()) + b"\x07")
    marker = MARKERS["url"].encode()
    assert leaks(unwrapped(marker[:5] + b"\x1b[0m \xe2\x94\x82\r\n\x1b[12;1H" + marker[5:]))
    assert leaks_of_arguments(b"psql\0" + marker)
    assert not leaks(b"nothing of it")


@pytest.mark.parametrize("format", ["text", "json", "markdown", "junit", "github"])
def test_no_report_contains_a_secret(run: Run, exposed_arguments: list[str], format: str) -> None:  # noqa: A002
    result = run("check", "--format", format, "--all")
    assert result.returncode == 1, result.stdout.decode()
    assert leaks(result.stdout) == []
    if format == "text":
        assert "5 failed" in result.stdout.decode()
    assert exposed_arguments == []


def test_no_snapshot_contains_a_secret(run: Run, tmp_path: Path) -> None:
    result = run("snapshot", "-o", str(tmp_path / "a.json"), XDG_STATE_HOME=str(tmp_path))
    assert result.returncode == 3, result.stdout.decode()
    assert leaks(result.stdout) == []
    assert leaks((tmp_path / "a.json").read_bytes()) == []


@pytest.mark.parametrize("format", ["text", "json"])
def test_no_diagnosis_contains_a_secret(run: Run, format: str) -> None:  # noqa: A002
    result = run("doctor", "--format", format)
    assert b"rejects" in result.stdout
    assert leaks(result.stdout) == []


def test_no_debugging_output_contains_a_secret(run: Run) -> None:
    result = run("check", "--format", "json", PYTHONASYNCIODEBUG="1", PYTHONDEVMODE="1", PYTHONTRACEMALLOC="5")
    assert leaks(result.stdout) == []


@pytest.mark.parametrize(
    "wrong", ["surplus = [", "pasword = 'x'", "tls = 3", "ca = 'x'", "password_env = 3", "auth = 'native'"]
)
def test_no_error_of_the_configuration_quotes_a_secret(planted: Planted, tmp_path: Path, wrong: str) -> None:
    lines = (planted[0] / "parity.toml").read_text().splitlines()
    path = tmp_path / "parity.toml"
    for at in range(1, len(lines) + 1, 2):
        path.write_text("\n".join([*lines[:at], wrong, *lines[at:]]))
        assert leaks(_load(path)) == [], at


def _load(path: Path) -> bytes:
    """Return the targets of a configuration, or its errors, as text."""
    from parity_tui.config import ConfigError, load

    try:
        return repr(load(path, environ={})).encode()
    except ConfigError as error:
        return str(error).encode()


def board_command(planted: Planted, *words: str) -> tuple[list[str], dict[str, str]]:
    """Return the arguments and the variables that open the board."""
    folder, variables = planted
    return [str(folder), *words, "--timeout", "20s"], variables


def wait_until_all_is_read(terminal: Terminal) -> None:
    terminal.until(lambda: terminal.pump(0.7) == 0 and "reading…" not in "".join(terminal.shown), "all of it")


def close_sheet(terminal: Terminal) -> None:
    terminal.type("q")
    terminal.until(lambda: "key closes" not in "".join(terminal.shown), "the sheet is closed")


def copy_row(terminal: Terminal) -> None:
    """Copy the line under the cursor, and close the sheet that shows the copy."""
    terminal.type("y")
    terminal.see("any key closes")
    close_sheet(terminal)


def test_no_terminal_file_or_clipboard_receives_a_secret(planted: Planted, exposed_arguments: list[str]) -> None:
    words, variables = board_command(planted)
    folder = planted[0]
    before = set(folder.iterdir())
    with opened(*words, environment=variables, module="tests.leaky", size=(150, 50)) as terminal:
        wait_until_all_is_read(terminal)
        terminal.type("dv")
        terminal.see("any other key closes")
        close_sheet(terminal)
        copy_row(terminal)
        terminal.type("e")
        terminal.quiet(0.3)
        terminal.type("meant\r")
        terminal.see("any other key cancels")
        terminal.type("q")
        terminal.until(lambda: "any other key" not in "".join(terminal.shown), "the sheet is closed")
        for key, ending in (("m", ".md"), ("j", ".json"), ("s", ".svg")):
            terminal.type(f"x{key}")
            terminal.until(lambda ending=ending: any(folder.rglob(f"parity-*{ending}")), ending)  # type: ignore[misc]
            terminal.until(lambda: "Write the board to a file" not in "".join(terminal.shown), "the sheet is closed")
        for name in ("auth", "conninfo", "pass", "token", "key", "command", "redirect", "header", "target"):
            terminal.type(f"/\x15{name}\r")
            terminal.quiet(0.3)
            for _ in range(3):
                if "no matches" not in "".join(terminal.shown):
                    terminal.type("j")
                    copy_row(terminal)
        terminal.type("t")
        terminal.quiet(0.3)
        terminal.type("\x03")
        assert terminal.end() == 0
        assert leaks(unwrapped(bytes(terminal.written))) == []
        assert b"\x1b]52;" in terminal.written
    new = [file for entry in set(folder.iterdir()) - before for file in (entry, *entry.rglob("*")) if file.is_file()]
    assert {path.suffix for path in new} >= {".md", ".json", ".svg", ".sqlite3"}
    assert {path.name: leaks(path.read_bytes()) for path in new} == {path.name: [] for path in new}
    assert exposed_arguments == []


def test_no_crash_report_quotes_a_secret(planted: Planted) -> None:
    words, variables = board_command(planted, "--crash")
    with opened(*words, environment=variables, module="tests.leaky") as terminal:

        def ended() -> bool:
            with suppress(OSError):  # the terminal of a process that has ended
                terminal.type("j")  # to a row that can be aligned
            return terminal.process.poll() is not None

        terminal.until(ended, "the end")
        assert terminal.end() == 70
        assert b"cannot align with" in terminal.written
        assert leaks(unwrapped(bytes(terminal.written))) == []
    for log in (*planted[0].rglob("*.log"), *planted[0].glob(".*/**/*.log")):
        assert leaks(log.read_bytes()) == []
