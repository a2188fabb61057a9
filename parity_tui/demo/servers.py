"""Real servers, started privately: one method for each product.

    with Servers() as servers:
        database = servers.postgres("18", settings={"work_mem": "8MB"}, sql=["CREATE ROLE reader LOGIN"])
        print(database.url("reader"))

Every method returns a server that serves already, or raises MissingError (this machine does not have it) or
StartError (it has, but it did not come up). Several threads may call them at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from parity_tui.demo.apache import MODULES, Apache
from parity_tui.demo.memcached import Memcached
from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.nginx import Nginx
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.process import Sandbox
from parity_tui.demo.programs import Program, find
from parity_tui.demo.rabbitmq import ADMINISTRATOR, RabbitMQ
from parity_tui.demo.redis import Redis


class Servers:
    """A place for servers of every kind; all of them end with it."""

    def __init__(self) -> None:
        self.home = Sandbox()
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
        """Start PostgreSQL, the newest whose version starts so.

        `settings` go to postgresql.conf, `sql` is run by the superuser `postgres`, who is let in without a
        password unless `password` is given (then everybody needs one, by SCRAM); `initdb` are further words
        for that program.
        """
        program = self.program("postgres", version)
        name = self._name("postgres", program.version)
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
        """Start Redis, the newest whose version starts so.

        `settings` go to its configuration file as they are, `password` is that of the default user, and each
        of `acl` is the words of one user: `["parity", "on", ">secret", "-@all", "+info"]`.
        """
        program = self.program(product, version)
        name = self._name(product, program.version)
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
        """Start Valkey; the words are those of `redis`."""
        return self.redis(version, settings=settings, password=password, acl=acl, product="valkey")

    def memcached(
        self, version: str = "", *, options: Sequence[str] = (), login: tuple[str, str] | None = None
    ) -> Memcached:
        """Start Memcached with further options of its command line; `login` is the one user let in."""
        program = self.program("memcached", version)
        server = Memcached(self.home, self._name("memcached", program.version), program, options=options, login=login)
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
        """Start a RabbitMQ node (5 to 15 s), the newest whose version starts so.

        `settings` go to rabbitmq.conf. `definitions` has the form of an export (lists under `users`,
        `vhosts`, `permissions`, `policies`, `queues`, …; a user may have a plain `password`): they are added
        to the administrator, who is guest/guest unless told otherwise, and to the virtual host `/`.
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

    def prepare_rabbitmq(self, version: str = "", **words: Any) -> RabbitMQ:
        """Return a node that is not started yet: its ports are known already."""
        program = self.program("rabbitmq", version)
        return RabbitMQ(self.home, self._name("rabbitmq", program.version), program, **words)

    def mariadb(
        self, version: str = "", *, settings: Mapping[str, str] | None = None, sql: Sequence[str] = ()
    ) -> MariaDB:
        """Start MariaDB, the newest whose version starts so.

        `settings` go to its configuration file, `sql` is run by `root` when it first starts, one statement each.
        """
        server = self.prepare_mariadb(version, settings=settings, sql=sql)
        server.start()
        return server

    def prepare_mariadb(self, version: str = "", **words: Any) -> MariaDB:
        """Return a server that is not started yet: its port is known already."""
        program = self.program("mariadb", version)
        return MariaDB(self.home, self._name("mariadb", program.version), program, **words)

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
        """Start nginx, the newest whose version starts so.

        Each text goes into the block of its name, `sites` behind the one server that there is.
        """
        program = self.program("nginx", version)
        name = self._name("nginx", program.version)
        blocks = {"main": main, "events": events, "http": http, "server": server, "sites": sites}
        web = Nginx(self.home, name, program, **blocks)
        web.start()
        return web

    def apache(
        self, version: str = "", *, main: str = "", directory: str = "", modules: Sequence[str] = MODULES
    ) -> Apache:
        """Start Apache; `main` goes to its configuration file, `directory` to the section of its documents."""
        program = self.program("apache", version)
        name = self._name("apache", program.version)
        web = Apache(self.home, name, program, main=main, directory=directory, modules=modules)
        web.start()
        return web

    def file(self, name: str, text: str) -> Path:
        """Write a file that the servers can read, such as a certificate, and return its path."""
        return self.home.write(self.home.folder("files") / name, text)

    def program(self, product: str, version: str) -> Program:
        """Return the newest program of a product whose version starts so; MissingError where there is none."""
        return find(product, version)

    def _name(self, product: str, version: str) -> str:
        """Return a name for a server that no other has."""
        return f"{product}-{version}-{next(self._numbers)}"

    def close(self) -> None:
        """End all servers and remove their folder."""
        self.home.close()

    def __enter__(self) -> Servers:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()
