"""The route to the commands of one pod: `kubectl exec`, here or at the ssh host where kubectl lives."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from parity_tui.model import Reason, ServiceError
from parity_tui.transport.commands import Process
from parity_tui.transport.kube.errors import station
from parity_tui.transport.kube.proxy import Proxy
from parity_tui.transport.kube.route import KubeRoute
from parity_tui.transport.supervised import LocalProcess


class PodRoute(KubeRoute):
    """A pod, or the pod behind a Service, in which commands are run."""

    def __init__(self, proxy: Proxy, namespace: str, host: str, container: str = "") -> None:
        """Create a route; ``container`` is "" for the pod's default one."""
        super().__init__(proxy, namespace)
        self._host, self._container = host, container

    async def process(self, argv: Sequence[str], seconds: float) -> Process:
        """Start a command in the pod. Raises ServiceError."""
        until = monotonic() + seconds
        pod = (await self.locate(self._host, 0)).pod
        container = ["-c", self._container] if self._container else []
        command = [
            "kubectl", "--context", self._proxy.context, "-n", self.namespace, "exec", "--quiet", "-i", pod, *container,
            "--", *argv,
        ]  # fmt: skip
        if (jump := self._proxy.jump) is not None:
            return await jump.process(command, until - monotonic())
        try:
            return LocalProcess(command)
        except ServiceError as error:
            raise ServiceError(Reason.TUNNEL, f"{station(self._proxy.context)}: {error.message}") from None
