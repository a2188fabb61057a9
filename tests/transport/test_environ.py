"""The environment of a process behind ssh."""

from __future__ import annotations

import sys

import pytest

from parity_tui.model import Target
from parity_tui.transport.routes import Routes
from tests.services.env.builders import process, read
from tests.transport.ssh_targets import reading
from tests.transport.sshd import Hosts


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
async def test_environ_by_ssh_equals_that_from_here(hosts: Hosts, routes: Routes) -> None:
    with process({"DEBUG": "on", "SECRET_KEY": "fish fish", "NOTE": "two\nlines"}) as pid:
        far = Target("dev", "env", "env", "env+ssh", "bastion", path=f"/{pid}", ssh="bastion")
        by_ssh = await reading(far, routes)
        here = await read(f"env+local:///{pid}")
    assert (by_ssh.facts, by_ssh.instance) == (here.facts, here.instance)
    assert by_ssh.address == f"bastion {pid}"
