"""Starts private servers: one method for each product.

    with Servers() as servers:
        database = servers.postgres("18", settings={"work_mem": "8MB"}, sql=["CREATE ROLE reader LOGIN"])
        print(database.url("reader"))

Every method returns a server that serves already. It raises MissingError if the program is not on this machine and
StartError if the server did not come up. Threads may call them at the same time.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from parity_tui.demo.apache import MODULES, Apache
from parity_tui.demo.app import App
from parity_tui.demo.haproxy import HAProxy
from parity_tui.demo.memcached import Memcached
from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.nginx import Nginx
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.programs import Program, find
from parity_tui.demo.rabbitmq import ADMINISTRATOR, RabbitMQ
from parity_tui.demo.redis import Redis
from parity_tui.demo.sandbox import Sandbox


class Servers:
    """Servers in one sandbox; all of them end with it."""

    def __init__(self) -> None:
        self.home = Sandbox()
        self.app = App(self.home)
        self._numbers = itertools.count(1)

    def postgres(
        self,
        version: str = "",
        *,
        settings: Mapping[str, str] | None = None,
        sql: Sequence[str] = (),
        password: str = "",
        initdb: Sequence[str] = (),
    ) -> Postgres:
        """Start PostgreSQL, the newest with this version prefix.

        Args:
            version: prefix: "18", "16.14"; "" for any.
            settings: lines of postgresql.conf.
            sql: statements run by the superuser `postgres`.
            password: of the superuser; if given, every role needs one, by SCRAM.
            initdb: further arguments of initdb.
        """
        program = self.program("postgres", version)
        name = self._unique_name("postgres", program.version)
        server = Postgres(self.home, name, program, settings=settings, password=password, initdb=initdb)
        server.start()
        if sql:
            server.sql(*sql)
        return server

    def redis(
        self,
        version: str = "",
        *,
        settings: Mapping[str, str] | None = None,
        password: str = "",
        acl: Sequence[Sequence[str]] = (),
        product: str = "redis",
    ) -> Redis:
        """Start Redis, the newest with this version prefix.

        Args:
            version: prefix: "7", "8.0"; "" for any.
            settings: lines of its configuration file.
            password: of the default user.
            acl: the words of each further user: `["parity", "on", ">secret", "-@all", "+info"]`.
            product: "redis" or "valkey".
        """
        program = self.program(product, version)
        name = self._unique_name(product, program.version)
        server = Redis(self.home, name, program, settings=settings, password=password, acl=acl)
        server.start()
        return server

    def valkey(
        self,
        version: str = "",
        *,
        settings: Mapping[str, str] | None = None,
        password: str = "",
        acl: Sequence[Sequence[str]] = (),
    ) -> Redis:
        """Start Valkey; arguments as of `redis`."""
        return self.redis(version, settings=settings, password=password, acl=acl, product="valkey")

    def memcached(
        self, version: str = "", *, options: Sequence[str] = (), login: tuple[str, str] | None = None
    ) -> Memcached:
        """Start Memcached with further command-line options; `login` is the only user and password."""
        program = self.program("memcached", version)
        server = Memcached(
            self.home, self._unique_name("memcached", program.version), program, options=options, login=login
        )
        server.start()
        return server

    def rabbitmq(
        self,
        version: str = "",
        *,
        node: str = "rabbit",
        settings: Mapping[str, str] | None = None,
        plugins: Sequence[str] = ("rabbitmq_management",),
        administrator: tuple[str, str] = ADMINISTRATOR,
        definitions: Mapping[str, Any] | None = None,
    ) -> RabbitMQ:
        """Start a RabbitMQ node (5 to 15 s), the newest with this version prefix.

        Args:
            version: prefix: "3.10", "4"; "" for any.
            node: the part of its name before @localhost.
            settings: lines of rabbitmq.conf.
            plugins: enabled plug-ins.
            administrator: user and password.
            definitions: as in an export (lists under `users`, `vhosts`, `permissions`, `policies`, `queues`, …);
                a user may have a plain `password`. Administrator and virtual host `/` are added.
        """
        server = self.prepare_rabbitmq(
            version,
            node=node,
            settings=settings,
            plugins=plugins,
            administrator=administrator,
            definitions=definitions,
        )
        server.start()
        return server

    def prepare_rabbitmq(self, version: str = "", **arguments: Any) -> RabbitMQ:
        """Return a node that is not started yet; its ports are fixed already."""
        program = self.program("rabbitmq", version)
        return RabbitMQ(self.home, self._unique_name("rabbitmq", program.version), program, **arguments)

    def mariadb(
        self, version: str = "", *, settings: Mapping[str, str] | None = None, sql: Sequence[str] = ()
    ) -> MariaDB:
        """Start MariaDB, the newest with this version prefix.

        Args:
            version: prefix: "10.11", "11"; "" for any.
            settings: lines of its configuration file.
            sql: statements run by `root` at the first start.
        """
        server = self.prepare_mariadb(version, settings=settings, sql=sql)
        server.start()
        return server

    def prepare_mariadb(self, version: str = "", **arguments: Any) -> MariaDB:
        """Return a server that is not started yet; its port is fixed already."""
        program = self.program("mariadb", version)
        return MariaDB(self.home, self._unique_name("mariadb", program.version), program, **arguments)

    def nginx(
        self,
        version: str = "",
        *,
        main: str = "",
        events: str = "",
        http: str = "",
        server: str = "",
        sites: str = "",
    ) -> Nginx:
        """Start nginx, the newest with this version prefix.

        Each text goes into the block of its name, `sites` behind the block `server`.
        """
        program = self.program("nginx", version)
        name = self._unique_name("nginx", program.version)
        blocks = {"main": main, "events": events, "http": http, "server": server, "sites": sites}
        web = Nginx(self.home, name, program, **blocks)
        web.start()
        return web

    def apache(
        self, version: str = "", *, main: str = "", directory: str = "", modules: Sequence[str] = MODULES
    ) -> Apache:
        """Start Apache; `main` goes to its configuration file, `directory` to the section of its document root."""
        program = self.program("apache", version)
        name = self._unique_name("apache", program.version)
        web = Apache(self.home, name, program, main=main, directory=directory, modules=modules)
        web.start()
        return web

    def haproxy(
        self, version: str = "", *, global_: str = "", defaults: str = "", proxies: str = "", level: str = "user"
    ) -> HAProxy:
        """Start HAProxy; each text goes into the section of its name, `level` is that of its stats sockets."""
        program = self.program("haproxy", version)
        name = self._unique_name("haproxy", program.version)
        proxy = HAProxy(self.home, name, program, global_=global_, defaults=defaults, proxies=proxies, level=level)
        proxy.start()
        return proxy

    def file(self, name: str, text: str) -> Path:
        """Write a file that only the servers can read, such as a certificate, and return its path."""
        return self.home.write(self.home.folder("files") / name, text)

    def program(self, product: str, version: str) -> Program:
        """Return the newest program with this version prefix. Raises MissingError."""
        return find(product, version)

    def _unique_name(self, product: str, version: str) -> str:
        return f"{product}-{version}-{next(self._numbers)}"

    def close(self) -> None:
        """End all servers and remove their folder."""
        self.home.close()

    def __enter__(self) -> Servers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
