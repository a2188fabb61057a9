"""Output that is no machine, or arbitrary; remediation."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity_tui.model import Fact, Reason, ServiceError, Verdict
from parity_tui.services.host.parse import parse
from parity_tui.services.host.parse.output import split_output
from parity_tui.services.host.remediation import remediate
from tests.services.host.builders import RECORDED, recorded, rows, target


@pytest.mark.parametrize(
    ("out", "error", "reason", "message"),
    [
        (b"", b"sh: command not found\n", Reason.WRONG_SERVICE, "sh: command not found"),
        (b"This account is not available.\n", b"", Reason.WRONG_SERVICE, "This account is not available"),
        (b"", b"", Reason.WRONG_SERVICE, "no output"),
        (b"Welcome\n\n@@mark now\n17\n", b"", Reason.PROTOCOL, "output is incomplete"),
        (b"@@mark end\n", b"", Reason.WRONG_SERVICE, "did not identify its system"),
    ],
)
def test_output_that_is_no_machine_is_an_error(out: bytes, error: bytes, reason: Reason, message: str) -> None:
    """Accounts without a shell, truncated output."""
    with pytest.raises(ServiceError, match=message) as caught:
        parse(split_output(out, error, "@@mark"), "", target())
    assert caught.value.reason is reason


def test_greeting_of_the_login_shell_is_ignored() -> None:
    """Even if it looks like a fact."""
    out = (RECORDED / "debian.txt").read_bytes()
    output = split_output(b"NAME=Evil\nbash: warning\r\n" + out, b"", "@@mark")
    assert parse(output, "synchronized", target()) == recorded("debian")


def test_remediation_quotes_every_value() -> None:
    """No value of a machine can become a command; settings that no command changes give ""."""
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
def test_arbitrary_output_gives_reading_or_error(sections: list[tuple[str, str]], packages: str) -> None:
    """The reading can be compared."""
    out = "".join(f"\n@@mark {name}\n{text}\n" for name, text in [*sections, ("end", "")])
    try:
        reading = parse(
            split_output(out.encode(errors="surrogateescape"), b"", "@@mark"), "", target(packages=packages)
        )
    except ServiceError:
        return
    assert all(row.verdict is not Verdict.DRIFT for row in rows(reading, reading).values())


@settings(deadline=None)
@given(st.binary())
def test_arbitrary_bytes_give_reading_or_error(out: bytes) -> None:
    try:
        parse(split_output(b"\n@@mark uname\n" + out + b"\n@@mark end\n", b"", "@@mark"), "", target())
    except ServiceError:
        return
