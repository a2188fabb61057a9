"""Apps behind SSH hosts: a folder there, a container there, an endpoint that only they reach."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from parity_tui.model import Target
from parity_tui.transport.routes import Routes
from tests import builders
from tests.services.app.builders import ONE, app, raws
from tests.services.app.builders import target as endpoint
from tests.transport.ssh_targets import reading
from tests.transport.sshd import Hosts


def far(scheme: str, **fields: object) -> Target:
    """Return the target of an app on the bastion."""
    made = builders.target(service="app", kind="app", scheme=scheme, port=0, **{"host": "bastion", **fields})  # type: ignore[arg-type]
    return replace(made, ssh="bastion")


async def test_folder_of_another_host_is_read(hosts: Hosts, routes: Routes, tmp_path: Path) -> None:
    folder = tmp_path / "it's $(current)"
    folder.mkdir()
    (folder / "REVISION").write_text(f"{ONE}\n")
    assert raws(await reading(far("app+ssh", path=str(folder)), routes))["revision"] == ONE


async def test_endpoint_behind_a_jump_host_is_read(hosts: Hosts, routes: Routes) -> None:
    with app() as served:
        served.show("/version", ONE)
        target = replace(endpoint(served.port, "version"), ssh="bastion")
        assert raws(await reading(target, routes))["revision"] == ONE
        assert hosts.bastion.carried(served.port) == 1
