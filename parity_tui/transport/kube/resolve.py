"""From a Service or a pod to the pod and the port that a connection is forwarded to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from msgspec import Struct

from parity_tui.drift.words import listing, plural
from parity_tui.model import Reason, ServiceError

Object: TypeAlias = Mapping[str, Any]
"""as in the JSON of the API"""


class Place(Struct, frozen=True):
    """A port of a pod."""

    pod: str
    port: int
    ready: bool = True


def of_service(service: Object, slices: Object, port: int) -> Place:
    """Return the place behind a port of a Service; port 0 stands for any.

    Of several ready pods the first by name is chosen, so that all readings come from one of them.

    Args:
        service: the Service.
        slices: the list of its EndpointSlices.
        port: of the Service.

    Raises:
        ServiceError: Reason.REFUSED; it has no such port, or no ready pod.
    """
    host = f"svc/{service['metadata']['name']}"
    name = _port_name(host, service, port) if port else None
    ready, others = dict[str, int](), set[str]()
    for endpoint, number in _endpoints(slices, name):
        pod = (endpoint.get("targetRef") or {}).get("name", "")
        if not pod:
            raise ServiceError(Reason.REFUSED, f"{host} leads to addresses, not to pods: name the server itself")
        if (endpoint.get("conditions") or {}).get("ready") is False:
            others.add(pod)
        elif number or not port:
            ready[pod] = number
    if not ready:
        raise ServiceError(Reason.REFUSED, f"{host} has no ready pod" + _unready(others))
    pod = min(ready)
    return Place(pod, ready[pod])


def _unready(pods: set[str]) -> str:
    return f": {listing(sorted(pods)[:3])} {'is' if len(pods) == 1 else 'are'} not ready" if pods else ""


def _port_name(host: str, service: Object, port: int) -> str:
    """Return the name of a port of a Service, "" for the only one without a name."""
    ports = (service.get("spec") or {}).get("ports") or []
    for each in ports:
        if each.get("port") == port and each.get("protocol", "TCP") == "TCP":
            return each.get("name") or ""
    known = [f"{each.get('port')} ({each['name']})" if each.get("name") else str(each.get("port")) for each in ports]
    has = f"its {plural(len(known), 'port')}: {', '.join(known)}" if known else "it has none"
    raise ServiceError(Reason.REFUSED, f"{host} has no port {port}; {has}")


def _endpoints(slices: Object, name: str | None) -> Iterator[tuple[Object, int]]:
    """Yield each endpoint with the number that a port has there, 0 for none."""
    for each in slices.get("items") or []:
        numbers = [port.get("port") for port in each.get("ports") or [] if (port.get("name") or "") == name]
        for endpoint in each.get("endpoints") or []:
            yield endpoint, (numbers[0] or 0) if numbers else 0


def of_pod(pod: Object, port: int) -> Place:
    """Return the place of a port of a pod. Raises ServiceError(Reason.REFUSED, …) for one that does not run."""
    name, status = pod["metadata"]["name"], pod.get("status") or {}
    if (phase := status.get("phase")) != "Running":
        why = next((f": {reason}" for reason in _waiting(status)), "")
        raise ServiceError(Reason.REFUSED, f"pod/{name} does not run ({phase or 'unknown'}{why})")
    if pod["metadata"].get("deletionTimestamp"):
        raise ServiceError(Reason.REFUSED, f"pod/{name} is being deleted")
    conditions = {each.get("type"): each.get("status") for each in status.get("conditions") or []}
    return Place(name, port, conditions.get("Ready") != "False")


def _waiting(status: Object) -> Iterator[str]:
    """Yield why containers wait: "ImagePullBackOff"."""
    for container in status.get("containerStatuses") or []:
        if reason := ((container.get("state") or {}).get("waiting") or {}).get("reason"):
            yield str(reason)
