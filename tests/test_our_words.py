"""Passwords that are words of ours: our sentences stay whole, and the texts of servers are still redacted."""

from __future__ import annotations

import os
import re
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from parity_tui.crash_report import format_crash
from parity_tui.demo.servers import Servers
from parity_tui.secrets import REDACTED, Secret, secrets_of
from parity_tui.transport.foreign import foreign
from tests.test_end_to_end import write_config
from tests.ui.terminal import opened

WORDS = ("password", "production", "the", "refused")
REPLY = f"-LOADING so {' or '.join(WORDS)} or Zx81-kQ0pLm4 it is\r\n"


class _Refusal(socketserver.StreamRequestHandler):
    """A server that answers whatever it is asked with one error."""

    def handle(self) -> None:
        with suppress(OSError):
            while self.rfile.readline():
                self.wfile.write(REPLY.encode())


@pytest.fixture(scope="module")
def refusing_port() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Refusal) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def configured(folder: Path, passwords: Sequence[str], refusing_port: int, servers: Servers) -> Path:
    """Write a configuration of every sort of failure with each of four passwords."""
    database = servers.postgres("16", password="other", sql=["CREATE ROLE app LOGIN PASSWORD 'its own'"])
    urls = {
        "closed": "redis://app@127.0.0.1:1",
        "login": database.url("app"),
        "foreign": f"redis://app@127.0.0.1:{refusing_port}",
    }
    folder.mkdir()
    entries = {
        f"{name}-{number}": {"url": url, "password": password}
        for name, url in urls.items()
        for number, password in enumerate(passwords)
    }
    return write_config(folder, {"dev": entries, "production": entries})


def run(command: str, config: Path) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "parity_tui", *command.split(), "--config", config, "--timeout", "20s"],
        env={"PATH": os.environ["PATH"], "HOME": str(config.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    output = (result.stdout + result.stderr).replace(str(config.parent), "").replace("\\u2022", "•")
    output = " ".join(output.split())
    return re.sub(r"\b\d+(\.\d+)? m?s\b|\d+:\d\d(:\d\d)?Z?|:\d{4,5}\b|\b\d+\.\d+\b|\d{4}-\S+", "…", output)


@pytest.mark.parametrize("command", ["check --format json", "doctor"])
def test_passwords_that_are_words_change_no_sentence(
    command: str, tmp_path: Path, refusing_port: int, servers: Servers
) -> None:
    expected, _ = halves(run(command, configured(tmp_path / "usual", ["Zx81-kQ0pLm4"] * 4, refusing_port, servers)))
    assert "refused the connection" in expected
    ours, theirs = halves(run(command, configured(tmp_path / "words", WORDS, refusing_port, servers)))
    assert ours == expected
    for word in WORDS:
        assert not re.search(rf"\b{word}\b", theirs)


def halves(output: str) -> tuple[str, str]:
    """Return an output without the words of the server, and these."""
    theirs = re.compile(r"\bso (?:\S+ or )+\S+ it is")
    assert theirs.search(output)
    return theirs.sub("", output), " ".join(theirs.findall(output))


def test_board_keeps_its_words(tmp_path: Path, refusing_port: int, servers: Servers) -> None:
    config = configured(tmp_path / "board", WORDS, refusing_port, servers)
    with opened("--config", str(config), module="parity_tui", environment={"HOME": str(tmp_path)}) as terminal:
        terminal.see("production")
        terminal.see("refused")
        assert not any(REDACTED in line for line in terminal.shown if " or " not in line)


def test_word_of_another_environment_is_not_redacted() -> None:
    with secrets_of("dev"):
        Secret("catalogue"), Secret("Qy72-unmistakable")
    with secrets_of("production"):
        assert foreign("no catalogue here") == "no catalogue here"
        assert foreign("not Qy72-unmistakable") == f"not {REDACTED}"
    with secrets_of("dev"):
        assert foreign("no catalogue here") == f"no {REDACTED} here"


def test_shared_password_belongs_to_each_environment() -> None:
    with secrets_of("dev"):
        shared = Secret("nightfall")
    with secrets_of("production"):
        assert shared.reveal() == "nightfall"
        assert foreign("no nightfall") == f"no {REDACTED}"


def test_crash_report_hides_the_words_of_all_environments() -> None:
    with secrets_of("dev"):
        Secret("marzipan")
    with secrets_of("production"):
        assert format_crash(ValueError("no marzipan")) == f"ValueError: no {REDACTED}"


def test_passwords_may_be_registered_while_texts_are_redacted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parity_tui.secrets._known", {})
    over = threading.Event()

    def register() -> None:
        for number in range(5_000):
            Secret(f"registered-{number}-meanwhile")
        over.set()

    thread = threading.Thread(target=register)
    thread.start()
    with secrets_of("dev"):
        while not over.is_set():
            assert foreign("nothing of note") == "nothing of note"
    thread.join()
