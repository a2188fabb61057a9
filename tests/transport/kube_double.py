"""A cluster of Kubernetes as far as kubectl and parity-tui see it: an API server on 127.0.0.1, with TLS and a token.

Pods lead to real servers of this machine, and commands run in pods run on this machine:

    with Cluster() as cluster:
        cluster.pod("shop", "cache-0", {6379: valkey.port}, images={"cache": "valkey:9"})
        cluster.service("shop", "cache", {6379: 6379}, ["cache-0"])
        environ["KUBECONFIG"] = str(cluster.kubeconfig(tmp_path / "config", "prod"))

Every object is the JSON of the API in `objects`; `add` takes any other, such as a Deployment.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import trustme

from tests.transport.kube_streams import execute, forward

TOKEN = "a-token-of-the-cluster"

RESOURCES = {
    "v1": {"pods": "Pod", "services": "Service", "configmaps": "ConfigMap"},
    "apps/v1": {"deployments": "Deployment", "statefulsets": "StatefulSet", "daemonsets": "DaemonSet"},
    "discovery.k8s.io/v1": {"endpointslices": "EndpointSlice"},
}
"""group and version -> resource -> kind"""

Object = dict[str, Any]


class Cluster(ThreadingHTTPServer):
    """The API server; what it knows may change at any time."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[tuple[str, str], dict[str, Object]] = {}
        """(resource, namespace) -> name -> object"""
        self.backends: dict[tuple[str, str], dict[int, int]] = {}
        """(namespace, pod) -> port of the pod -> port of this machine"""
        self.forbidden: set[tuple[str, str]] = set()
        """(verb, resource): ("get", "pods/portforward")"""
        self.broken: set[tuple[str, str]] = set()
        """likewise, of requests that the API server cannot pass on"""
        self.requests: list[tuple[str, str]] = []
        """(method, path with its query) of every request"""
        self.token = TOKEN
        self.hung = threading.Event()
        """set: every request waits until it is cleared"""
        self.streams: dict[tuple[str, str], list[Callable[[], None]]] = {}
        """(namespace, pod) -> what ends its streams"""
        self._authority = trustme.CA()
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # kubectl sends its token over TLS only
        self._authority.issue_cert("127.0.0.1").configure_cert(self._tls)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; its own thread shakes hands."""
        sock, address = super().get_request()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing about clients that leave."""

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hung.clear()
        self.end_streams()
        self.shutdown()
        self.server_close()

    def kubeconfig(self, path: Path, *contexts: str, user: Mapping[str, Any] | None = None) -> Path:
        """Write a kubeconfig whose contexts all lead to this cluster; the first one is the current."""
        authority = b64encode(self._authority.cert_pem.bytes()).decode()
        address = f"https://127.0.0.1:{self.server_address[1]}"
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": contexts[0],
            "clusters": [{"name": "double", "cluster": {"server": address, "certificate-authority-data": authority}}],
            "users": [{"name": "ann", "user": user or {"token": TOKEN}}],
            "contexts": [{"name": name, "context": {"cluster": "double", "user": "ann"}} for name in contexts],
        }))  # fmt: skip
        return path

    def add(self, resource: str, namespace: str, name: str, **fields: Any) -> Object:
        """Add an object of any resource, or replace it."""
        metadata = {"name": name, "namespace": namespace, **fields.pop("metadata", {})}
        version, kind = next((version, kinds[resource]) for version, kinds in RESOURCES.items() if resource in kinds)
        made = {"apiVersion": version, "kind": kind, "metadata": metadata, **fields}
        self.objects.setdefault((resource, namespace), {})[name] = made
        self.objects["namespaces", namespace] = {namespace: {"metadata": {"name": namespace}}}
        return made

    def pod(
        self,
        namespace: str,
        name: str,
        ports: Mapping[int, int] | None = None,
        *,
        images: Mapping[str, str] | None = None,
        ready: bool = True,
        phase: str = "Running",
    ) -> Object:
        """Add a pod whose ports lead to ports of this machine."""
        self.backends[namespace, name] = dict(ports or {})
        containers = [{"name": each, "image": image} for each, image in (images or {"main": "scratch"}).items()]
        return self.add(
            "pods", namespace, name,
            spec={"containers": containers},
            status={"phase": phase, "conditions": [{"type": "Ready", "status": "True" if ready else "False"}]},
        )  # fmt: skip

    def service(
        self,
        namespace: str,
        name: str,
        ports: Mapping[int, int],
        pods: Sequence[str],
        port_names: Mapping[int, str] | None = None,
        **spec: Any,
    ) -> Object:
        """Add a Service, and the EndpointSlice of its pods.

        Args:
            namespace: of the Service.
            name: likewise.
            ports: port -> port of the pods.
            pods: their names, ready as far as they are there and ready.
            port_names: port -> its name.
            spec: further fields.
        """
        only = len(ports) == 1  # several ports have names
        names = {port: (port_names or {}).get(port, "" if only else f"port-{port}") for port in ports}
        listed = [{"name": names[port], "port": port, "targetPort": to} for port, to in ports.items()]
        at_pods = [{"name": names[port], "port": to} for port, to in ports.items()]
        self.add(
            "endpointslices", namespace, f"{name}-1",
            metadata={"labels": {"kubernetes.io/service-name": name}},
            addressType="IPv4", ports=at_pods, endpoints=[self._endpoint(namespace, pod) for pod in pods],
        )  # fmt: skip
        return self.add("services", namespace, name, spec={"ports": listed, **spec})

    def _endpoint(self, namespace: str, pod: str) -> Object:
        found = self.objects.get(("pods", namespace), {}).get(pod)
        ready = found is not None and found["status"]["conditions"][0]["status"] == "True"
        target = {"kind": "Pod", "name": pod, "namespace": namespace}
        return {"addresses": ["10.0.0.1"], "conditions": {"ready": ready}, "targetRef": target}

    def delete_pod(self, namespace: str, name: str) -> None:
        """Delete a pod; its streams end."""
        del self.objects["pods", namespace][name]
        self.backends.pop((namespace, name), None)
        self.end_streams((namespace, name))

    def end_streams(self, pod: tuple[str, str] | None = None) -> None:
        """End the streams of a pod, or all."""
        for key in list(self.streams) if pod is None else [pod]:
            for end in self.streams.pop(key, ()):
                end()


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    server: Cluster
    connection: ssl.SSLSocket
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self) -> None:
        cluster, url = self.server, urlsplit(self.path)
        cluster.requests.append((self.command, self.path))
        while cluster.hung.is_set():
            threading.Event().wait(0.02)
        if self.headers.get("Authorization") != f"Bearer {cluster.token}":
            return self._status(401, "Unauthorized", "Unauthorized")
        path, query = unquote(url.path).strip("/"), parse_qs(url.query)
        if (document := _discovery(path)) is not None:
            return self._reply(200, document)
        return self._resource(path, query)

    do_POST = do_GET  # noqa: N815 - likewise

    def _resource(self, path: str, query: Mapping[str, list[str]]) -> None:
        words = path.split("/")
        at = words.index("namespaces") if "namespaces" in words else len(words)
        namespace, resource, name, *sub = [*words[at + 1 :], "", "", ""][: max(3, len(words) - at - 1)]
        if not resource:
            resource, name = "namespaces", namespace
        whole = "/".join((resource, *filter(None, sub)))
        upgrade = "websocket" in self.headers.get("Upgrade", "").lower()
        verb = "create" if self.command == "POST" else "get" if name else "list"
        if (verb, whole) in self.server.forbidden:
            group = path.split("/")[1] if path.startswith("apis/") else ""
            reason = f'cannot {verb} resource "{whole}" in API group "{group}" in the namespace "{namespace}"'
            return self._status(403, "Forbidden", f'{whole} "{name}" is forbidden: User "ann" {reason}')
        if (verb, whole) in self.server.broken:
            return self._status(500, "InternalError", "error dialing backend: no route to host")
        objects = self.server.objects.get((resource, namespace), {})
        if name and name not in objects:
            return self._status(404, "NotFound", f'{resource} "{name}" not found')
        if upgrade and sub:
            return self._stream(sub[0], namespace, name, query)
        if name:
            return self._reply(200, objects[name])
        chosen = [each for each in objects.values() if _has_labels(each, query.get("labelSelector", [""])[0])]
        kind = next(kinds[resource] for kinds in RESOURCES.values() if resource in kinds)
        version = path.split("/namespaces")[0].partition("/")[2]
        return self._reply(200, {"kind": f"{kind}List", "apiVersion": version, "metadata": {}, "items": chosen})

    def _stream(self, sub: str, namespace: str, pod: str, query: Mapping[str, list[str]]) -> None:
        """Take the connection over for a WebSocket."""
        token = sha1(self.headers["Sec-WebSocket-Key"].encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        self.send_response(101, "Switching Protocols")
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", b64encode(token.digest()).decode())
        self.send_header("Sec-WebSocket-Protocol", self.headers["Sec-WebSocket-Protocol"].split(",")[0].strip())
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        ends = self.server.streams.setdefault((namespace, pod), [])
        if sub == "exec":
            execute(self.connection, query["command"], ends)
        else:
            backends = self.server.backends.get((namespace, pod), {})
            forward(self.connection, pod, int(query["ports"][0]), backends, ends)

    def _status(self, code: int, reason: str, message: str) -> None:
        self._reply(code, {
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
            "reason": reason, "code": code,
        })  # fmt: skip

    def _reply(self, code: int, document: Object) -> None:
        body = json.dumps(document).encode()
        with suppress(OSError):
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Print nothing."""


def _discovery(path: str) -> Object | None:
    """Return what tells kubectl which resources exist, None for another path."""
    if path == "version":
        return {"major": "1", "minor": "35", "gitVersion": "v1.35.0"}
    if path == "api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "apis":
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": list(_groups())}
    version = path.partition("/")[2]
    if path.count("/") in (1, 2) and version in RESOURCES:
        names = [
            {"name": name, "singularName": kind.lower(), "namespaced": True, "kind": kind, "verbs": ["get", "list"]}
            for name, kind in RESOURCES[version].items()
        ]
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": names}
    return None


def _groups() -> Iterator[Object]:
    for each in RESOURCES:
        group, slash, version = each.partition("/")
        if slash:
            named = {"groupVersion": each, "version": version}
            yield {"name": group, "versions": [named], "preferredVersion": named}


def _has_labels(each: Object, selector: str) -> bool:
    labels = each["metadata"].get("labels", {})
    return all(labels.get(key) == value for key, _, value in (one.partition("=") for one in selector.split(",") if one))
