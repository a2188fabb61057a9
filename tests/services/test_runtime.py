"""Runtimes: those of this machine, and scripts in their place."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import ssl
import subprocess
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity_tui.model import Reading, ServiceError, Severity, Target, Verdict
from parity_tui.services.runtime import SERVICE
from parity_tui.services.runtime.parse import parse
from parity_tui.services.runtime.queries import script
from parity_tui.transport.dialer import NetworkDialer
from tests import builders
from tests.services.roots import docker, executable, plant


def target(program: str, packages: str = "", scheme: str = "runtime+local", host: str = "") -> Target:
    """Return the target of a file, or of a command on PATH."""
    if not (host or "/" in program):
        host, program = program, ""
    return Target("dev", "app", "runtime", scheme, host, path=program, options={"packages": packages})


async def read(where: Target) -> Reading:
    """Read a runtime as the watcher does."""
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as reads:
        return await reads()


rows = partial(builders.rows, kind="runtime")


def listed(*readings: Reading) -> set[str]:
    """Return the names of the listed rows."""
    return {name for name, row in rows(*readings).items() if row.listed}


async def test_this_python_is_read_with_its_packages() -> None:
    """A second reading is equal."""
    where = target(sys.executable)
    reading = await read(where)
    assert (reading.product, reading.version) == (platform.python_implementation(), platform.python_version())
    assert reading.address == sys.executable
    expected = {
        "library.openssl": ssl.OPENSSL_VERSION,
        "library.sqlite": sqlite3.sqlite_version,
        "package.pytest": version("pytest"),
        "package.pytest-asyncio": version("pytest-asyncio"),
        "module.lzma": "1",
    }
    assert {name: fact.raw for name, fact in reading.facts.items() if name in expected} == expected
    again = await read(where)
    assert reading == again
    assert listed(reading, again) == set()


async def test_missing_package_drifts_if_it_is_named(tmp_path: Path) -> None:
    """A second virtual environment of the same Python has none of them."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)  # noqa: ASYNC221
    names = "trust*, Pytest_Asyncio"
    here = await read(target(sys.executable, names))
    other = await read(target(f"{tmp_path}/bin/python", names))
    assert {name for name in here.facts if name.startswith("package.")} == {"package.trustme", "package.pytest-asyncio"}
    assert other.facts["package.pytest-asyncio"].raw == "not installed"
    assert listed(here, other) == {"package.trustme", "package.pytest-asyncio"}


async def test_reading_a_python_writes_no_bytecode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)  # noqa: ASYNC221
    module = next(tmp_path.glob("lib/python*/site-packages")) / "sitecustomize.py"  # noqa: ASYNC240
    module.write_text("import textwrap\n")
    await read(target(f"{tmp_path}/bin/python"))
    assert not list(tmp_path.rglob("__pycache__"))  # noqa: ASYNC240


@pytest.mark.parametrize(
    ("program", "product", "fact"),
    [("node", "Node.js", "library.openssl"), ("java", "Java", "vendor"), ("ruby", "Ruby", "encoding"),
     ("php", "PHP", "ini.memory_limit"), ("bash", "bash", ""), ("go", "go", "arch")],
)  # fmt: skip
async def test_other_languages_are_recognized(program: str, product: str, fact: str) -> None:
    """By the command's name on PATH."""
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    one, other = await read(target(program)), await read(target(program))
    assert (one.product, one == other) == (product, True)
    printed = subprocess.run([program, "version" if program == "go" else "--version"], capture_output=True, text=True)  # noqa: ASYNC221
    assert one.version in printed.stdout
    assert not fact or fact in one.facts


async def test_runtime_in_a_container_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The URL names container and command; the command cannot read the rest of the script."""
    if os.geteuid() != 0:
        pytest.skip("chroot needs root")
    ruby = "#!/bin/sh\ncat\necho warning: old\nprintf 'product\\tRuby\\nversion\\t3.1.2\\nlibrary.yaml\\t0.2.5\\n'\n"
    root = plant(tmp_path / "web", {"usr/bin/ruby": ruby, "opt/ruby/bin/ruby3.1": ruby.replace("3.1.2", "3.1.9")})
    docker(monkeypatch, tmp_path / "bin", {"web": root})
    short = await read(target("/ruby", scheme="runtime+docker", host="web"))
    whole = await read(target("/opt/ruby/bin/ruby3.1", scheme="runtime+docker", host="web"))
    assert (short.product, short.version, short.address) == ("Ruby", "3.1.2", "web:ruby")
    assert (whole.version, set(whole.facts)) == ("3.1.9", {"library.yaml", "timezone"})
    row = rows(short, whole)["version"]
    assert (row.verdict, row.severity) == (Verdict.DRIFT, Severity.WARNING)


@pytest.mark.parametrize(
    ("text", "reason", "words"),
    [
        ("echo no version here", "wrong-service", "does not report its version: no version here"),
        ("echo cannot load libx >&2; exit 127", "server", "cannot load libx"),
        ("exit 0", "wrong-service", "no output"),
    ],
)
async def test_command_without_a_version_is_quoted(text: str, reason: str, words: str, tmp_path: Path) -> None:
    program = executable(tmp_path, "app", text)
    with pytest.raises(ServiceError, match=words) as caught:
        await read(target(str(program)))
    assert caught.value.reason == reason


async def test_missing_command_is_named() -> None:
    with pytest.raises(ServiceError, match="no command no-such-python"):
        await read(target("no-such-python"))
    with pytest.raises(ServiceError, match="has no command"):
        await read(target("/", scheme="runtime+ssh", host="web1"))


@pytest.mark.parametrize("name", ["-rf", "a; touch {0}/x", "$(touch {0}/x)", "'; touch {0}/x; '"])
async def test_command_name_is_never_a_script(name: str, tmp_path: Path) -> None:
    """The URL's path is one word, and never an option."""
    with pytest.raises(ServiceError):
        await read(target(name.format(tmp_path)))
    assert not list(tmp_path.iterdir())  # noqa: ASYNC240


@pytest.mark.parametrize("program", ["python3.11", "node", "ruby", "php8.2", "/opt/x y/java", "pythonista"])
def test_scripts_are_valid_shell(program: str) -> None:
    """A name that only begins like that of a language is run with --version."""
    text = script(program, "@@7")
    assert subprocess.run(["sh", "-n"], input=text.encode(), capture_output=True).stderr == b""
    assert ("--version" in text) == (program == "pythonista")


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.text(), st.sampled_from(["version\t1.2", "package.a\t", "java.vm.name = x", "1.2.3", "\t"])))
)
def test_any_output_gives_reading_or_service_error(lines: list[str]) -> None:
    """The reading can be compared."""
    text = "\n".join(["", "@@7", *lines, "@@7 0", ""])
    try:
        reading = parse(text, "@@7", "app", target("app", "a*, b"))
    except ServiceError:
        return
    assert not any(row.listed for row in rows(reading, reading).values())
