"""Hosts that are reached by ssh, for the tests of the ways out."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from parity_tui.demo.sandbox import Sandbox
from parity_tui.transport.ssh import SSHConnections
from tests.conftest import missing
from tests.transport.sshd import Hosts, program


@pytest.fixture(scope="session")
def all_hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """Give hosts that run sshd."""
    if not program() or not shutil.which("ssh"):
        missing("no ssh or no sshd here (openssh-client, openssh-server)")
    with Sandbox() as home:
        hosts = Hosts(tmp_path_factory.mktemp("ssh"), home)
        yield hosts
    hosts.close()


@pytest.fixture
def hosts(all_hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> Hosts:
    """Give hosts that run sshd, and the client that knows them on PATH."""
    monkeypatch.setenv("PATH", f"{all_hosts.path}:{os.environ['PATH']}")
    return all_hosts


@pytest.fixture
async def lines(hosts: Hosts) -> AsyncIterator[SSHConnections]:
    """Give lines to them that end with the test."""
    these = SSHConnections()
    yield these
    await these.close()


@pytest.fixture
def far(all_hosts: Hosts) -> Iterator[Path]:
    """Give a folder that stands first on PATH at the far end, empty at first."""
    folder = all_hosts.folder / "far"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)
