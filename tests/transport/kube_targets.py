"""Targets in the cluster of the tests."""

from __future__ import annotations

import subprocess
from pathlib import Path

from parity_tui.config import parse
from parity_tui.demo.supervisor import family
from parity_tui.model import Target


def in_cluster(*urls: str, kube: str = "prod/shop", environment: str = "far", keys: str = "") -> tuple[Target, ...]:
    """Return a target for each URL, as of an environment with the key `kube`."""
    services = "".join(f"service{number} = {{ url = '{url}' {keys} }}\n" for number, url in enumerate(urls))
    text = f'[environments.{environment}]\nkube = "{kube}"\n[environments.{environment}.services]\n{services}'
    return parse(text, "parity.toml", {}, Path("/")).targets


def kubectls(leader: int) -> list[int]:
    """Return the kubectl processes among the children of a process; one that has ended is none."""
    ps = subprocess.run(["ps", "-eo", "pid=,stat=,comm="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in ps.splitlines()]
    named = {int(pid) for pid, state, name in rows if name.rpartition("/")[2] == "kubectl" and state[0] != "Z"}
    return [pid for pid in family(leader) if pid in named] if named else []
