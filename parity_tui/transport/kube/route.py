"""The route to the Services and pods of one namespace."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import quote

from parity_tui.model import Reason, ServiceError
from parity_tui.transport.cluster_host import is_cluster_host
from parity_tui.transport.commands import Process
from parity_tui.transport.foreign import foreign
from parity_tui.transport.kube.api import Reply
from parity_tui.transport.kube.errors import described, forbidden, is_login
from parity_tui.transport.kube.forward import Forward, RefusedError
from parity_tui.transport.kube.proxy import Proxy
from parity_tui.transport.kube.resolve import Object, Place, of_pod, of_service
from parity_tui.transport.pipe import Pipe
from parity_tui.transport.route import Steps

_LOOK = 1.0
"""seconds between two looks whether a pod that targets wait for is ready"""


class KubeRoute:
    """A namespace; the Route of all targets whose hosts are svc/NAME and pod/NAME."""

    def __init__(self, proxy: Proxy, namespace: str) -> None:
        self._proxy, self.namespace = proxy, namespace
        self._forwards: set[asyncio.Task[None]] = set()
        self._missing: set[tuple[str, int]] = set()
        """(host, port) that led to no pod at the last attempt"""
        self._places: dict[str, Place] = {}
        """host:port -> where it led to"""
        self._wakers: dict[object, Callable[[], None]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def up(self) -> None:
        """Wait until the API server has accepted the login of kubectl. Raises ServiceError."""
        await self._proxy.up()

    async def come_up(self, step: Steps) -> None:
        """Come up with the steps route (with an ssh host), kubectl and context. Raises ServiceError."""
        if (jump := self._proxy.jump) is not None:
            with step("route") as span:
                await jump.up()
                span.words = jump.arrival()
        with step("kubectl") as span:
            await self._proxy.running()
            span.words = f"{self._proxy.program} runs"
        with step("context") as span:
            await self._proxy.up()
            span.words = self.arrival()

    async def find(self, host: str, step: Steps) -> None:
        """Find the pod of a host, with the steps namespace and pod. Raises ServiceError."""
        with step("namespace") as span:
            found = await self._read(host)
            span.words = f"{self.namespace} can be read"
        with step("pod") as span:
            place = self._place(host, 0, *found)
            span.words = f"pod/{place.pod}" + ("" if place.ready else "; it is not ready")

    async def stream(self, host: str, port: int) -> socket.socket:
        """Return a socket that leads to a port of a Service or a pod. Raises ServiceError."""
        place = await self.locate(host, port)
        path = f"{self._path('pods', place.pod)}/portforward?ports={place.port}"
        try:
            pipe = await self._forwarded(path, f"{host}:{port}")
        except RefusedError as refusal:
            raise self._not_forwarded(refusal.reply, f"{host}:{port}", place.pod) from None
        except (OSError, EOFError):
            raise ServiceError(Reason.CLOSED, f"{host}:{port}: the port-forward to pod/{place.pod} ended") from None
        self._places[f"{host}:{port}"] = place
        return pipe

    async def _forwarded(self, path: str, address: str) -> Pipe:
        sock = await self._proxy.connect()
        ours, far = socket.socketpair()
        pipe = Pipe(fileno=ours.detach())
        for end in (pipe, far):
            end.setblocking(False)
        forward = Forward(sock, address)
        try:
            await forward.open(path)
        except BaseException:
            for end in (pipe, far, sock):
                end.close()
            raise
        task = asyncio.create_task(forward.carry(pipe, far), name=f"port-forward {address}")
        self._forwards.add(task)

        def close(task: asyncio.Task[None]) -> None:  # a task that is cancelled before it starts runs no `finally`
            self._forwards.discard(task)
            forward.close()
            far.close()

        task.add_done_callback(close)
        return pipe

    async def locate(self, host: str, port: int) -> Place:
        """Return the pod and the port that a host leads to. Raises ServiceError."""
        try:
            place = self._place(host, port, *await self._read(host))
        except ServiceError as error:
            if error.reason in (Reason.REFUSED, Reason.DNS):
                self._missing.add((host, port))
            raise
        self._missing.discard((host, port))
        return place

    async def _read(self, host: str) -> tuple[Object | None, Object]:
        """Return the named Service or pod, None if it is missing, and the Service's EndpointSlices.

        Raises ServiceError where the namespace is missing or cannot be read.
        """
        if not is_cluster_host(host):
            words = f"{host} is not a host of the cluster: it has svc/NAME and pod/NAME"
            raise ServiceError(Reason.CONFIG, words)
        kind, _, name = host.partition("/")
        if kind == "pod":
            return await self._object("pods", name, host), {}
        selector = quote(f"kubernetes.io/service-name={name}", safe="")
        path = f"/apis/discovery.k8s.io/v1/namespaces/{self.namespace}/endpointslices?labelSelector={selector}"
        if (service := await self._object("services", name, host)) is None:
            return None, {}
        slices = await self._proxy.get(path)
        if slices.status != 200:
            raise self._refused(slices, "endpointslices", "list", host)
        return service, slices.json()

    async def _object(self, resource: str, name: str, host: str) -> Object | None:
        reply = await self._proxy.get(self._path(resource, name))
        if reply.status == 404:
            # The API server says the same where the whole namespace is missing; not every user may ask for that.
            if (await self._proxy.get(f"/api/v1/namespaces/{self.namespace}")).status == 404:
                words = f"the namespace {self.namespace} does not exist in {self._proxy.context}"
                raise ServiceError(Reason.DNS, words)
            return None
        if reply.status != 200:
            raise self._refused(reply, resource, "get", host)
        document: Object = reply.json()
        return document

    def _place(self, host: str, port: int, named: Object | None, slices: Object) -> Place:
        if named is None:
            raise self._missing_error(host)
        return of_pod(named, port) if host.startswith("pod/") else of_service(named, slices, port)

    def _missing_error(self, host: str) -> ServiceError:
        where = f"the namespace {self.namespace} of {self._proxy.context}"
        return ServiceError(Reason.DNS, f"{host} does not exist in {where}")

    def _path(self, resource: str, name: str) -> str:
        return f"/api/v1/namespaces/{self.namespace}/{resource}/{quote(name, safe='')}"

    def _refused(self, reply: Reply, resource: str, verb: str, host: str) -> ServiceError:
        context = self._proxy.context
        if reply.status == 403:
            return forbidden(context, self.namespace, resource, verb)
        if reply.status == 404:
            return self._missing_error(host)
        if reply.status == 401 or reply.status >= 500:
            return self._proxy.fail(reply)
        return described(context, reply)

    def _not_forwarded(self, reply: Reply, address: str, pod: str) -> ServiceError:
        """Return why a port-forward was refused: the API server may be fine, and not reach the pod's node."""
        if reply.status in (401, 403, 404) or is_login(reply.text):
            return self._refused(reply, "pods/portforward", "get or create", f"pod/{pod}")
        words = f"the API server does not forward to pod/{pod} ({reply.status}): {foreign(reply.text, 300)}"
        return ServiceError(Reason.CLOSED, f"{address}: {words}")

    async def process(self, argv: Sequence[str], seconds: float) -> Process:
        """Commands run in pods only. Raises ServiceError."""
        raise ServiceError(Reason.CONFIG, f"{self._proxy.station}: commands are run in a pod: KIND+kube://pod/NAME")

    def arrival(self) -> str:
        """Return how an open route is told."""
        return f"logged in to the {self._proxy.station}"

    def reached(self, address: str) -> str:
        """Return how a stream to an address is told."""
        place = self._places[address]
        return f"{address} is forwarded to port {place.port} of pod/{place.pod}"

    def late(self, seconds: float) -> str:
        """Return why the route is not up after ``seconds``."""
        host = self.pending_host()
        what = "no login" if self._proxy.runs or host != self._proxy.station else "kubectl does not serve"
        return f"{host}: {what} within {seconds:g} s"

    def remark(self) -> str:
        """Return "": kubectl's own words come with each failure."""
        return ""

    def hosts(self) -> list[str]:
        """Return the ssh hosts on the way, and the context."""
        return [*(self._proxy.jump.hosts() if self._proxy.jump else []), self._proxy.station]

    def pending_host(self) -> str:
        """Return the first ssh host on the way that is not logged in to, else the context."""
        jump = self._proxy.jump
        return jump.pending_host() if jump and not jump.is_up else self._proxy.station

    def check_pulse(self) -> None:
        """Ask the ssh hosts and the API server for a sign of life."""
        if self._proxy.jump is not None:
            self._proxy.jump.check_pulse()
        if self._proxy.is_up:
            self._proxy.pulse.check()

    def silent_host(self, seconds: float) -> str:
        """Return the first station that has not replied for ``seconds``, "" if all have."""
        before = self._proxy.jump.silent_host(seconds) if self._proxy.jump is not None else ""
        return before or (self._proxy.station if self._proxy.pulse.silent(seconds) else "")

    @contextmanager
    def waiting(self, wake: Callable[[], None]) -> Iterator[None]:
        """Call ``wake`` whenever kubectl comes up, or a pod that was missing is ready, while a block runs."""
        key = object()
        self._wakers[key] = wake
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name=f"pods of {self.namespace}")
        try:
            with self._proxy.recovery.waiting(wake):
                yield
        finally:
            del self._wakers[key]

    async def _look(self) -> None:
        """Look for the missing pods until they are ready."""
        while self._wakers:
            await asyncio.sleep(_LOOK)
            if not self._proxy.is_up:
                continue
            for host, port in list(self._missing):
                with suppress(ServiceError):
                    await self.locate(host, port)
                    for wake in list(self._wakers.values()):
                        wake()

    def forget(self) -> None:
        """Forget a failure, so that the next use tries again at once."""
        self._proxy.forget()

    async def close(self) -> None:
        """End all port-forwards, and kubectl."""
        tasks = [*self._forwards, *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._proxy.close()
