"""RabbitMQ: a node with a port mapper (epmd) and a cookie of its own, and users from a definitions file."""

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

from parity_tui.demo.process import Process, StartError, answers, free_port, wait_until
from parity_tui.demo.programs import Program
from parity_tui.demo.sandbox import Sandbox
from parity_tui.demo.server import Server

ADMINISTRATOR = ("guest", "guest")
"""Default user and password of the administrator."""


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
        """Take other ports, because another program has taken one of them."""
        super().move()
        self.management_port, self._distribution_port = free_port(), free_port()
        self._mapper_port, self._mapper = free_port(), None

    def configure(self) -> None:
        """Write configuration, plug-ins and definitions; start the port mapper."""
        write = self.home.write
        settings = {
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
        write(self.folder / "rabbitmq.conf", "".join(f"{name} = {value}\n" for name, value in settings.items()))
        write(self.folder / "enabled_plugins", f"[{','.join(self._plugins)}].\n")
        write(self.folder / "definitions.json", json.dumps(self._all_definitions()))
        self._start_port_mapper()

    def _without_proc(self) -> dict[str, str]:
        """Return the setting that a node in another root folder needs, because it has no /proc."""
        return {"vm_memory_calculation_strategy": "allocated"} if self.program.root is not None else {}

    def _all_definitions(self) -> dict[str, Any]:
        """Return the definitions with the administrator and the virtual host `/` before them."""
        given = {key: list(value) for key, value in self._definitions.items()}
        name, password = self.user, self.password
        all_rights = {"user": name, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
        return {
            **given,
            "users": [{"name": name, "password": password, "tags": "administrator"}, *given.get("users", [])],
            "vhosts": [{"name": "/"}, *given.get("vhosts", [])],
            "permissions": [all_rights, *given.get("permissions", [])],
        }

    def _start_port_mapper(self) -> None:
        """Start a port mapper of its own, so that it meets no other node of this machine."""
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
        """Return epmd: from PATH, or from Erlang's own folder."""
        if self.program.root is not None:
            return "epmd"
        if path := shutil.which("epmd"):
            return path
        erl = Path(shutil.which("erl") or "/usr/bin/erl").resolve()
        candidates = sorted(erl.parent.parent.glob("erts-*/bin/epmd")) or sorted(erl.parent.glob("epmd"))
        return str(candidates[0]) if candidates else "epmd"

    def command(self) -> Sequence[str]:
        """Return RabbitMQ's own start script."""
        return [self.inside(self.program.path)]

    def environment(self) -> Mapping[str, str]:
        """Return the variables that keep the node in its folder, on its ports and off the CPU while it is idle."""
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
        """Search its log: its ports open long before it serves."""
        return "Server startup complete" in self.words()

    def is_settled(self) -> bool:
        """Ask its API: for about 5 s it does not report its plug-ins and limits."""
        return "enabled_plugins" in self.api("GET", "/api/nodes")[0]

    def restart(self, settings: Mapping[str, str] | None = None) -> None:
        """Kill it and start it on the same ports, with changed settings; its data stay."""
        self.kill()
        self.settings.update(settings or {})
        self.start()

    def api(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Call the HTTP API as the administrator: `api("PUT", "/api/vhosts/x")`. Raises StartError if it refuses."""
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
        path = f"/api/policies/{quote(vhost, safe='')}/{quote(name, safe='')}"
        self.api("PUT", path, {"pattern": pattern, "definition": dict(definition), "apply-to": "queues"})
