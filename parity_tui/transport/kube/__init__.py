"""Services and pods of Kubernetes through the user's own kubectl, so that their contexts, plug-ins and logins count.

One :class:`KubeRoute` is a route (``transport/route.py``) for all targets of a namespace.

- ``route.py``: a namespace as a route; ``pod_route.py``: a pod in which commands are run
- ``proxy.py``: the `kubectl proxy` of a context, on a private Unix socket, here or at an ssh host
- ``process.py``: its process; ``api.py``: a request through it
- ``resolve.py``: Service or pod -> pod and port, pure
- ``forward.py``: port-forward by WebSocket, as a socket
- ``errors.py``: refusals of kubectl and of the API server in words, with the rights that are missing
"""

from __future__ import annotations

from parity_tui.transport.kube.pod_route import PodRoute
from parity_tui.transport.kube.proxy import Proxy
from parity_tui.transport.kube.route import KubeRoute

__all__ = ["KubeRoute", "PodRoute", "Proxy"]
