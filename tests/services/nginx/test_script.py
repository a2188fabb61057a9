"""The script: includes, missing files and programs, truncated output."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui.model import Reason, ServiceError, Target, Verdict
from parity_tui.services.nginx import SERVICE
from parity_tui.services.nginx.parse import parse
from parity_tui.services.nginx.parse.output import ScriptOutput, split_output
from parity_tui.services.nginx.queries import script
from tests.services import web
from tests.services.nginx.builders import BUILD, http, made
from tests.services.roots import executable


@pytest.mark.usefixtures("installed_nginx")
async def test_includes_are_resolved_as_nginx_does(tmp_path: Path) -> None:
    """Relative to the main file, with globs, in quotes, nested, and in a circle."""
    (tmp_path / "sites").mkdir()
    (tmp_path / "nginx.conf").write_text("events {}\nhttp { include sites/*.conf; include 'one two.inc';\n}")
    (tmp_path / "sites/a.conf").write_text("server { server_name a.x; include deep.inc; }")
    (tmp_path / "sites/b.conf").write_text("# include nothing.conf;\nserver { server_name b.x; }")
    (tmp_path / "deep.inc").write_text("gzip_comp_level 7;")
    (tmp_path / "one two.inc").write_text("client_max_body_size 3m;")
    reading = await web.read(web.target(f"nginx+local://{tmp_path}/nginx.conf"))
    assert reading.facts["http/server[a]/gzip_comp_level"].source == f"{tmp_path}/deep.inc:1"
    assert reading.facts["http/client_max_body_size"].canonical == "3 MB"
    assert reading.hidden == ()
    (tmp_path / "deep.inc").write_text("include nginx.conf;")
    with pytest.raises(ServiceError, match="includes itself"):
        await web.read(web.target(f"nginx+local://{tmp_path}/nginx.conf"))


@pytest.mark.usefixtures("installed_nginx")
async def test_unreadable_include_hides_defaults(tmp_path: Path) -> None:
    """The missing file may set any directive."""
    (tmp_path / "nginx.conf").write_text("events {} http { include gone.conf; gzip on; }")
    reading = await web.read(web.target(f"nginx+local://{tmp_path}/nginx.conf"))
    compared = web.rows(reading, http("gzip on;"), kind="nginx")
    assert compared["http/client_max_body_size"].verdict is Verdict.UNKNOWN
    assert "gone.conf cannot be read" in compared["http/client_max_body_size"].note
    assert compared["http/gzip"].verdict is Verdict.SAME


@pytest.mark.usefixtures("installed_nginx")
@pytest.mark.parametrize(
    "text",
    [
        "#server { include gone.conf; }\n",
        "gzip on; # old: gzip off; include broken.inc;\n",
        "server { return 200 'a\nb;\n include broken.inc;'; }",
        "# {include closed/*.conf;}\n",
    ],
)
async def test_include_in_a_comment_or_string_hides_nothing(tmp_path: Path, text: str) -> None:
    """The shell finds it, because it splits lines at braces and semicolons; nginx does not read it."""
    (tmp_path / "nginx.conf").write_text(f"events {{}} http {{ {text} client_max_body_size 3m; }}")
    (tmp_path / "broken.inc").write_text("server {")
    (tmp_path / "closed").symlink_to("nowhere")
    reading = await web.read(web.target(f"nginx+local://{tmp_path}/nginx.conf"))
    assert reading.hidden == ()
    assert reading.facts["http/client_max_body_size"].canonical == "3 MB"


@pytest.mark.usefixtures("installed_nginx")
async def test_file_whose_printing_fails_is_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nginx.conf").write_text("events {} http { include sites.inc; }")
    (tmp_path / "sites.inc").write_text("gzip on;\nclient_max_body_size 3m;")
    executable(tmp_path, "cat", 'case $1 in *.inc) head -n 1 "$1"; kill -9 $$ ;; *) /bin/cat "$1" ;; esac')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    reading = await web.read(web.target(f"nginx+local://{tmp_path}/nginx.conf"))
    assert "sites.inc cannot be read" in dict(reading.hidden)["*"]


@pytest.mark.parametrize(("end", "code"), [("kill -9 $$", "137"), ("exit 9", "9")])
async def test_nginx_that_is_killed_is_not_believed(
    end: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nginx.conf").write_text("events {}")
    executable(tmp_path, "nginx", f"echo 'nginx version: nginx/1.22.1'; {end}")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ServiceError, match=f"nginx -V ends with code {code}"):
        await web.read(web.target(f"nginx+local://{tmp_path}/nginx.conf"))


def test_unprinted_file_of_an_include_is_unread() -> None:
    files = {"/nginx.conf": "events {} http { include a.conf; }"}
    output = ScriptOutput(BUILD, "/nginx.conf", files, {"a.conf": ["/a.conf"]}, whole=True)
    assert "/a.conf cannot be read" in dict(parse(output, "").hidden)["*"]


def test_includes_never_read_files_of_this_machine() -> None:
    """An include counts only if the script has printed the file."""
    reading = made("events {} http { include /etc/nginx/mime.types; include /etc/passwd; }")
    assert not any(name.startswith("http/type[") for name in reading.facts)
    assert "/etc/nginx/mime.types cannot be read" in dict(reading.hidden)["*"]


@pytest.mark.usefixtures("installed_nginx")
async def test_path_in_the_url_is_never_code(tmp_path: Path) -> None:
    folder = tmp_path / "a'; touch owned; '$(touch owned) b"
    folder.mkdir()
    (folder / "nginx.conf").write_text("events {} http { gzip on; }")
    reading = await web.read(web.target(f"nginx+local://{folder}/nginx.conf"))
    assert reading.facts["http/gzip"].raw == "on"
    assert "owned" not in {*os.listdir(tmp_path), *os.listdir(folder), *os.listdir()}


@pytest.mark.usefixtures("installed_nginx")
async def test_missing_program_and_file_are_reported(tmp_path: Path) -> None:
    """Also a program of that name that is not nginx."""
    with pytest.raises(ServiceError, match=r"nginx\.conf does not exist, or this user cannot read it") as caught:
        await web.read(web.target(f"nginx+local://{tmp_path}/nginx.conf"))
    assert caught.value.reason is Reason.FORBIDDEN
    with pytest.raises(ServiceError, match=r"no program .*/sbin/nginx"):
        await web.read(web.target(f"nginx+local://{tmp_path}"))
    (tmp_path / "sbin").mkdir()
    (tmp_path / "sbin/nginx").symlink_to("/bin/echo")
    with pytest.raises(ServiceError, match="unexpected output of nginx") as caught:
        await web.read(web.target(f"nginx+local://{tmp_path}"))
    assert caught.value.reason is Reason.WRONG_SERVICE


def test_truncated_output_is_an_error() -> None:
    output = split_output(f"# build\n{BUILD}\n# main /a\n# file /a\nevents {{}}\n", "#")
    with pytest.raises(ServiceError, match="the configuration is truncated: too large, or the shell ended"):
        parse(output, "")


@given(st.text(max_size=80), st.text(alphabet="# \nabuildmanfec/", max_size=80))
def test_arbitrary_output_gives_reading_or_error(build: str, text: str) -> None:
    for answer in (build, text, f"# build\nnginx version: nginx/{build}\n# main /a\n# file /a\n{text}\n# end\n"):
        with suppress(ServiceError):
            assert parse(split_output(answer, "#"), "web1").version


def test_script_is_valid_in_every_shell() -> None:
    for shell in ("sh", "dash", "bash"):
        checked = subprocess.run([shell, "-n"], input=script("@x", "/a b"), text=True, capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


def test_kind_is_read_by_commands() -> None:
    assert SERVICE.commands
    assert isinstance(web.target("nginx+docker://web"), Target)
