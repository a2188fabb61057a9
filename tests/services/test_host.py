"""Machines: this one, made-up ones in folders, and what others have printed."""

from __future__ import annotations

import asyncio
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity_tui.drift.compare import compare
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import Row
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Fact, Outcome, Reading, ServiceError, Severity, Target, Verdict
from parity_tui.services.host import SERVICE, answer, parse
from parity_tui.services.host.queries import marked
from parity_tui.services.host.remediation import remediate
from parity_tui.services.host.timezone import KNOWN
from parity_tui.transport.dialer import NetworkDialer
from tests import other_debian
from tests.conftest import missing
from tests.services.roots import docker, executable, plant

RECORDED = Path(__file__).parent / "host"
SHELLS = ("dash", "bash --posix", "busybox ash", "mksh")

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="chroot takes root")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="compared with /proc")


def target(where: str = "host+local", packages: str = "") -> Target:
    """Return a machine, written as WAY or WAY://NAME."""
    scheme, _, name = where.partition("://")
    return Target("dev", "host", "host", scheme, name, options={"packages": packages} if packages else {})


async def read(where: str = "host+local", packages: str = "") -> Reading:
    """Read a machine as the board does."""
    machine = target(where, packages)
    async with SERVICE.connect(machine, NetworkDialer(machine, 20)) as reads:
        return await reads()


def rows(*readings: Reading) -> dict[str, Row]:
    """Return the rows of these readings side by side, by name."""
    names = [f"env{number}" for number, _ in enumerate(readings)]
    outcomes = [Outcome(target(), each) for each in readings]
    return {
        row.setting: row for row in compare("host", names, outcomes, {"host": RuleTable(SERVICE, "host")}, Policy())
    }


def listed(*readings: Reading) -> set[str]:
    """Return the names of the rows that are shown without being asked for."""
    return {name for name, row in rows(*readings).items() if row.listed}


def recorded(name: str, packages: str = "", clock: str = "in step") -> Reading:
    """Return the reading of what another machine has printed."""
    parts = answer((RECORDED / f"{name}.txt").read_bytes(), b"", "@@mark")
    return parse(parts, clock, target(packages=packages))


def text_of(file: str) -> str:
    """Return what a file holds, "" where there is none."""
    return Path(file).read_text() if Path(file).exists() else ""


def times(root: Path) -> dict[str, int]:
    """Return when everything in a folder was changed, but for /dev/null, which may be a plain file here."""
    return {str(path): path.lstat().st_mtime_ns for path in root.rglob("*") if path != root / "dev/null"}


def raws(reading: Reading) -> dict[str, str | None]:
    """Return the plain values of a reading."""
    return {name: fact.raw for name, fact in reading.facts.items()}


@needs_linux
async def test_this_machine_says_what_python_knows_of_it() -> None:
    """System, architecture, C library and the kernel's settings, the whole of each."""
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
    assert reading.facts["clock_offset"].raw == "in step"


async def test_a_machine_is_in_parity_with_itself() -> None:
    """Two readings are equal, though time has passed between them, and no row is listed."""
    one = await read()
    await asyncio.sleep(1.1)
    other = await read()
    assert one == other
    assert listed(one, other) == set()


@pytest.mark.parametrize("shell", SHELLS)
async def test_every_shell_reads_the_same(shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The strict ones, the one of Alpine, and bash as macOS has it under the name of sh."""
    program = shutil.which(shell.split()[0])
    if not program:
        pytest.skip(f"there is no {shell} here")
    expected = await read()
    executable(tmp_path, "sh", f'exec {shell} "$@"').chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert await read() == expected


@needs_linux
def test_nothing_that_names_a_machine_is_read() -> None:
    """Neither its id nor that of its boot is in what the script prints, and no program that tells its name is run."""
    mark, script = marked()
    printed = subprocess.run(["sh", "-s"], input=script.encode(), capture_output=True, check=True).stdout.decode()
    assert f"{mark} end" in printed
    for file in ("/etc/machine-id", "/proc/sys/kernel/random/boot_id"):
        assert (text_of(file).strip() or "no such file") not in printed
    assert not [
        word for word in ("hostname", "uname -n", "uname -a", "uptime", "ifconfig", "ip addr") if word in script
    ]


@pytest.mark.parametrize(
    ("variables", "settings"),
    [
        ({"TZ": "America/New_York"}, {"timezone"}),
        ({"TZ": "EST5EDT,M3.2.0,M11.1.0"}, {"timezone"}),
        ({"TZ": "Europe/Berlin"}, {"timezone"}),
        ({"TZ": "UTC"}, set()),
        ({"TZ": ":Etc/UTC"}, set()),
        ({"TZ": ""}, set()),
        ({"TZ": "Etc/Zulu"}, {"timezone.name"}),
        ({"TZ": "Etc/GMT"}, {"timezone.name"}),
        ({"LC_ALL": "de_DE.UTF-8"}, {"locale"}),
        ({"LANG": "C.utf8"}, set()),
        ({"LANG": "en_US.UTF-8\nLC_ALL\tde_DE"}, {"locale"}),
    ],
)
async def test_zone_and_locale_of_the_login_are_seen(
    variables: Mapping[str, str], settings: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is the same by another name is the same; the name itself is told where nothing else is."""
    for name in ("TZ", "LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("TZ", "UTC")
    plain = await read()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    other = await read()
    found = listed(plain, other)
    assert found - {"timezone.name"} == settings - {"timezone.name"}
    assert "timezone.name" in found or "timezone.name" not in settings


def test_the_zones_that_are_told_in_words_have_the_rules_of_this_system() -> None:
    """No two of them have the same words, and none has those of another rule."""
    folder = Path("/usr/share/zoneinfo")
    if not (folder / "Europe/Berlin").exists():
        pytest.skip("there is no data on time zones here")
    rules = {rule: (folder / zone).read_bytes().split(b"\n")[-2].decode() for rule, (_, zone) in KNOWN.items()}
    assert rules == {rule: rule for rule in KNOWN}
    assert len({text for text, _ in KNOWN.values()}) == len(KNOWN)


async def test_a_lower_limit_of_open_files_is_seen() -> None:
    """It is that of the login, and says so."""
    plain = await read()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    try:
        other = await read()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert listed(plain, other) == {"nofile"}
    assert "not of a service" in other.facts["nofile"].note


async def test_programs_are_asked_and_cannot_eat_the_rest_of_the_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other versions on PATH are seen, from programs that read all of their input and fail."""
    plain = await read()
    executable(tmp_path, "openssl", "cat >/dev/null; echo 'OpenSSL 1.1.1w  11 Sep 2023'; exit 3")
    executable(tmp_path, "dpkg-query", r"cat >&2; printf 'ii \tnginx\t1.26.0-1\nrc \tredis\t1\nhi \tmemcached\t1.6\n'")
    executable(tmp_path, "systemd-detect-virt", "cat; echo kvm; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    other = await read()
    assert other.facts["openssl"].raw == "OpenSSL 1.1.1w"
    found = {name: fact.raw for name, fact in other.facts.items() if name.startswith("package.")}
    there = {name: version for name, version in found.items() if version != "not installed"}
    assert there == {"package.nginx": "1.26.0-1", "package.memcached": "1.6"}
    assert found["package.redis-server"] == "not installed"
    assert rows(plain, other)["openssl"].verdict is Verdict.DRIFT
    assert other.facts.keys() - plain.facts.keys() <= found.keys()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "in step"), (300, "1 to 10 min ahead"), (-30, "10 s to a minute behind"), (86400, "more than an hour ahead")],
)
async def test_a_clock_that_is_off_is_seen_in_steps(
    seconds: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time is the machine's own; nobody compares seconds."""
    plain = await read()
    date = shutil.which("date")
    executable(tmp_path, "date", f"echo $(( $({date} +%s) + {seconds} ))")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    other = await read()
    assert other.facts["clock_offset"].raw == words
    row = rows(plain, other)["clock_offset"]
    assert (row.verdict, row.severity) == (Verdict.DRIFT if seconds else Verdict.SAME, Severity.CRITICAL)


ALPINE: dict[str, str | bytes] = {
    "etc/os-release": 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME="Alpine Linux v3.20"\n',
    "lib/ld-musl-x86_64.so.1": "#!/bin/sh\necho 'musl libc (x86_64)' >&2; echo 'Version 1.2.5' >&2; exit 1\n",
    "lib/apk/db/installed": "C:Q1\nP:musl\nV:1.2.5-r0\nA:x86_64\n\nP:icu-libs\nV:74.2-r0\n\nP:vim\nV:9\n",
}
DEBIAN: dict[str, str | bytes] = {
    "etc/os-release": 'NAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n',
    "etc/debian_version": "12.7\n",
    "etc/timezone": "Europe/Berlin\n",
    "etc/localtime": b"TZif2\0\0\n\nCET-1CEST,M3.5.0,M10.5.0/3\n",
    "usr/lib/x86_64-linux-gnu/libicuuc.so.72.1": "",
    "usr/bin/getconf": '#!/bin/sh\n[ "$1" = GNU_LIBC_VERSION ] && echo glibc 2.36\n',
    "usr/bin/dpkg-query": r"""#!/bin/sh
printf 'ii \tnginx\t1.22.1-9\nii \tlibc6\t2.36-9\nii \tlibicu72\t72.1-3\n'
""",
}
KEPT: dict[str, str | bytes] = {
    **DEBIAN,
    ".dockerenv": "",
    "etc/chef/client.rb": "",
    "opt/chef/version-manifest.txt": "chef 18.4.12\n\nComponent  Installed Version\n",
    "var/chef/cache/chef-client-running.pid": "12",
    "opt/puppetlabs/puppet/VERSION": "7.24.0",
    "opt/puppetlabs/puppet/public/last_run_summary.yaml": "---\nversion:\n  config: 17\n  puppet: 7.24.0\n"
    "resources:\n  failed: 1\n  total: 90\nevents:\n  failure: 0\n",
    "etc/vagrant_box_build_time": "2024-01-01\n",
    "run/systemd/timesync/synchronized": "",
    "etc/default/locale": "#  File generated by update-locale\nLANG=de_DE.UTF-8\n",
    "etc/ssl/openssl.cnf": "# MinProtocol = x\n[system]\nMinProtocol = TLSv1.2\nCipherString = DEFAULT:@SECLEVEL=2\n",
}


@needs_root
async def test_a_container_without_python_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is planted in it is seen, and nothing is changed by that."""
    root = plant(tmp_path / "web", KEPT)
    docker(monkeypatch, tmp_path / "bin", {"web": root})
    before = times(root)
    reading = await read("host+docker://web")
    facts = raws(reading)
    assert (reading.product, reading.version, reading.address) == ("Debian GNU/Linux", "12.7", "web")
    assert reading.facts["timezone"].canonical == "Central European time"
    expected = {
        "libc": "glibc 2.36", "icu": "72.1", "timezone": "Europe/Berlin", "locale": "C",
        "system_locale": "de_DE.UTF-8", "machine": "container (docker)", "ntp": "systemd-timesyncd",
        "docker.image": "shop/web:1.2", "docker.digest": "sha256:0123abcd",
        "chef": "yes", "chef.version": "18.4.12", "chef.last_run": "within a day", "vagrant": "yes",
        "puppet": "yes", "puppet.version": "7.24.0", "puppet.last_run": "within a day", "puppet.failures": "yes",
        "openssl.MinProtocol": "TLSv1.2", "openssl.CipherString": "DEFAULT:@SECLEVEL=2",
        "package.nginx": "1.22.1-9", "package.libc6": "2.36-9", "package.libicu": "72.1-3",
    }  # fmt: skip
    assert {name: facts.get(name) for name in expected} == expected
    assert times(root) == before


@needs_root
async def test_the_age_of_a_run_is_a_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs come every half hour: their times would never be in parity."""
    root = plant(tmp_path / "web", KEPT)
    docker(monkeypatch, tmp_path / "bin", {"web": root})
    fresh = await read("host+docker://web")
    for days, words in ((3, "within a week"), (30, "more than a week ago")):
        then = time.time() - days * 86400
        os.utime(root / "var/chef/cache/chef-client-running.pid", (then, then))
        stale = await read("host+docker://web")
        assert stale.facts["chef.last_run"].raw == words
        assert listed(fresh, stale) == {"chef.last_run"}


@needs_root
async def test_equal_containers_are_in_parity_and_planted_drift_is_all_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each planted difference makes its own row and no other."""
    planted: dict[str, tuple[dict[str, str | bytes], set[str]]] = {
        "same": ({}, set()),
        "zone": ({"etc/localtime": b"TZif2\0\nUTC0\n"}, {"timezone"}),
        "name": ({"etc/timezone": "Europe/Paris\n"}, {"timezone.name"}),
        "icu": ({"usr/lib/x86_64-linux-gnu/libicuuc.so.70.1": ""}, {"icu"}),
        "point": ({"etc/debian_version": "12.11\n"}, {"version"}),
        "gone": (
            {
                "usr/bin/dpkg-query": str(DEBIAN["usr/bin/dpkg-query"]).replace("nginx", "vim"),
                "etc/debian_version": "12.8",
            },
            {"version", "package.nginx"},
        ),
        "nginx": ({"usr/bin/dpkg-query": str(DEBIAN["usr/bin/dpkg-query"]).replace("1.22", "1.26")}, {"package.nginx"}),
        "chef": ({"etc/chef/client.rb": "", "opt/chef/version-manifest.txt": "chef 17.0.1"}, {"chef"}),
    }
    roots = {name: plant(tmp_path / name, {**DEBIAN, **files}) for name, (files, _) in planted.items()}
    docker(monkeypatch, tmp_path / "bin", {**roots, "plain": plant(tmp_path / "plain", DEBIAN)})
    plain = await read("host+docker://plain")
    for name, (_, expected) in planted.items():
        assert listed(plain, await read(f"host+docker://{name}")) == expected, name


@needs_root
async def test_another_distribution_explains_what_it_does_not_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names of packages differ: what only one can have is folded under the system; the C library is not."""
    roots = {"debian": plant(tmp_path / "debian", DEBIAN), "alpine": plant(tmp_path / "alpine", ALPINE)}
    docker(monkeypatch, tmp_path / "bin", roots)
    debian, alpine = await read("host+docker://debian"), await read("host+docker://alpine")
    assert (alpine.product, alpine.version, raws(alpine)["libc"]) == ("Alpine Linux", "3.20.3", "musl 1.2.5")
    assert raws(alpine)["package.musl"] == "1.2.5-r0"
    found = rows(debian, alpine)
    assert {name for name, row in found.items() if row.listed} == {"product", "libc", "timezone", "package.nginx"}
    assert {found[f"package.{name}"].explained_by for name in ("redis", "musl", "libc6")} == {"product"}


@needs_root
async def test_the_servers_of_another_debian_are_a_machine_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real root without Python: its own OpenSSL is asked, and its servers' packages are not made up."""
    if reason := other_debian.prepare():
        missing(reason)
    name = other_debian.suites(text_of("/etc/os-release"))[1]
    docker(monkeypatch, tmp_path, {"mq": Path(os.environ["PARITY_TEST_SERVERS"]) / name})
    reading = await read("host+docker://mq", packages="rabbitmq-server")
    assert raws(reading)["package.rabbitmq-server"] == "not installed"
    assert (raws(reading)["openssl"] or "").startswith("OpenSSL 3.")
    assert raws(reading)["openssl"] != raws(await read())["openssl"]


async def test_named_packages_are_compared_and_their_absence_is_a_value() -> None:
    """Whatever else differs: a package that was named and is not there is drift, not the version's doing."""
    reading = recorded("debian", "nginx, libicu* no-such-thing")
    found = {name: fact.raw for name, fact in reading.facts.items() if name.startswith("package.")}
    assert found == {
        "package.nginx": "1.22.1-9+deb12u1",
        "package.libicu": "72.1-3",
        "package.libicu-dev": "72.1-3",
        "package.no-such-thing": "not installed",
    }
    assert "package.nginx" in listed(reading, recorded("macos", "nginx"))


def test_recorded_machines_are_named_rightly() -> None:
    """What they print is made by hand here, after such machines and, for macOS and RHEL, after their manuals."""
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
    assert raws(named["rhel"])["puppet.failures"] == "no"
    assert raws(named["rhel"])["package.openssl"] == "1:3.0.7-27.el9"


def test_a_mac_says_what_it_has() -> None:
    """Its own names for what Linux calls otherwise; packages of Homebrew."""
    reading = recorded("macos")
    facts = raws(reading)
    expected = {
        "arch": "arm64", "cpus": "10", "kern.maxfiles": "245760", "swap": "on", "root_filesystem": "apfs",
        "timezone": "Europe/Berlin", "openssl": "LibreSSL 3.3.6", "icu": "76.1", "nofile.hard": "unlimited",
        "package.postgresql": "16.4", "package.icu4c": "76.1", "package.redis": "7.2.5",
    }  # fmt: skip
    assert {name: facts.get(name) for name in expected} == expected
    assert reading.facts["memory"].canonical == "32 GB"
    # The architecture's two names are one value; a backlog is a backlog.
    found = rows(RuleTable(SERVICE).resolve(reading), recorded("debian-arm"))
    assert found["arch"].verdict is Verdict.SAME
    assert [cell.raw for cell in found["net.core.somaxconn"].cells] == ["128", "4096"]


def test_limits_of_a_container_are_the_tightest_around_it() -> None:
    """Of all groups that a process is in the smallest counts; version 1 has a word of its own for none."""
    assert raws(recorded("alpine"))["cgroup_memory_limit"] == "536870912"
    assert raws(recorded("alpine"))["cgroup_cpu_limit"] == "1.5"
    found = rows(recorded("alpine"), recorded("debian"))
    assert found["cgroup_memory_limit"].text(0) == "512 MB"
    assert found["cgroup_memory_limit"].text(1) == "no limit"


def test_machines_of_nearly_the_same_size_are_the_same() -> None:
    """The kernel's own share of the memory differs; twice the memory is for information, tenfold a warning."""
    text = (RECORDED / "debian.txt").read_text()

    def sized(kilobytes: int) -> Reading:
        changed = text.replace("16393244 kB", f"{kilobytes} kB").encode()
        return parse(answer(changed, b"", "@@mark"), "", target())

    plain = sized(16393244)
    assert listed(plain, sized(16391196)) == set()
    assert rows(plain, sized(2 * 16393244))["memory"].severity is Severity.INFO
    assert rows(plain, sized(10 * 16393244))["memory"].severity is Severity.WARNING


def test_packages_that_a_library_row_explains_are_folded_there() -> None:
    """ICU 72 and 76 are one row, and critical; the packages that bring them are under it."""
    text = (RECORDED / "debian.txt").read_text()
    newer = text.replace("libicuuc.so.72.1", "libicuuc.so.76.1").replace("libicu72\t72.1-3", "libicu76\t76.1-4")
    patched = text.replace("libicu72\t72.1-3", "libicu72\t72.1-3+deb12u1")
    plain = parse(answer(text.encode(), b"", "@@mark"), "", target())
    found = rows(plain, parse(answer(newer.encode(), b"", "@@mark"), "", target()))
    assert {name for name, row in found.items() if row.listed} == {"icu"}
    assert found["package.libicu"].explained_by == "icu"
    assert listed(plain, parse(answer(patched.encode(), b"", "@@mark"), "", target())) == {"package.libicu"}


@pytest.mark.parametrize(
    ("out", "error", "reason", "words"),
    [
        (b"", b"sh: command not found\n", "wrong-service", "sh: command not found"),
        (b"This account is not available.\n", b"", "wrong-service", "This account is not available"),
        (b"", b"", "wrong-service", "it said nothing"),
        (b"Welcome\n\n@@mark now\n17\n", b"", "protocol", "breaks off"),
        (b"@@mark end\n", b"", "wrong-service", "does not say which system"),
    ],
)
def test_what_is_no_machine_is_said(out: bytes, error: bytes, reason: str, words: str) -> None:
    """Accounts without a shell, answers that break off."""
    with pytest.raises(ServiceError, match=words) as caught:
        parse(answer(out, error, "@@mark"), "", target())
    assert caught.value.reason == reason


def test_a_greeting_before_the_answer_is_no_part_of_it() -> None:
    """Shells of a login print what they like first, even what looks like a fact."""
    out = (RECORDED / "debian.txt").read_bytes()
    parts = answer(b"NAME=Evil\nbash: warning\r\n" + out, b"", "@@mark")
    assert parse(parts, "in step", target()) == recorded("debian")


def test_what_would_bring_a_machine_into_line_is_text_to_copy() -> None:
    """Quoted, so that no value of a machine can become a command; nothing for what no command changes."""
    assert remediate("timezone", "Europe/Berlin", Fact("UTC")) == "timedatectl set-timezone Europe/Berlin"
    assert remediate("locale", "x; reboot", Fact("C")).startswith("localectl set-locale 'LANG=x; reboot'")
    assert remediate("vm.swappiness", "1'; reboot", Fact("60")).startswith("echo 'vm.swappiness = 1'\"'\"'; reboot' >")
    assert remediate("package.a b", "1 2", Fact("0", source="rpm")) == "dnf install 'a b'-'1 2'"
    assert remediate("package.nginx", "not installed", Fact("1", source="apk")) == "apk del nginx"
    assert [remediate(name, "x", Fact("y")) for name in ("libc", "memory", "clock_offset", "package.x")] == [""] * 4


NAMES = st.sampled_from(
    ["now", "session", "uname", "os-release", "sw_vers", "system", "zone", "locale", "libc", "openssl", "sysctl",
     "darwin", "memory", "cgroup", "mounts", "machine", "ntp", "vagrant", "chef", "puppet", "dpkg", "apk", "rpm",
     "brew", "end"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["NAME=", "VERSION_ID=1(", "MemTotal: ", "memory\t", "version\t2", "cpu\t", "max 100000", "100000 0", "rule\t",
     "link\t/zoneinfo/", "hw.memsize: ", "ii \t", "P:", "V:", "\t", "\x1b[2J", "[b]x[/b]", "quota\t9", "period\t0",
     "9" * 40, "٣", "\n", "glibc\t", "icu\tlibicuuc.so.7.", " / ", "SwapTotal: 0", "detected\tnone"]
)  # fmt: skip


@settings(deadline=None)
@given(
    st.lists(st.tuples(NAMES, st.lists(st.one_of(WORDS, st.text()), max_size=8).map("".join)), max_size=12), st.text()
)
def test_no_answer_can_break_parsing(sections: list[tuple[str, str]], packages: str) -> None:
    """Whatever a machine prints becomes a reading or a ServiceError, and can be compared."""
    out = "".join(f"\n@@mark {name}\n{text}\n" for name, text in [*sections, ("end", "")])
    try:
        reading = parse(answer(out.encode(errors="surrogateescape"), b"", "@@mark"), "", target(packages=packages))
    except ServiceError:
        return
    assert all(row.verdict is not Verdict.DRIFT for row in rows(reading, reading).values())


@settings(deadline=None)
@given(st.binary())
def test_no_bytes_can_break_parsing(out: bytes) -> None:
    """Bytes that are no text at all."""
    try:
        parse(answer(b"\n@@mark uname\n" + out + b"\n@@mark end\n", b"", "@@mark"), "", target())
    except ServiceError:
        return
