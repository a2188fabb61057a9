"""This machine: facts, shells, the login, programs on PATH, the clock."""

from __future__ import annotations

import asyncio
import os
import platform
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from parity_tui.model import Severity, Verdict
from parity_tui.services._timezone import KNOWN
from parity_tui.services.host.queries import script
from tests.services.host.builders import listed, read, rows, text_of
from tests.services.roots import executable

SHELLS = ("dash", "bash --posix", "busybox ash", "mksh")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="compared with /proc")


@needs_linux
async def test_facts_agree_with_the_platform_module() -> None:
    reading = await read()
    system = platform.freedesktop_os_release()
    assert reading.product == system["NAME"]
    assert reading.version.startswith(system.get("VERSION_ID", ""))
    assert reading.facts["arch"].raw == platform.machine()
    assert reading.facts["kernel"].raw == platform.release()
    assert (reading.facts["libc"].raw or "").split() == list(platform.libc_ver())
    for name in ("vm.max_map_count", "net.core.somaxconn", "net.ipv4.ip_local_port_range", "fs.file-max"):
        assert (reading.facts[name].raw or "").split() == text_of(f"/proc/sys/{name.replace('.', '/')}").split()
    assert reading.facts["nofile"].raw == str(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    assert reading.facts["clock_offset"].raw == "synchronized"


async def test_two_readings_of_a_machine_are_equal() -> None:
    """Time passes between them."""
    one = await read()
    await asyncio.sleep(1.1)
    other = await read()
    assert one == other
    assert listed(one, other) == set()


@pytest.mark.parametrize("shell", SHELLS)
async def test_every_shell_gives_the_same_reading(shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = shutil.which(shell.split()[0])
    if not program:
        pytest.skip(f"{shell} is not installed")
    expected = await read()
    executable(tmp_path, "sh", f'exec {shell} "$@"').chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert await read() == expected


@needs_linux
def test_script_reads_nothing_that_identifies_a_machine() -> None:
    """Neither its id nor its boot id is printed, and no program that prints its name is run."""
    text = script("@@mark")
    printed = subprocess.run(["sh", "-s"], input=text.encode(), capture_output=True, check=True).stdout.decode()
    assert "@@mark end" in printed
    for file in ("/etc/machine-id", "/proc/sys/kernel/random/boot_id"):
        assert (text_of(file).strip() or "no such file") not in printed
    commands = ("hostname", "uname -n", "uname -a", "uptime", "ifconfig", "ip addr")
    assert not [command for command in commands if command in text]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"TZ": "America/New_York"}, {"timezone"}),
        ({"TZ": "EST5EDT,M3.2.0,M11.1.0"}, {"timezone"}),
        ({"TZ": "Europe/Berlin"}, {"timezone"}),
        ({"TZ": "UTC"}, set()),
        ({"TZ": ":Etc/UTC"}, set()),
        ({"TZ": ""}, set()),
        ({"TZ": "Etc/Zulu"}, set()),
        ({"LC_ALL": "de_DE.UTF-8"}, {"locale"}),
        ({"LANG": "C.utf8"}, set()),
        ({"LANG": "en_US.UTF-8\nLC_ALL\tde_DE"}, {"locale"}),
    ],
)
async def test_zone_and_locale_of_the_login_are_compared(
    variables: Mapping[str, str], expected: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zones and locales with several names are equal."""
    for name in ("TZ", "LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("TZ", "UTC")
    plain = await read()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    other = await read()
    settings = listed(plain, other)
    assert settings - {"timezone.name"} == expected


def test_named_zones_have_the_rules_of_this_system() -> None:
    """Every name belongs to one rule."""
    folder = Path("/usr/share/zoneinfo")
    if not (folder / "Europe/Berlin").exists():
        pytest.skip("tzdata is not installed")
    rules = {rule: (folder / zone).read_bytes().split(b"\n")[-2].decode() for rule, (_, zone) in KNOWN.items()}
    assert rules == {rule: rule for rule in KNOWN}
    assert len({text for text, _ in KNOWN.values()}) == len(KNOWN)


async def test_lower_limit_of_open_files_is_drift() -> None:
    """Its note names the login as the source."""
    plain = await read()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    try:
        other = await read()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert listed(plain, other) == {"nofile"}
    assert "not of a service" in other.facts["nofile"].note


async def test_programs_cannot_consume_the_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs on PATH that read all their input and fail still report their versions."""
    plain = await read()
    executable(tmp_path, "openssl", "cat >/dev/null; echo 'OpenSSL 1.1.1w  11 Sep 2023'; exit 3")
    executable(tmp_path, "dpkg-query", r"cat >&2; printf 'ii \tnginx\t1.26.0-1\nrc \tredis\t1\nhi \tmemcached\t1.6\n'")
    executable(tmp_path, "systemd-detect-virt", "cat; echo kvm; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    other = await read()
    assert other.facts["openssl"] == plain.facts["openssl"], "the library decides, the command is a tool"
    packages = {name: fact.raw for name, fact in other.facts.items() if name.startswith("package.")}
    installed = {name: version for name, version in packages.items() if version != "not installed"}
    assert installed == {"package.nginx": "1.26.0-1", "package.memcached": "1.6"}
    assert packages["package.redis-server"] == "not installed"
    assert other.facts.keys() - plain.facts.keys() <= packages.keys()


@pytest.mark.parametrize(
    ("seconds", "step"),
    [
        (0, "synchronized"),
        (300, "1 to 10 min ahead"),
        (-30, "10 s to a minute behind"),
        (86400, "more than an hour ahead"),
    ],
)
async def test_clock_offset_is_compared_in_steps(
    seconds: int, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = await read()
    date = shutil.which("date")
    executable(tmp_path, "date", f"echo $(( $({date} +%s) + {seconds} ))")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    other = await read()
    assert other.facts["clock_offset"].raw == step
    row = rows(plain, other)["clock_offset"]
    assert (row.verdict, row.severity) == (Verdict.DRIFT if seconds else Verdict.SAME, Severity.CRITICAL)
