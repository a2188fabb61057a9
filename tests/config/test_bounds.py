"""Files that nobody writes by accident: pipes, devices, and texts that grow when they are read."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from parity_tui.config import ConfigError, load, password
from parity_tui.init import compose as compose_files
from parity_tui.model import ServiceError, TlsMode
from parity_tui.transport import tls
from parity_tui.transport.user_files import read_file

MEGABYTE = 1 << 20


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def socket_file(folder: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "socket"))
    return folder / "socket"


NO_FILES = [(pipe, "named pipe"), (lambda folder: Path("/dev/zero"), "device"), (lambda folder: folder, "folder")]


def load_toml(path: Path) -> object:
    return load(path, environ={})


READERS: list[Callable[[Path], object]] = [
    lambda path: read_file(path, 100),
    load_toml,
    lambda path: compose_files.read([path], "dev"),
    lambda path: password.file(path)(),
    lambda path: tls.context(TlsMode.VERIFY_FULL, str(path)),
    lambda path: tls.context(TlsMode.REQUIRE, "", str(path), str(path)),
]


@pytest.mark.parametrize("read", READERS, ids=["bytes", "toml", "compose", "password", "ca", "cert"])
@pytest.mark.parametrize(("make", "words"), NO_FILES, ids=["pipe", "device", "folder"])
def test_only_regular_files_are_read(
    tmp_path: Path, make: Callable[[Path], Path], words: str, read: Callable[[Path], object]
) -> None:
    if (read, words) == (load_toml, "device"):  # what others may write is not even opened
        words = "^/dev/zero is not used: others can write it"
    with pytest.raises((OSError, ConfigError, ServiceError), match=f"{words}|folder"):
        read(make(tmp_path))


def test_socket_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"socket|No such device"):
        read_file(socket_file(tmp_path), 100)


def test_size_of_a_file_is_capped(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * (MEGABYTE + 1))
    with pytest.raises(OSError, match="larger than 1 MB"):
        read_file(path, MEGABYTE)
    assert len(read_file(path, MEGABYTE + 1)) == MEGABYTE + 1


def doubling(first: str, line: str, count: int) -> str:
    return first + "".join(line.format(here=number, before=number - 1) for number in range(1, count))


def env(text: str) -> tuple[str, str]:
    return "a.env", f"DATABASE_URL=postgresql://db/x\n{text}"


def toml(text: str) -> tuple[str, str]:
    return "parity.toml", text


def compose(text: str) -> tuple[str, str]:
    return "compose.yaml", f"{text}\nservices:\n  db:\n    image: postgres\n    environment: [*a9]\n"


ANCHORS = doubling("a0: &a0 [x]\n", "a{here}: &a{here} [" + ", ".join(["*a{before}"] * 9) + "]\n", 10)
MERGES = doubling("a0: &a0 {{x: y}}\n", "a{here}: &a{here} {{<<: [" + ", ".join(["*a{before}"] * 9) + "]}}\n", 10)
ATTACKS = {
    "doubling": env(doubling("A0=xxxxxxxxxx\n", "A{here}=${{A{before}}}${{A{before}}}\n", 60)),
    "many long values": env("A0=" + "x" * 1000 + "\nA=" + "${A0}" * 90 + "\n" + "B=${A}\n" * 100_000),
    "default in default": env("A=" + "${B:-" * 50_000 + "}" * 50_000 + "\n"),
    "many variables": env("".join(f"A{number}=$HOME\n" for number in range(60_000))),
    "blanks": env(" " * 900_000 + "\nA=$B" + "\\" * 50_000 + "\n"),
    "key of dots": toml("a." * 50_000 + "b = 1\n"),
    "key of dots in a table": toml("a = {" + "b." * 50_000 + "b = 1}\n"),
    "header of dots": toml("[" + "a . " * 50_000 + "b]\n"),
    "nested lists": toml("a = " + "[" * 100_000 + "]" * 100_000 + "\n"),
    "nested tables": toml("a = " + "{a=" * 50_000 + "1" + "}" * 50_000 + "\n"),
    "open text": toml('a = """\n' + "x\n" * 100_000),
    "many wrong keys": toml("[environments.a.services.b]\n" + "".join(f"k{n} = 1\n" for n in range(10_000))),
    "blank lines": toml("\n" * 500_000 + " " * 500_000 + "="),
    "anchors": compose(ANCHORS),
    "merges": compose(MERGES.replace("{{", "{").replace("}}", "}")),
    "nested yaml": compose("[" * 100_000),
    "anchor within itself": compose("a9: &a9 [*a9]"),
}  # fmt: skip

CHILD = """
import resource, sys
from pathlib import Path
from parity_tui.config import ConfigError, load
from parity_tui.init.compose import read
path = Path(sys.argv[1])
try:
    if path.suffix == ".toml": load(path, environ={})
    elif path.suffix == ".yaml": read([path], "dev")
    else: load(env_files=[("a", path)], environ={"HOME": "/home/ann"})
except ConfigError as error:
    print(str(error)[:300])
status = Path("/proc/self/status").read_text()  # unlike ru_maxrss not that of the parent before exec
peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
print("peak", peak, resource.getrusage(resource.RUSAGE_SELF).ru_utime)
"""


@pytest.mark.parametrize("name", ATTACKS)
def test_growing_file_takes_little_memory_and_time(tmp_path: Path, name: str) -> None:
    file, text = ATTACKS[name]
    path = tmp_path / file
    path.write_text(text)
    result = subprocess.run([sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    _, peak, seconds = result.stdout.splitlines()[-1].split()
    assert int(peak) < 150 * MEGABYTE
    assert float(seconds) < 20
