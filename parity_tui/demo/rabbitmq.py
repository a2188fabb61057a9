"""RabbitMQ: a node with a port mapper (epmd) and a cookie of its own; users come from a definitions file."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from parity_tui.demo.process import Process, Sandbox, StartError, answers, free_port, wait_until
from parity_tui.demo.programs import Program
from parity_tui.demo.server import Server

ADMINISTRATOR = ("guest", "guest")
"""User and password of the one who may do everything, unless told otherwise."""


class RabbitMQ(Server):
    """A RabbitMQ node with the management plug-in."""

    product = "RabbitMQ"
    scheme = "amqp"
    seconds = 90.0

    def __init__(
        self,
        home: Sandbox,
        name: str,
        program: Program,
        *,
        node: str = "rabbit",
        settings: Mapping[str, str] | None = None,
        plugins: Sequence[str] = ("rabbitmq_management",),
        administrator: tuple[str, str] = ADMINISTRATOR,
        definitions: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(home, name, program)
        self.node = f"{node}@localhost"
        self.user, self.password = administrator
        self.settings = dict(settings or {})
        self.management_port = free_port()
        self._plugins = plugins
        self._definitions = definitions or {}
        self._distribution_port = free_port()
        self._mapper_port = free_port()
        self._mapper: Process | None = None

    @property
    def management(self) -> str:
        """The URL of its HTTP API."""
        return f"http://{self.host}:{self.management_port}"

    def move(self) -> None:
        """Take other ports, all of them."""
        super().move()
        self.management_port, self._distribution_port = free_port(), free_port()
        self._mapper_port, self._mapper = free_port(), None

    def configure(self) -> None:
        """Write configuration, plug-ins and definitions; see that the port mapper runs."""
        write = self.home.write
        own = {
            "listeners.tcp.1": f"{self.host}:{self.port}",
            "management.tcp.ip": self.host,
            "management.tcp.port": str(self.management_port),
            "load_definitions": self.inside(self.folder / "definitions.json"),
            "log.file": "false",
            "log.console": "true",
            "log.console.level": "info",
            **self._without_proc(),
            **self.settings,
        }
        write(self.folder / "rabbitmq.conf", "".join(f"{name} = {value}\n" for name, value in own.items()))
        write(self.folder / "enabled_plugins", f"[{','.join(self._plugins)}].\n")
        write(self.folder / "definitions.json", json.dumps(self._merged()))
        self._map_ports()

    def _without_proc(self) -> dict[str, str]:
        """Return what a node needs that lives in another root folder, where there is no /proc to read."""
        return {"vm_memory_calculation_strategy": "allocated"} if self.program.root is not None else {}

    def _merged(self) -> dict[str, Any]:
        """Return the definitions given, with the administrator and the virtual host `/` before them."""
        given = {key: list(value) for key, value in self._definitions.items()}
        name, password = self.user, self.password
        everything = {"user": name, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
        return {
            **given,
            "users": [{"name": name, "password": password, "tags": "administrator"}, *given.get("users", [])],
            "vhosts": [{"name": "/"}, *given.get("vhosts", [])],
            "permissions": [everything, *given.get("permissions", [])],
        }

    def _map_ports(self) -> None:
        """Start the node's own port mapper, so that it meets no other node of this machine."""
        if self._mapper is not None and self._mapper.code() is None:
            return
        address = ["-address", self.host, "-port", str(self._mapper_port)]
        program = self._mapper_program()
        argv = [program, *address]
        if self.program.root is not None:
            argv = [*self.argv()[:4], *argv]
        self._mapper = self.home.start(f"{self.name}.epmd", argv, as_root=bool(self.program.root))
        if not wait_until(lambda: answers(self._mapper_port), 10):
            raise StartError(f"the port mapper of {self.product} did not come up: {self._mapper.last_words()}")

    def _mapper_program(self) -> str:
        """Return epmd: on PATH, or inside Erlang's own folder."""
        if self.program.root is not None:
            return "epmd"
        if found := shutil.which("epmd"):
            return found
        erl = Path(shutil.which("erl") or "/usr/bin/erl").resolve()
        found_inside = sorted(erl.parent.parent.glob("erts-*/bin/epmd")) or sorted(erl.parent.glob("epmd"))
        return str(found_inside[0]) if found_inside else "epmd"

    def command(self) -> Sequence[str]:
        """Return RabbitMQ's own start script."""
        return [self.inside(self.program.path)]

    def environment(self) -> Mapping[str, str]:
        """Return what keeps the node within its folder, on its ports and off the CPU while it waits."""
        folder = self.inside(self.folder)
        foreign = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"} if self.program.root is not None else {}
        return {
            **foreign,
            "HOME": folder,
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._mapper_port),
            "ERL_EPMD_ADDRESS": self.host,
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{folder}/advanced.config",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/rabbitmq-env.conf",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/schema",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"
            ),
        }

    def is_up(self) -> bool:
        """Look for its own word in its own log: ports open long before it serves."""
        return "Server startup complete" in self.words()

    def is_settled(self) -> bool:
        """Ask itself: for its first 5 s or so it cannot tell its plug-ins and limits."""
        return "enabled_plugins" in self.api("GET", "/api/nodes")[0]

    def restart(self, settings: Mapping[str, str] | None = None) -> None:
        """Kill it and start it on the same ports, with further settings where given; its data stay."""
        self.kill()
        self.settings.update(settings or {})
        self.start()

    def api(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Call the HTTP API as the administrator, `api("PUT", "/api/vhosts/x")`; StartError where it refuses."""
        login = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
        with contextlib.closing(http.client.HTTPConnection(self.host, self.management_port, timeout=10)) as connection:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            text = response.read().decode()
        if response.status >= 400:
            raise StartError(f"{self!r} refused {method} {path}: {response.status} {text[:200]}")
        return json.loads(text) if text else None

    def set_policy(self, name: str, pattern: str, definition: Mapping[str, Any], vhost: str = "/") -> None:
        """Make or change a policy."""
        where = f"/api/policies/{quote(vhost, safe='')}/{quote(name, safe='')}"
        self.api("PUT", where, {"pattern": pattern, "definition": dict(definition), "apply-to": "queues"})
