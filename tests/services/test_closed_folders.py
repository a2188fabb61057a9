"""Includes of web servers in folders that the login cannot list or enter: never taken for empty ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from parity_tui.model import Reading, State, Verdict
from parity_tui.services.apache.parse import parse as parse_apache
from parity_tui.services.apache.parse.output import split_output as split_apache
from parity_tui.services.apache.queries import script as apache_script
from parity_tui.services.nginx.parse import parse as parse_nginx
from parity_tui.services.nginx.parse.output import split_output as split_nginx
from parity_tui.services.nginx.queries import script as nginx_script
from tests.services import web

_NOBODY = 65534
pytestmark = [
    pytest.mark.server,  # their programs check these configurations
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a script as another user"),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Make a folder that other users can enter, unlike pytest's own; its folder `closed` is for root only."""
    path = Path(tempfile.mkdtemp(prefix="parity-closed-"))
    path.chmod(0o755)
    for name in ("open", "closed/sub", "listed", "logs"):
        (path / name).mkdir(parents=True)
    for name in ("closed/a.conf", "closed/sub/a.conf", "listed/a.conf"):
        (path / name).write_text("")
    (path / "closed").chmod(0o700)
    (path / "listed").chmod(0o711)
    (path / "logs").chmod(0o777)
    (path / "open/link.conf").symlink_to(path / "closed/a.conf")
    yield path
    shutil.rmtree(path)


def _printed(script: str) -> str:
    done = subprocess.run(["sh", "-s"], input=script, text=True, capture_output=True, check=True, user=_NOBODY)
    return done.stdout


def _nginx(folder: Path, include: str) -> Reading:
    main = folder / "nginx.conf"
    main.write_text(f"events {{}} http {{ gzip on; include {include}; }}")
    return parse_nginx(split_nginx(_printed(nginx_script("@x", str(main))), "@x"), "")


def _apache(folder: Path, include: str) -> Reading:
    main = folder / "httpd.conf"
    modules = Path("/usr/lib/apache2/modules")
    loads = "\n".join(
        f"LoadModule {name}_module {modules}/mod_{name}.so" for name in ("mpm_event", "authz_core", "info")
    )
    main.write_text(f"ServerRoot {folder}\nServerName x\n{loads}\nListen 9\nTimeout 7\nIncludeOptional {include}\n")
    return parse_apache(split_apache(_printed(apache_script("@x", str(main))), "@x"), "", str(main))


@pytest.mark.parametrize(
    ("include", "named"),
    [
        ("closed/*.conf", "closed"),
        ("closed/sub/*.conf", "closed"),
        ("closed/sub/a.conf", "closed"),
        ("*/sub/*.conf", "closed"),
        ("listed/*.conf", "listed"),
        ("open/*.conf", "open/link.conf"),
        ("open/link.conf", "open/link.conf"),
    ],
)
def test_nginx_names_what_it_cannot_see(folder: Path, include: str, named: str) -> None:
    """Also where both environments cannot see it: nothing says then that they agree."""
    reading = _nginx(folder, include)
    why = f"the configuration is incomplete: {folder}/{named} cannot be read"
    assert dict(reading.hidden)["*"] == why
    assert "http/client_max_body_size" not in reading.facts
    rows = web.rows(reading, reading, kind="nginx")
    summary = rows[rows["configuration"].explained_by]
    assert (summary.verdict, summary.listed) == (Verdict.UNKNOWN, True)
    assert why in summary.note
    assert all(fact.raw != "dynamic, not loaded" for fact in reading.facts.values())


@pytest.mark.parametrize(
    ("include", "named"), [("closed/sub/a.conf", "closed"), ("open/*.conf", "open/link.conf"), ("closed/sub", "closed")]
)
def test_apache_names_what_it_passes_over(folder: Path, include: str, named: str) -> None:
    reading = _apache(folder, include)
    why = f"the configuration is incomplete: {folder}/{named} cannot be read"
    assert dict(reading.hidden)["*"] == why
    assert reading.facts["configuration"].state is State.HIDDEN
    assert "KeepAlive" not in reading.facts
    rows = web.rows(reading, reading, kind="apache")
    assert rows[rows["configuration"].explained_by].listed


@pytest.mark.parametrize("include", ["open/nothing*.conf", "nothere/*.conf", "op*/x*.conf"])
def test_include_that_matches_nothing_is_whole(folder: Path, include: str) -> None:
    assert _nginx(folder, include).hidden == _apache(folder, include).hidden == ()
