"""Files that the login may not read and commands that are missing: hidden, never taken for empty files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from parity_tui.drift.policy import matches
from parity_tui.model import Reading, Verdict
from parity_tui.services.host.parse import parse
from parity_tui.services.host.parse.output import check_whole, split_output
from parity_tui.services.host.queries import script
from tests.services.host.builders import needs_root, rows, target
from tests.services.roots import PROGRAMS, plant

TOOLS = (*PROGRAMS, "sed", "awk", "sort", "cksum")
FILES = {
    "etc/os-release": 'NAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n',
    "etc/hosts": "10.0.0.1 db\n",
    "etc/resolv.conf": "nameserver 10.0.0.1\noptions ndots:5\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
    "etc/localtime": "TZif2\nCET-1CEST,M3.5.0,M10.5.0/3\n",
    "etc/default/locale": "LANG=de_DE.UTF-8\n",
    "etc/ssl/openssl.cnf": "MinProtocol = TLSv1.2\n",
    "etc/crypto-policies/state/current": "LEGACY\n",
    "usr/local/share/ca-certificates/own/a.crt": "certificate\n",
    "etc/ssl/certs/ca-certificates.crt": "-----BEGIN CERTIFICATE-----\n",
}
pytestmark = [needs_root, pytest.mark.server]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = plant(tmp_path_factory.mktemp("closed") / "machine", FILES, TOOLS)
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    return folder


def _reading(root: Path) -> Reading:
    """Return the reading of a login without rights."""
    command = ["chroot", "--userspec=65534:65534", str(root), "/bin/sh", "-s"]
    done = subprocess.run(command, input=script("@@mark").encode(), capture_output=True, check=True)
    output = split_output(done.stdout, done.stderr, "@@mark")
    check_whole(output)
    return parse(output, "", target())


def test_readable_files_hide_nothing(root: Path) -> None:
    reading = _reading(root)
    assert reading.hidden == ()
    assert (reading.facts["hosts_file"].raw or "").startswith("1 name")
    assert (reading.facts["ca.own"].raw or "").startswith("1, digest")


@pytest.mark.parametrize(
    ("closed", "globs"),
    [
        ("etc/os-release", ("product", "version")),
        ("etc/hosts", ("hosts_file", "hosts_file.addresses")),
        ("etc/resolv.conf", ("resolver.ndots", "resolver.servers")),
        ("etc/nsswitch.conf", ("nsswitch.hosts",)),
        ("etc/localtime", ("timezone", "timezone.name")),
        ("etc/default", ("system_locale",)),
        ("etc/ssl/openssl.cnf", ("openssl.MinProtocol",)),
        ("etc/crypto-policies/state", ("crypto_policy",)),
        ("usr/local/share/ca-certificates", ("ca.own",)),
        ("usr/local/share/ca-certificates/own", ("ca.own",)),
        ("usr/local/share/ca-certificates/own/a.crt", ("ca.own",)),
    ],
)
def test_closed_file_hides_its_facts_on_both_sides(root: Path, closed: str, globs: tuple[str, ...]) -> None:
    path = root / closed
    mode = path.stat().st_mode
    path.chmod(0o700 if path.is_dir() else 0o600)
    try:
        _assert_hidden(_reading(root), globs)
    finally:
        path.chmod(mode)


def test_link_into_a_closed_folder_is_no_missing_file(root: Path) -> None:
    """Other than a link that leads nowhere."""
    link, vault = root / "etc/resolv.conf", root / "vault"
    vault.mkdir()
    (real := link.rename(vault / "real")).chmod(0o644)
    link.symlink_to("../vault/nothing")
    assert not any(matches(glob, "resolver.ndots") for glob, _ in _reading(root).hidden)
    link.unlink()
    link.symlink_to("../vault/real")
    vault.chmod(0o700)
    try:
        _assert_hidden(_reading(root), ("resolver.ndots",))
    finally:
        link.unlink()
        real.rename(link)


def _assert_hidden(reading: Reading, names: tuple[str, ...]) -> None:
    for name in names:
        assert next(why for glob, why in reading.hidden if matches(glob, name)).endswith(" cannot be read")
        assert name not in reading.facts
    assert any(row.listed and row.verdict is Verdict.UNKNOWN for row in rows(reading, reading).values())


@pytest.mark.parametrize(
    ("missing", "names"),
    [("awk", ("hosts_file",)), ("cksum", ("ca.own",)), ("grep", ("resolver.ndots", "ca.own", "nsswitch.hosts"))],
)
def test_missing_command_is_no_empty_file(root: Path, missing: str, names: tuple[str, ...]) -> None:
    program = root / "usr/bin" / missing
    away = program.rename(root / "away")
    try:
        reading = _reading(root)
    finally:
        away.rename(program)
    for name in names:
        assert next(why for glob, why in reading.hidden if matches(glob, name)) == f"the command {missing} is missing"
        assert name not in reading.facts
