"""Limits, resolver, trust and packages: planted differences, and lists that cannot be read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from parity_tui.model import Reading, ServiceError, Severity, State, Verdict
from parity_tui.services.host.parse import parse
from parity_tui.services.host.parse.output import split_output
from tests.services.host.builders import RECORDED, listed, needs_root, read, rows, target
from tests.services.host.test_containers import DEBIAN
from tests.services.roots import docker, executable, plant


def _recorded(*sections: str, without: str = "") -> Reading:
    """Return the reading of a recorded machine with further sections, without lines that have a text."""
    lines = (RECORDED / "debian.txt").read_text().split("\n@@mark end")[0].split("\n")
    text = "\n".join(line for line in lines if not without or without not in line)
    text += "".join(f"\n@@mark {section}\n" for section in (*sections, "end"))
    return parse(split_output(text.encode(), b"", "@@mark"), "", target())


@pytest.mark.parametrize(
    ("section", "one", "other", "expected"),
    [
        ("limits", "Max processes  100  100  processes", "Max processes  9000  9000  processes", "nproc"),
        ("limits", "Max locked memory  65536  65536  bytes", "Max locked memory  unlimited  unlimited", "memlock"),
        ("resolv", "nameserver 10.0.0.1", "nameserver 10.0.0.1\noptions ndots:5", "resolver.ndots"),
        ("resolv", "nameserver 10.0.0.1", "nameserver 10.0.0.1\noptions rotate", "resolver.options"),
        ("resolv", "nameserver 10.0.0.1", "nameserver 10.0.0.1\nnameserver 10.0.0.2", "resolver.servers"),
        ("nsswitch", "hosts: files dns", "hosts:\tdns files", "nsswitch.hosts"),
        ("names", "10.0.0.1 db", "10.0.0.1 db\n10.0.0.2 cache", "hosts_file"),
        ("names", "10.0.0.1 db", "10.0.0.2 db", "hosts_file.addresses"),
        ("trust", "own\t0\nbundle\t140", "own\t1\ndigest\t123 45\nbundle\t140", "ca.own"),
        ("sysctl", "net/ipv4/tcp_keepalive_intvl:75", "net/ipv4/tcp_keepalive_intvl:10",
         "net.ipv4.tcp_keepalive_intvl"),
        ("sysctl", "net/ipv4/tcp_keepalive_probes:9", "net/ipv4/tcp_keepalive_probes:3",
         "net.ipv4.tcp_keepalive_probes"),
        ("sysctl", "kernel/pid_max:32768", "kernel/pid_max:4194304", "kernel.pid_max"),
        ("sysctl", "fs/inotify/max_user_watches:8192", "fs/inotify/max_user_watches:524288",
         "fs.inotify.max_user_watches"),
        ("openssl", "library\tOpenSSL 1.1.1w", "library\tOpenSSL 3.0.19", "openssl"),
        ("openssl", "MaxProtocol = TLSv1.2", "MaxProtocol = TLSv1.3", "openssl.MaxProtocol"),
        ("openssl", "Options = UnsafeLegacyRenegotiation", "version\tOpenSSL", "openssl.Options"),
        ("sysctl", "net/netfilter/nf_conntrack_max:1000", "net/netfilter/nf_conntrack_max:262144",
         "net.netfilter.nf_conntrack_max"),
        ("sysctl", "net/ipv6/bindv6only:0", "net/ipv6/bindv6only:1", "net.ipv6.bindv6only"),
        ("limits", "Max cpu time  60  60  seconds", "Max cpu time  unlimited  unlimited  seconds", "cpu_time"),
        ("session", "LC_NUMERIC\tde_DE.UTF-8", "LANG\tC", "locale.categories"),
        ("session", "proxy\thttps_proxy", "LANG\tC", "proxy"),
        ("session", "LD_PRELOAD\tlibjemalloc.so.2", "LANG\tC", "env.LD_PRELOAD"),
        ("session", "nofile\t256\nnofile_hard\t256", "nofile\t1024\nnofile_hard\t1024", "nofile"),
        ("session", "nofile\t256\nnofile_hard\t256", "nofile\t256\nnofile_hard\t1024", "nofile.hard"),
        ("locale", "LANG=C.UTF-8\nLC_TIME=de_DE.UTF-8", "LANG=C.UTF-8", "system_locale.categories"),
        ("memory", "flags\tflags : lm cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3", "flags\tflags : lm", "cpu_level"),
        ("memory", "boot\tmitigations=off ", "boot\tmitigations=auto ", "boot_options"),
        ("memory", "defrag\t[always] never", "defrag\talways [never]", "transparent_hugepage.defrag"),
        ("gai", "precedence ::ffff:0:0/96  100", "", "address_order"),
        ("nsswitch", "passwd: files ldap", "passwd: files", "nsswitch.passwd"),
        ("resolv", "nameserver 127.0.0.53", "nameserver 10.0.0.1", "resolver.servers"),
    ],
)  # fmt: skip
def test_planted_setting_is_the_only_row(section: str, one: str, other: str, expected: str) -> None:
    readings = _recorded(f"{section}\n{one}"), _recorded(f"{section}\n{other}")
    assert listed(*readings) == {expected}


@pytest.mark.parametrize(
    ("section", "one", "other"),
    [
        ("resolv", "nameserver 10.0.0.1\nsearch a.example", "nameserver 10.9.9.1\nsearch b.example"),
        ("resolv", "nameserver 10.0.0.1\noptions ndots:1", "nameserver 10.0.0.1"),
        ("nsswitch", "hosts: files dns", "hosts:\t\tfiles  dns # as before"),
        ("names", "10.0.0.1 db\n10.0.0.2 cache", "10.0.0.2 cache\n10.0.0.1 db"),
        ("resolvable", "", "\n@@mark resolv\nnameserver 127.0.0.1"),
        ("session", "proxy\tHTTPS_PROXY\nproxy\thttps_proxy", "proxy\thttps_proxy"),
        ("session", "LANG\tC.utf8\nLC_TIME\tC.UTF-8", "LANG\tC.UTF-8"),
    ],
)
def test_names_of_an_environment_are_no_difference(section: str, one: str, other: str) -> None:
    """Addresses of name servers, domains, the order of entries, written-out defaults."""
    assert listed(_recorded(f"{section}\n{one}"), _recorded(f"{section}\n{other}")) == set()


def test_missing_openssl_command_is_no_difference() -> None:
    """The library decides, where its version can be read."""
    with_command = _recorded("openssl\nversion\tOpenSSL 3.0.19 27 Jan 2026\nlibrary\tOpenSSL 3.0.19")
    without = _recorded("openssl\nlibrary\tOpenSSL 3.0.19")
    assert listed(with_command, without) == set()


def test_another_c_library_is_critical() -> None:
    glibc, musl = _recorded("libc\nglibc\tglibc 2.36"), _recorded("libc\nmusl\tVersion 1.2.5")
    row = rows(glibc, musl)["libc"]
    assert (row.verdict, row.severity) == (Verdict.DRIFT, Severity.CRITICAL)


def test_unreadable_kernel_settings_are_a_blind_spot() -> None:
    """Also where they cannot be read in any environment, and likewise for the C library."""
    closed = _recorded("procfs", "sysctl", "libc")
    for name in ("sysctl", "libc"):
        row = rows(closed, closed)[name]
        assert row.listed or rows(closed, closed)[row.explained_by].listed


async def test_umask_of_the_login_is_read(tmp_path: Path) -> None:
    text = subprocess.run(["sh", "-c", "umask"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: ASYNC221
    assert (await read()).facts["umask"].raw == text


async def test_packages_are_hidden_if_their_manager_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it fails in every environment: nothing says then that they agree."""
    plain = await read()
    executable(tmp_path, "dpkg-query", r"printf 'ii \tnginx\t1.26.0-1\n'; exit 2")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/sbin:/usr/bin:/sbin:/bin")
    failed = await read()
    why = "the packages cannot be listed: dpkg-query ends with code 2"
    assert failed.facts["packages"].state is State.HIDDEN
    assert "package.redis-server" not in failed.facts
    summary = rows(failed, failed)[rows(failed, failed)["packages"].explained_by]
    assert summary.listed
    assert why in summary.note
    drifting = {name for name, row in rows(plain, failed).items() if row.verdict is Verdict.DRIFT}
    assert {name for name in drifting if name.startswith("package.")} <= {"package.nginx"}


async def test_killed_program_fails_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed program has printed a part of its output."""
    if sys.platform != "linux":
        pytest.skip("elsewhere the script runs other programs")
    executable(tmp_path, "grep", "echo vm/swappiness:60; kill -9 $$")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/sbin:/usr/bin:/sbin:/bin")
    with pytest.raises(ServiceError, match="was killed by signal 9"):
        await read()


@pytest.mark.parametrize("program", ["cat", "head", "tail", "tr", "grep", "sed", "awk", "cksum", "date", "uname"])
@pytest.mark.parametrize("text", ["exit 1", "kill -9 $$", "echo garbage"])
async def test_broken_program_fails_the_reading(
    program: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its empty or foreign output would be a clock that is behind, or a machine without names."""
    executable(tmp_path, program, text)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/sbin:/usr/bin:/sbin:/bin")
    with pytest.raises(ServiceError, match=f"{program} does not work|was killed by signal"):
        await read()


@pytest.mark.parametrize("text", ["exit 1", "echo garbage"])
@pytest.mark.parametrize("program", ["nproc", "getconf"])
async def test_value_of_a_broken_program_is_read_elsewhere(
    program: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = await read()
    executable(tmp_path, program, text)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/sbin:/usr/bin:/sbin:/bin")
    assert listed(plain, await read()) == set()


def test_fact_of_every_linux_is_unknown_where_it_is_not_reported() -> None:
    """A machine without processors or without a time zone does not exist."""
    whole, lacking = _recorded(), _recorded(without="cpus")
    assert rows(whole, lacking)["cpus"].verdict is Verdict.UNKNOWN


async def test_garbage_of_a_package_manager_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path, "dpkg-query", "echo garbage")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/sbin:/usr/bin:/sbin:/bin")
    reading = await read()
    assert "dpkg lists none" in dict(reading.hidden)["package.*"]
    assert not any(name.startswith("package.") for name in reading.facts)


@needs_root
async def test_package_manager_without_packages_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = plant(tmp_path / "web", {**DEBIAN, "usr/bin/dpkg-query": "#!/bin/sh\nexit 0\n"})
    docker(monkeypatch, tmp_path / "bin", {"web": root})
    assert "dpkg lists none" in dict((await read("host+docker://web")).hidden)["package.*"]


async def test_second_reading_is_equal() -> None:
    one, other = await read(), await read()
    assert one == other
