"""A secret planted in every variable is in no report, diagnosis, terminal, history, export or crash report."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from parity_tui.history import open_for_reading
from tests.planted_secrets import SECRETS, leaks, unwrapped
from tests.services.env.builders import process
from tests.ui.terminal import opened

NAMES = (
    "NODE_ENV", "RAILS_ENV", "DJANGO_SETTINGS_MODULE", "TZ", "LANG", "LC_ALL", "DEBUG", "LOG_LEVEL", "WORKERS", "PORT",
    "SECRET_KEY", "JWT_SECRET", "DB_PASSWORD", "API_TOKEN", "REGION", "PATH", "INVOCATION_ID", "version", "product",
    "SENTRY_DSN", "AUTHOR", "NOTE", "EMAIL_URL", "ENVIRONMENT", "PIN", "container",
)  # fmt: skip
TEXTS = list(SECRETS.values())
VARIABLES = {
    **dict(zip(NAMES, TEXTS, strict=False)),
    "DATABASE_URL": f"postgresql://shop:{quote(TEXTS[-1], safe='')}@db.example/shop",
    "BROKER_URL": f"amqp://shop:{TEXTS[-2]}@mq.example",
    "AS_SCHEME": f"{TEXTS[-3].partition(' ')[0]}://h",
    "LINES": f"a\n{TEXTS[-4]}\nb",
}
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")

Run = Callable[..., subprocess.CompletedProcess[bytes]]


def dotenv(**more: str) -> str:
    return "".join(f"{name}='{value}'\n" for name, value in {**VARIABLES, **more}.items())


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder with a configuration whose sources hold the secrets."""
    with process(VARIABLES) as pid:
        for name in ("a.env", "b.env"):
            (tmp_path / name).write_text(dotenv())
            (tmp_path / name).chmod(0o600)
        (tmp_path / "damaged.env").write_text(f"{dotenv()}= '{TEXTS[0]}\n{TEXTS[1]}\n")
        (tmp_path / "latin.env").write_bytes(dotenv().encode("latin-1"))
        urls = {"dev": "env:///a.env", "ci": "env:///damaged.env", "staging": "env:///latin.env"}
        urls["production"] = f"env+local:///{pid}"
        tables = (f"[environments.{name}.services]\nenv = '{url}'\n" for name, url in urls.items())
        (tmp_path / "parity.toml").write_text("".join(tables))
        yield tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    """Run the program in that folder; stdout holds all of its output."""

    def run_program(*arguments: str, **more: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "parity_tui", *arguments],
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "PARITY_CONFIG": "parity.toml", **more},
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    return run_program


@pytest.mark.parametrize("format", ["text", "json", "markdown", "junit"])
def test_no_report_contains_a_value(run: Run, format: str) -> None:  # noqa: A002
    result = run("check", "--format", format, "--all", PYTHONASYNCIODEBUG="1", PYTHONDEVMODE="1")
    assert result.returncode == 1, result.stdout.decode()
    assert b"SECRET_KEY" in result.stdout
    assert leaks(result.stdout) == []


def test_no_report_of_dotenv_files_contains_a_value(folder: Path, run: Run) -> None:
    (folder / "b.env").write_text(dotenv(CACHE_URL="memory://", NODE_ENV=""))
    arguments = [f"--env-file={name}={file}" for name, file in (("dev", "a.env"), ("production", "b.env"))]
    (folder / "a.env").write_text(dotenv(CACHE_URL="memory://"))
    result = run("check", *arguments, "--all", PARITY_CONFIG="")
    assert b"! NODE_ENV" in result.stdout
    assert leaks(result.stdout) == []


@pytest.mark.parametrize("format", ["text", "json"])
def test_no_diagnosis_contains_a_value(run: Run, format: str) -> None:  # noqa: A002
    result = run("doctor", "--format", format)
    assert b"not in UTF-8" in result.stdout
    assert leaks(result.stdout) == []


def test_board_and_history_hold_no_value_and_no_digest(folder: Path) -> None:
    variables = {"PARITY_CONFIG": "parity.toml", "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}
    with opened(
        str(folder), "--interval", "1s", environment=variables, module="tests.leaky", size=(150, 50)
    ) as terminal:
        terminal.see("SECRET_KEY")
        terminal.type("djj")
        (folder / "a.env").write_text(dotenv(REGION=TEXTS[-5], SECRET_KEY=TEXTS[-6]))
        terminal.until(lambda: len(_events(folder)["value of REGION"]) == 1, "the event is recorded")
        (folder / "a.env").write_text(dotenv(REGION=TEXTS[-7], SECRET_KEY=TEXTS[-6]))
        terminal.until(lambda: len(_events(folder)["value of REGION"]) == 2, "the second event is recorded")
        terminal.type("t")
        terminal.quiet(0.3)
        terminal.type("\x03")
        terminal.end()
        assert leaks(unwrapped(bytes(terminal.written))) == []
    events = _events(folder)
    assert {text for each in (*events["value of REGION"], *events["value of SECRET_KEY"]) for text in each} == {"•••"}
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".env":
            assert leaks(path.read_bytes()) == [], path


def _events(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Return setting -> before and after of each event."""
    events: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in folder.rglob("*.sqlite3"):
        if store := open_for_reading(path):
            for timed in store.load_events().changes:
                events[timed.change.setting].append((timed.change.before, timed.change.after))
            store.close()
    return events


def test_no_crash_report_quotes_a_value(folder: Path) -> None:
    variables = {"PARITY_CONFIG": "parity.toml", "HOME": str(folder)}
    with opened(str(folder), "--crash", environment=variables, module="tests.leaky") as terminal:
        assert terminal.end() == 70
        assert b"cannot align with" in terminal.written
        assert leaks(unwrapped(bytes(terminal.written))) == []
