"""Servers of another Debian release: second versions of RabbitMQ, Memcached, Redis, MariaDB, HAProxy,
PgBouncer and NATS, which no wheel has, and Postfix, which a system has beside no other mail server.

On Debian 12 they come from Debian 13, elsewhere from Debian 12, by apt from the machine's own mirrors, unpacked
into a folder in which the servers are started by chroot. This system stays unchanged. Needs root and a Debian;
takes 20 s the first time. The folder ($PARITY_TEST_SERVERS, default: the user's cache) is kept for later runs.
"""

import fcntl
import functools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from parity_tui.demo import programs

PRODUCTS = ("rabbitmq", "memcached", "redis", "mariadb", "haproxy")

PACKAGES = (
    *("rabbitmq-server", "memcached", "redis-server", "mariadb-server-core", "mariadb-client-core", "haproxy"),
    *("pgbouncer", "nats-server", "postfix"),
    *("dash", "coreutils", "sed", "grep", "hostname"),
)
"""unpacked with their dependencies; the start scripts need a shell and its tools"""

FILES = {
    "etc/passwd": "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n"
    "mail:x:8:8::/nonexistent:/usr/sbin/nologin\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\nmail:x:8:\npostdrop:x:9:\n",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
"""files that the packages' scripts would make, which are not run"""


@functools.cache
def prepare() -> str:
    """Make the other release's servers available; return "", or the reason why it failed."""
    home = Path(os.environ.setdefault("PARITY_TEST_SERVERS", str(Path.home() / ".cache/parity-tui/servers")))
    if os.geteuid() != 0 or not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return "another Debian's servers need root on a Debian"
    try:
        own, other = suites(Path("/etc/os-release").read_text())
        home.mkdir(parents=True, exist_ok=True)
        with open(home / ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not is_ready(home / other):
                unpack(home / other, own, other)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return f"another Debian's servers could not be unpacked: {_reason(error)}"
    programs.programs.cache_clear()
    return ""


def is_ready(root: Path) -> bool:
    """Return whether a root folder has all packages of today's list."""
    ready = root / "ready"
    return ready.exists() and ready.read_text().split() == list(PACKAGES)


def suites(release: str) -> tuple[str, str]:
    r"""Return the names of this release and of the other.

    >>> suites("ID=debian\nVERSION_CODENAME=bookworm\n")
    ('bookworm', 'trixie')
    """
    name = re.search(r"^VERSION_CODENAME=(\w+)$", release, re.MULTILINE)
    if not name or "ID=debian" not in release.splitlines():
        raise ValueError("this is not Debian")
    return name[1], "trixie" if name[1] == "bookworm" else "bookworm"


def other_source(text: str, own: str, other: str) -> str:
    r"""Return an apt source list for the other release in the format of the given one; "" if it does not match.

    >>> other_source("deb [a=b] http://mirror/debian bookworm main contrib", "bookworm", "trixie")
    'deb [a=b] http://mirror/debian trixie main\n'
    >>> block = "Types: deb\nURIs: http://mirror\nSuites: bookworm bookworm-updates"
    >>> print(other_source(block, "bookworm", "trixie"))
    Types: deb
    URIs: http://mirror
    Suites: trixie
    Components: main
    <BLANKLINE>
    """
    line = re.search(rf"^(deb (?:\[[^]]*\] )?\S+) {own} ", text, re.MULTILINE)
    if line:
        return f"{line[1]} {other} main\n"
    for block in re.split(r"\n\s*\n", text):
        if re.search(rf"^Suites:.*\b{own}(\s|$)", block, re.MULTILINE):
            lines = [each for each in block.strip().splitlines() if not re.match("Suites:|Components:|#", each)]
            return "\n".join([*lines, f"Suites: {other}", "Components: main", ""])
    return ""


def unpack(root: Path, own: str, other: str) -> None:
    """Download the packages and unpack them into a root folder, marked ready at the end.

    A folder that was ready for fewer packages is extended: another run may have servers in it.
    """
    if not (root / "ready").exists():
        shutil.rmtree(root, ignore_errors=True)
    apt = root / "apt"
    shutil.rmtree(apt, ignore_errors=True)
    (apt / "lists/partial").mkdir(parents=True)
    (apt / "archives/partial").mkdir(parents=True)
    (apt / "status").touch()
    options = _apt_options(apt, _write_source(apt, own, other))
    _run("apt-get", "-q", *options, "update")
    _run("apt-get", "-q", "-y", "--download-only", *options, "install", *PACKAGES)
    for package in sorted((apt / "archives").glob("*.deb")):
        _run("dpkg-deb", "-x", str(package), str(root))
    shutil.rmtree(apt)
    for folder in ("usr/share/doc", "usr/share/man", "usr/share/locale"):
        shutil.rmtree(root / folder, ignore_errors=True)
    _furnish(root)
    (root / "ready").write_text("\n".join(PACKAGES))


def _write_source(apt: Path, own: str, other: str) -> Path:
    """Write the source list, derived from this machine's."""
    etc = Path("/etc/apt")
    for file in (
        *sorted(etc.glob("sources.list.d/*.sources")),
        *sorted(etc.glob("sources.list*/*.list")),
        etc / "sources.list",
    ):
        text = other_source(file.read_text(), own, other) if file.exists() else ""
        if text:
            target = apt / ("other.sources" if "Suites:" in text else "other.list")
            target.write_text(text)
            return target
    raise ValueError(f"no apt source of {own} was found")


def _apt_options(apt: Path, source: Path) -> list[str]:
    """Return options for apt to work in a folder of its own, with no package installed."""
    options = {
        "Dir::State": apt,
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt,
        "Dir::Etc::sourcelist": source,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "APT::Install-Recommends": "false",
        "APT::Keep-Downloaded-Packages": "true",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
    }
    return [word for name, value in options.items() for word in ("-o", f"{name}={value}")]


def _furnish(root: Path) -> None:
    """Make the links of the merged /usr, users, /tmp and a few devices."""
    for name in ("bin", "sbin", "lib", "lib64"):
        if not (root / name).exists() and (root / "usr" / name).exists():
            (root / name).symlink_to(f"usr/{name}")
    if not (root / "bin/sh").exists():
        (root / "bin/sh").symlink_to("dash")
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    for name in ("tmp", "dev", "proc"):
        (root / name).mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)
    for name, minor in (("null", 3), ("zero", 5), ("random", 8), ("urandom", 9)):
        if (root / "dev" / name).exists():
            continue
        try:
            os.mknod(root / "dev" / name, 0o020666, os.makedev(1, minor))
        except PermissionError:  # some containers make no devices; a file is enough for output that scripts discard
            (root / "dev" / name).touch()
        (root / "dev" / name).chmod(0o666)


def _run(*argv: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    subprocess.run(argv, env=environment, check=True, capture_output=True, text=True, timeout=300)


def _reason(error: Exception) -> str:
    """Return the last line of a program's errors, or the exception's text."""
    if isinstance(error, subprocess.CalledProcessError) and error.stderr.strip():
        return str(error.stderr).strip().splitlines()[-1]
    return str(error)


if __name__ == "__main__":
    sys.exit(prepare())
