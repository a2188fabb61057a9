"""SSH hosts for the tests of transport."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from parity_tui.demo.sandbox import Sandbox
from parity_tui.transport.routes import Routes
from tests.conftest import missing
from tests.transport.sshd import Hosts, program


@pytest.fixture(scope="session")
def all_hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """Start hosts that run sshd; the sandbox ends them."""
    if not program() or not shutil.which("ssh"):
        missing("no ssh or no sshd here (openssh-client, openssh-server)")
    with Sandbox() as home:
        hosts = Hosts(tmp_path_factory.mktemp("ssh"), home)
        yield hosts


@pytest.fixture
def hosts(all_hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> Hosts:
    """Yield hosts that run sshd, with an ssh on PATH that knows them."""
    monkeypatch.setenv("PATH", f"{all_hosts.path}:{os.environ['PATH']}")
    return all_hosts


@pytest.fixture
async def routes(hosts: Hosts) -> AsyncIterator[Routes]:
    """Yield routes that are closed after the test."""
    result = Routes()
    yield result
    await result.close()


@pytest.fixture
def far(all_hosts: Hosts) -> Iterator[Path]:
    """Yield an empty folder that is first on PATH at the far end."""
    folder = all_hosts.folder / "far"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)
