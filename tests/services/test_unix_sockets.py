"""Unix sockets of real servers, from the app's dotenv file, with the login of the operating system."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path

from parity_tui.config import load
from parity_tui.demo.process import wait_until
from parity_tui.demo.programs import Program
from parity_tui.demo.servers import Servers
from parity_tui.doctor import Diagnosis
from parity_tui.model import Target
from tests.doctor.builders import diagnose_one, failed_step, states

USER = getuser()


def target_of(folder: Path, url: str) -> Target:
    """Return the target of an app's URL."""
    (folder / ".env").write_text(f"APP_URL='{url}'\n")
    (target,) = load(env_files=[("dev", folder / ".env")], environ={}).targets
    return target


async def read(folder: Path, url: str) -> Diagnosis:
    diagnosis, steps = await diagnose_one(target_of(folder, url))
    assert list(steps) == ["socket", "login", "rights"], steps
    assert steps["socket"].words.endswith("answers")
    assert set(states(steps).values()) <= {"ok", "partly"}, [s.words for s in steps.values()]
    assert diagnosis.target.address.startswith("/")
    return diagnosis


async def test_postgres_with_peer_login(servers: Servers, tmp_path: Path) -> None:
    for version in ("15", "18"):
        server = servers.postgres(version, sql=[f'CREATE ROLE "{USER}" LOGIN', "CREATE DATABASE shop"])
        folder = server.folder
        server.settings["unix_socket_directories"] = str(folder)
        (folder / "data" / "pg_hba.conf").write_text("local all all peer\nhost all all all trust\n")
        server.stop()
        server.start()
        diagnosis = await read(tmp_path, f"postgresql:///shop?host={folder}&port={server.port}")
        assert diagnosis.product == f"PostgreSQL {diagnosis.product.split()[1]}"
        encoded = str(folder).replace("/", "%2F")
        await read(tmp_path, f"postgresql://{USER}@{encoded}:{server.port}/shop?sslmode=require")
        stranger, _ = await diagnose_one(target_of(tmp_path, f"postgresql://postgres@{encoded}:{server.port}/shop"))
        assert failed_step(stranger).name == "login"


async def test_mariadb_with_peer_login(servers: Servers, tmp_path: Path) -> None:
    for version in ("10.11", "11.8"):
        server = servers.mariadb(version, sql=[f"CREATE OR REPLACE USER {USER}@localhost IDENTIFIED VIA unix_socket"])
        socket = server.folder / "socket"
        diagnosis = await read(tmp_path, f"mysql+pymysql://localhost:1/shop?unix_socket={socket}")
        assert diagnosis.product.startswith("MariaDB")


async def test_redis(servers: Servers, tmp_path: Path) -> None:
    server = servers.valkey("9", password="s3cr-of-redis")
    server.restart({"unixsocket": str(server.folder / "redis.sock"), "unixsocketperm": "777"})
    for url in ("unix://:s3cr-of-redis@{}?db=0", "redis+socket://:s3cr-of-redis@{}", "redis://:s3cr-of-redis@{}"):
        diagnosis = await read(tmp_path, url.format(server.folder / "redis.sock"))
        assert diagnosis.product.startswith("Valkey")


@contextmanager
def memcached(program: Program, socket: Path) -> Iterator[None]:
    with subprocess.Popen([program.path, "-u", USER, "-s", socket]) as process:
        try:
            assert wait_until(socket.exists, 10)
            yield
        finally:
            process.kill()


async def test_memcached(servers: Servers, tmp_path: Path) -> None:
    with memcached(servers.program("memcached", "1.6.18"), tmp_path / "mc.sock"):
        diagnosis = await read(tmp_path, f"memcached://{tmp_path}/mc.sock")
    assert diagnosis.product.startswith("Memcached")


async def test_missing_socket_is_named(tmp_path: Path) -> None:
    for url in ("redis:///{}/x.sock", "memcached:///{}/x.sock", "postgresql:///a?host={}", "mysql://a@h?socket={}/x"):
        diagnosis, _ = await diagnose_one(target_of(tmp_path, url.format(tmp_path)))
        step = failed_step(diagnosis)
        assert step.name == "socket"
        assert step.words.startswith(f"no Unix socket {tmp_path}/")
