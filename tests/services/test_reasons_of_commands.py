"""Every setting that the kinds read by commands report has a severity and a sentence on why it matters."""

from __future__ import annotations

import shutil

import pytest

from parity_tui import services
from parity_tui.demo.servers import Servers
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Reading
from tests.services import web

_PROGRAMS = ("python3", "node", "java", "php", "ruby", "go", "elixir")


def _without_reason(kind: str, reading: Reading) -> list[str]:
    table = RuleTable(services.kinds()[kind], kind)
    return sorted(name for name in reading.facts if not table.rule(name).why)


def _assert_reasons(kind: str, reading: Reading) -> None:
    missing = _without_reason(kind, reading)
    assert len(missing) <= 0.05 * len(reading.facts), missing


@pytest.mark.parametrize("version", ["1.22", "1.31"])
async def test_settings_of_nginx_have_reasons(servers: Servers, version: str) -> None:
    _assert_reasons("nginx", await web.read(servers.nginx(version)))


async def test_settings_of_apache_have_reasons(servers: Servers) -> None:
    _assert_reasons("apache", await web.read(servers.apache()))


async def test_settings_of_a_host_have_reasons() -> None:
    _assert_reasons("host", await web.read(web.target("host+local://")))


@pytest.mark.parametrize("program", _PROGRAMS)
async def test_settings_of_a_runtime_have_reasons(program: str) -> None:
    path = shutil.which(program)
    if not path:
        pytest.skip(f"{program} is not installed")
    reading = await web.read(web.target(f"runtime+local://{path}"))
    _assert_reasons("runtime", reading)
    assert not [name for name, fact in reading.facts.items() if fact.state == "secret"]
