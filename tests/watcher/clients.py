"""The lines that servers log about their clients: those of the products' own clients, and how lines are compared."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from msgspec import Struct

from parity_tui.demo.server import Server
from tests.conftest import missing

OTHERS = re.compile(
    r"the database system is (?:starting up|shutting down)"  # whether a client comes at that moment is chance
    r"|Could not write packet|Got an error writing communication packets"  # the last words to one that has just gone
    r"|^STATEMENT:"  # what the line before it interrupted
    r"|^N clients connected|^DB N: N keys"
)
"""lines that any client may leave, depending on the moment, and figures that come every five seconds"""

_HEADS = {
    "PostgreSQL": r"^\S+ \S+ \S+ \[\d+\] ",
    "Redis": r"^\d+:\w \d+ \w+ \d+ [\d:.]+ .",
    "MariaDB": r"^[\d-]+ +[\d:]+ +[1-9]\d* ",
}
"""product -> what precedes a line; of MariaDB only lines of connections, which have a number"""

_CUTS = re.compile(r"(?<=Client closed connection).*| application_name=\S+| \(conn: .*\)")
"""names of the client and of its last command"""


def lines(server: Server, log: str) -> set[str]:
    """Return the lines of a log without times, numbers and paths."""
    head = re.compile(_HEADS[server.product])
    texts = (head.sub("", line) for line in log.splitlines() if head.match(line))
    plain = (_CUTS.sub("", text.replace(str(server.folder), "FOLDER").replace("rotated", "parity")) for text in texts)
    made = {re.sub(r"\d+(?:\.\d+)*", "N", text).strip() for text in plain}
    return {line for line in made if not OTHERS.search(line)}


class Client(Struct, frozen=True):
    """A product's own client for one server."""

    argv: Sequence[str]
    password: str
    """variable of the environment that holds it"""
    question: Sequence[str]
    tls: Sequence[str]
    """options that reject the server's certificate"""

    def run(
        self, user: str, password: str, *, tls: bool = False, question: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Log in, ask and leave."""
        argv = [*self._argv(user, tls), *self.question[:-1], question or self.question[-1]]
        return subprocess.run(argv, env=self._env(password), capture_output=True, text=True, check=False, timeout=60)

    @contextmanager
    def idle(self, user: str, password: str) -> Iterator[None]:
        """Hold a session open."""
        argv, env = self._argv(user, False), self._env(password)
        with subprocess.Popen(argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True) as session:  # fmt: skip
            assert session.stdin
            assert session.stdout
            session.stdin.write({"psql": "\\! echo up\n", "redis-cli": "ECHO up\n"}.get(argv[0], "select 'up';\n"))
            session.stdin.flush()
            while "up" not in session.stdout.readline():
                pass
            yield
            session.kill()

    def _argv(self, user: str, tls: bool) -> list[str]:
        return [word.format(user=user) for word in (*self.argv, *(self.tls if tls else ()))]

    def _env(self, password: str) -> Mapping[str, str]:
        return {"PATH": os.environ["PATH"], self.password: password}


def client(server: Server, ca: str, tls_port: int = 0) -> Client:
    """Return the client of a server's product; ``ca`` is another authority than the server's."""
    port = str(server.port)
    match server.product:
        case "PostgreSQL":
            made = Client(
                ("psql", "-X", "-w", "-h", server.host, "-p", port, "-U", "{user}", "-d", "postgres"),
                "PGPASSWORD", ("-c", "SELECT 1"), ("-d", f"sslmode=verify-full sslrootcert={ca} dbname=postgres"),
            )  # fmt: skip
        case "Redis":
            made = Client(
                ("redis-cli", "-h", server.host, "-p", port, "--user", "{user}"),
                "REDISCLI_AUTH", ("PING",), ("-p", str(tls_port), "--tls", "--cacert", ca),
            )  # fmt: skip
        case _:
            made = Client(
                ("mariadb", "--no-defaults", "-n", "-h", server.host, "-P", port, "-u", "{user}"),
                "MYSQL_PWD", ("-e", "SELECT 1"), (f"--ssl-ca={ca}", "--ssl-verify-server-cert"),
            )  # fmt: skip
    if not shutil.which(made.argv[0]):
        missing(made.argv[0])
    return made


def lived(server: Server, its: Client) -> Iterator[str]:
    """Let clients come and go, with a restart of the server while one is there; yield the log of each life."""
    assert its.run("parity", "sesame").returncode == 0
    assert its.run("parity", "sesame", tls=True).returncode
    its.run("parity", "wrong")
    with its.idle("parity", "sesame"):
        server.stop()
        yield server.words()
    server.start()
    assert its.run("parity", "sesame").returncode == 0
    server.stop()
    yield server.words()
