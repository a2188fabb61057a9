"""Recorded output of other machines: identity, limits, memory, packages."""

from __future__ import annotations

from parity_tui.drift.rules import RuleTable
from parity_tui.model import Reading, Severity, Verdict
from parity_tui.services.host import SERVICE
from parity_tui.services.host.parse import parse
from parity_tui.services.host.parse.output import split_output
from tests.services.host.builders import RECORDED, listed, raw_values, recorded, rows, target


async def test_absence_of_a_configured_package_is_drift() -> None:
    """The version of the system does not explain it."""
    reading = recorded("debian", "nginx, libicu* no-such-thing")
    packages = {name: fact.raw for name, fact in reading.facts.items() if name.startswith("package.")}
    assert packages == {
        "package.nginx": "1.22.1-9+deb12u1",
        "package.libicu": "72.1-3",
        "package.libicu-dev": "72.1-3",
        "package.no-such-thing": "not installed",
    }
    assert "package.nginx" in listed(reading, recorded("macos", "nginx"))


def test_recorded_machines_are_identified() -> None:
    """The recordings are written by hand, after such machines, for macOS and RHEL after their manuals."""
    named = {name: recorded(name) for name in ("debian", "alpine", "macos", "rhel")}
    assert {name: (reading.product, reading.version) for name, reading in named.items()} == {
        "debian": ("Debian GNU/Linux", "12.11"),
        "alpine": ("Alpine Linux", "3.20.3"),
        "macos": ("macOS", "14.5"),
        "rhel": ("Red Hat Enterprise Linux", "9.4"),
    }
    assert {name: reading.facts["machine"].raw for name, reading in named.items()} == {
        "debian": "virtual machine (amazon)",
        "alpine": "container (docker)",
        "macos": "metal",
        "rhel": "virtual machine (vmware)",
    }
    assert raw_values(named["rhel"])["puppet.failures"] == "no"
    assert raw_values(named["rhel"])["package.openssl"] == "1:3.0.7-27.el9"


def test_facts_of_macos_match_those_of_linux() -> None:
    """MacOS has other names for them; its packages come from Homebrew."""
    reading = recorded("macos")
    facts = raw_values(reading)
    expected = {
        "arch": "arm64", "cpus": "10", "kern.maxfiles": "245760", "swap": "on", "root_filesystem": "apfs",
        "timezone": "Europe/Berlin", "openssl": "LibreSSL 3.3.6", "icu": "76.1", "nofile.hard": "unlimited",
        "package.postgresql": "16.4", "package.icu4c": "76.1", "package.redis": "7.2.5",
    }  # fmt: skip
    assert {name: facts.get(name) for name in expected} == expected
    assert reading.facts["memory"].canonical == "32 GB"
    compared = rows(RuleTable(SERVICE).resolve(reading), recorded("debian-arm"))
    assert compared["arch"].verdict is Verdict.SAME
    assert [cell.raw for cell in compared["net.core.somaxconn"].cells] == ["128", "4096"]


def test_smallest_limit_of_all_control_groups_counts() -> None:
    """Version 1 reports a huge number where no limit is set."""
    assert raw_values(recorded("alpine"))["cgroup_memory_limit"] == "536870912"
    assert raw_values(recorded("alpine"))["cgroup_cpu_limit"] == "1.5"
    compared = rows(recorded("alpine"), recorded("debian"))
    assert compared["cgroup_memory_limit"].text(0) == "512 MB"
    assert compared["cgroup_memory_limit"].text(1) == "no limit"


def test_memory_of_nearly_equal_machines_is_equal() -> None:
    """The kernel's share differs; twice the memory is info, ten times a warning."""
    text = (RECORDED / "debian.txt").read_text()

    def with_memory(kilobytes: int) -> Reading:
        changed = text.replace("16393244 kB", f"{kilobytes} kB").encode()
        return parse(split_output(changed, b"", "@@mark"), "", target())

    plain = with_memory(16393244)
    assert listed(plain, with_memory(16391196)) == set()
    assert rows(plain, with_memory(2 * 16393244))["memory"].severity is Severity.INFO
    assert rows(plain, with_memory(10 * 16393244))["memory"].severity is Severity.WARNING


def test_packages_are_folded_under_their_library() -> None:
    """A patched package without another ICU is a row of its own."""
    text = (RECORDED / "debian.txt").read_text()
    newer = text.replace("libicuuc.so.72.1", "libicuuc.so.76.1").replace("libicu72\t72.1-3", "libicu76\t76.1-4")
    patched = text.replace("libicu72\t72.1-3", "libicu72\t72.1-3+deb12u1")
    plain = parse(split_output(text.encode(), b"", "@@mark"), "", target())
    compared = rows(plain, parse(split_output(newer.encode(), b"", "@@mark"), "", target()))
    assert {name for name, row in compared.items() if row.listed} == {"icu"}
    assert compared["package.libicu"].explained_by == "icu"
    assert listed(plain, parse(split_output(patched.encode(), b"", "@@mark"), "", target())) == {"package.libicu"}
