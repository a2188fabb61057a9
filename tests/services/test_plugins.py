"""A kind of another package: found by its entry point, and a full citizen of every command."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from parity_tui import services
from tests.proxy import listening, proxy

METADATA = {
    "parity_teapot-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: parity-teapot\nVersion: 1\n",
    "parity_teapot-1.dist-info/entry_points.txt": "[parity_tui.services]\nteapot = parity_teapot:SERVICE\n",
}

TEAPOT = '''
"""Teapots: one line of text, with the temperature hidden from everybody but the cook."""

from contextlib import asynccontextmanager

from parity_tui.model import (
    Fact, HiddenGroup, Image, Reading, Reason, Rule, Service, ServiceError, Severity, ValueType,
)

COOK = HiddenGroup("temperature", "needs BREW FOR {user}", "BREW FOR {user};")


@asynccontextmanager
async def connect(target, dialer):
    reader, writer = await dialer.open(target.host, target.port, dialer.context())

    async def read():
        writer.write(b"?\\n")
        line = await reader.readline()
        if not line.startswith(b"TEA "):
            other = dialer.identify(line) or "something else"
            raise ServiceError(Reason.WRONG_SERVICE, f"{target.address} answers like {other}, not a teapot")
        _, version, colour = line.decode().split()
        hidden = ((COOK.glob, COOK.why.format(user=target.user)),)
        return Reading("Teapot", version, {"colour": Fact(raw=colour)}, hidden, address=target.address)

    try:
        yield read
    finally:
        writer.close()


SERVICE = Service(
    title="Teapot",
    schemes=("teapot",),
    connect=connect,
    privilege="none",
    rules=(
        Rule("colour", Severity.CRITICAL, "Guests are surprised."),
        Rule("temperature", Severity.WARNING, "Too cold to brew."),
    ),
    port=4180,
    scheme_aliases={"tea": "teapot"},
    role="kitchen",
    images=(Image("teapot", ("teapotd",), user=("TEAPOT_USER",), password=("TEAPOT_PASSWORD",)),),
    identify=lambda first: "Teapot" if first.startswith(b"TEA ") else "",
    hidden=(COOK,),
)
'''


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """Return a folder with the package of the teapot, installed as installers do."""
    folder = tmp_path / "site"
    install(folder, TEAPOT)
    return folder


def install(folder: Path, source: str) -> None:
    for name, text in {**METADATA, "parity_teapot.py": source}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def python(path: Path, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python with one more folder of packages."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": f"{path}{os.pathsep}{Path.cwd()}"},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def parity(path: Path, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run parity-tui with one more folder of packages."""
    return python(path, "-m", "parity_tui", *arguments, folder=folder)


def kinds(path: Path) -> list[str]:
    """Return the kinds that a new process finds, and whether it imported importlib.metadata."""
    code = "import sys, parity_tui.services as s; print(*s.kinds(), 'importlib.metadata' in sys.modules)"
    return python(path, "-c", code).stdout.split()


def imported_for(scheme: str, path: Path) -> set[str]:
    """Return the kind of a scheme, and the built-in kinds that a new process imports to find it."""
    code = (
        "import sys, parity_tui.services as s\n"
        f"print(s.schemes().get({scheme!r}))\n"
        "print(*(name.split('.')[2] for name in sys.modules if name.startswith('parity_tui.services.')\n"
        "        and name[20] != '_'))"
    )
    return set(python(path, "-c", code).stdout.split())


def configure(folder: Path, **urls: str) -> None:
    """Write a parity.toml with a service named kitchen of these URLs by environment."""
    text = "".join(f'[environments.{name}.services]\nkitchen = "{url}"\n' for name, url in urls.items())
    (folder / "parity.toml").write_text(text)


async def brown(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.readline():
        writer.write(b"TEA 1.2 brown\n")


async def blue(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.readline():
        writer.write(b"TEA 1.2 blue\n")


def test_kinds_lists_a_plugin(plugin: Path) -> None:
    assert "teapot: Teapot\n  schemes: teapot tea, port 4180\n" in parity(plugin, "kinds").stdout


async def test_check_compares_a_plugin(plugin: Path, tmp_path: Path) -> None:
    async with listening(brown) as dev, listening(blue) as production:
        configure(tmp_path, dev=f"teapot://ann@127.0.0.1:{dev}", production=f"tea://ann@127.0.0.1:{production}")
        result = await asyncio.to_thread(parity, plugin, "check", "--format", "json", folder=tmp_path)
    assert result.returncode == 1, result.stderr
    (kitchen,) = json.loads(result.stdout)["services"]
    rows = {row["setting"]: row for row in kitchen["rows"]}
    assert (rows["colour"]["kind"], rows["colour"]["severity"], rows["colour"]["verdict"]) == (
        "teapot",
        "critical",
        "drift",
    )


def test_init_reads_the_images_of_a_plugin(plugin: Path, tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text(
        "services: {pot: {image: 'example/teapotd:2', ports: ['4181:4180'], "
        "environment: {TEAPOT_USER: ann, TEAPOT_PASSWORD: hunter22}}}"
    )
    result = parity(plugin, "init", "--compose", "compose.yml", "dev", "-o", "-", folder=tmp_path)
    assert 'url = "teapot://ann@localhost:4181"\npassword_env = "DEV_POT_PASSWORD"' in result.stdout, result.stderr


def test_init_names_services_after_the_role(plugin: Path, tmp_path: Path) -> None:
    code = (
        "import io, pathlib, sys\nfrom parity_tui.init.questions import Questions\n"
        "answers = io.StringIO('dev\\nteapot://pot\\n\\n')\n"
        "print(Questions(pathlib.Path(), answers, sys.stderr).ask()[0].services[0].target.service)"
    )
    assert python(plugin, "-c", code, folder=tmp_path).stdout == "kitchen\n"


async def test_doctor_shows_the_remedy_of_a_plugin(plugin: Path, tmp_path: Path) -> None:
    async with listening(brown) as port:
        configure(tmp_path, dev=f"teapot://ann@127.0.0.1:{port}")
        result = await asyncio.to_thread(parity, plugin, "doctor", "--format", "json", folder=tmp_path)
    (target,) = json.loads(result.stdout)["targets"]
    assert (target["state"], target["product"]) == ("partly", "Teapot 1.2")
    assert target["hidden"] == [
        {"why": "needs BREW FOR ann", "settings": ["temperature"], "remedy": "BREW FOR ann;"},
    ]


async def test_plugin_without_the_tls_context_sends_nothing(tmp_path: Path) -> None:
    careless = TEAPOT.replace(", dialer.context())", ")")
    assert careless != TEAPOT
    install(tmp_path / "careless", careless)
    async with listening(brown) as port, proxy("127.0.0.1", port) as between:
        configure(tmp_path, dev=f"teapot://127.0.0.1:{between.port}?tls=require")
        result = await asyncio.to_thread(parity, tmp_path / "careless", "check", "--format", "json", folder=tmp_path)
    (kitchen,) = json.loads(result.stdout)["services"]
    assert kitchen["readings"]["dev"]["reason"] == "tls"
    assert 'the kind "teapot" connects without TLS' in kitchen["readings"]["dev"]["message"]
    assert between.connections == 0


async def test_a_plugin_is_identified_by_other_kinds(plugin: Path, tmp_path: Path) -> None:
    async with listening(brown) as port:
        configure(tmp_path, dev=f"redis://127.0.0.1:{port}")
        result = await asyncio.to_thread(parity, plugin, "check", folder=tmp_path)
    assert "answers like Teapot" in result.stdout


async def test_a_plugin_identifies_other_kinds(plugin: Path, tmp_path: Path) -> None:
    async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with listening(web) as port:
        configure(tmp_path, dev=f"teapot://127.0.0.1:{port}")
        result = await asyncio.to_thread(parity, plugin, "check", folder=tmp_path)
    assert "answers like HTTP, not a teapot" in result.stdout


def test_kind_named_like_the_scheme_is_imported_alone(tmp_path: Path) -> None:
    assert imported_for("redis", tmp_path) == {"redis"}
    assert imported_for("postgresql", tmp_path) == {"postgres"}
    assert imported_for("host+ssh", tmp_path) == {"host"}
    assert imported_for("amqps", tmp_path) >= {"rabbitmq"}
    assert imported_for("gopher", tmp_path) >= {"None", "memory", "redis"}


def test_schemes_and_aliases_of_a_plugin_are_known(plugin: Path) -> None:
    assert "teapot" in kinds(plugin)
    assert "teapot" in imported_for("teapot", plugin)
    assert "teapot" in imported_for("tea", plugin)
    assert "None" in imported_for("coffee", plugin)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import gone", "ModuleNotFoundError: No module named 'gone'"),
        ("SERVICE = 'tea'", "TypeError: the entry point is str, not a Service"),
    ],
)
def test_broken_plugin_harms_no_other_kind(source: str, reason: str, tmp_path: Path) -> None:
    install(tmp_path, source)
    assert "None" in imported_for("teapot", tmp_path)
    assert imported_for("redis", tmp_path) == {"redis"}
    result = parity(tmp_path, "kinds")
    assert f"teapot: cannot be loaded: {reason}" in result.stdout


def test_unreadable_package_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "strict-1.dist-info" / "entry_points.txt").mkdir(parents=True)  # as unreadable as a forbidden file
    assert "memory" in kinds(tmp_path)


def test_package_in_an_archive_is_found(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "teapot.zip", "w") as archive:
        for name, text in {**METADATA, "parity_teapot.py": TEAPOT}.items():
            archive.writestr(name, text)
    assert "teapot" in kinds(tmp_path / "teapot.zip")


def test_importlib_metadata_is_not_imported_without_plugins(tmp_path: Path) -> None:
    *names, imported = kinds(tmp_path)
    assert "memory" in names
    assert "teapot" not in names
    assert imported == "False"


def test_unknown_kind_is_not_in_the_registry() -> None:
    assert "tarot" not in services.kinds()
