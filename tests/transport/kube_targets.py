"""Targets in the cluster of the tests."""

from __future__ import annotations

from pathlib import Path

from parity_tui.config import parse
from parity_tui.demo.supervisor import family
from parity_tui.model import Target
from tests.transport.test_ssh_recovery import name_of


def in_cluster(*urls: str, kube: str = "prod/shop", environment: str = "far", keys: str = "") -> tuple[Target, ...]:
    """Return a target for each URL, as of an environment with the key `kube`."""
    services = "".join(f"service{number} = {{ url = '{url}' {keys} }}\n" for number, url in enumerate(urls))
    text = f'[environments.{environment}]\nkube = "{kube}"\n[environments.{environment}.services]\n{services}'
    return parse(text, "parity.toml", {}, Path("/")).targets


def kubectls(leader: int) -> list[int]:
    """Return the kubectl processes among the children of a process."""
    return [pid for pid in family(leader) if name_of(pid) == "kubectl"]
