"""Targets within a cluster of Kubernetes: the key `kube` of their environment."""

from __future__ import annotations

import re

from parity_tui.config.errors import InvalidValue
from parity_tui.model import Target
from parity_tui.transport.command import way_of

_KUBE = re.compile(r"(?!-)[!-~]{1,300}/[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""a context is any name, with slashes too; it becomes an argument of kubectl"""


def check_kube(kube: str) -> None:
    """Raise InvalidValue for a text that is not context/namespace.

    >>> check_kube("arn:aws:eks:eu-west-1:1:cluster/prod/shop")
    """
    if not _KUBE.fullmatch(kube):
        raise InvalidValue("must be context/namespace, as in prod/shop: `kubectl config get-contexts` lists contexts")


def check_in_cluster(target: Target, kube: str) -> None:
    """Raise InvalidValue for a target that is in a cluster, or should be, and cannot be reached there.

    Args:
        target: one of the environment.
        kube: context/namespace of the environment, "" for none.
    """
    way = way_of(target)
    if way == "kube" and not target.in_cluster and target.problem is None:
        raise InvalidValue(f"{target.scheme}:// leads to a pod: write {target.scheme}://pod/NAME or svc/NAME")
    if not target.in_cluster:
        return
    if way not in ("", "kube"):
        raise InvalidValue(f"{target.host} is in a cluster of Kubernetes: write {target.kind}+kube://{target.host}")
    if not kube:
        plain = target.host[:3]
        raise InvalidValue(
            f'{target.host} is in a cluster of Kubernetes: set kube = "context/namespace" in its environment '
            f"(a host named {plain} is written with its port, {plain}:PORT)"
        )
