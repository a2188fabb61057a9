"""Programs that run as root by sudo, for a made-up user that sudoers allows exactly these."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.config import ConfigError, parse
from parity_tui.model import Reading, ServiceError
from parity_tui.services import apache, kinds, nginx
from parity_tui.services.apache.parse import parse as parse_apache
from parity_tui.services.apache.parse.output import split_output as split_apache
from parity_tui.services.apache.queries import script as apache_script
from parity_tui.services.nginx.parse import parse as parse_nginx
from parity_tui.services.nginx.parse.output import split_output as split_nginx
from parity_tui.services.nginx.queries import script as nginx_script
from parity_tui.transport.sudo import sudoers_line
from tests.services import web

PROGRAMS = ("/usr/bin/sudo", "/usr/sbin/nginx", "/usr/sbin/apache2", "/usr/sbin/apache2ctl", "/usr/sbin/useradd")
needs_sudo = pytest.mark.skipif(
    os.geteuid() != 0 or not all(os.access(program, os.X_OK) for program in PROGRAMS),
    reason="needs root, sudo, nginx and Apache",
)
MARK = "@0123"
BUILD = f"{MARK} build\nnginx version: nginx/1.22.1\n"


class Sudoer:
    """A user without rights, and its line of sudoers."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._file = Path("/etc/sudoers.d") / name

    def allow(self, *lines: str) -> None:
        """Write the file of sudoers."""
        self._file.write_text("".join(f"{line}\n" for line in lines))
        self._file.chmod(0o440)
        subprocess.run(["/usr/sbin/visudo", "-c", "-f", self._file], check=True, capture_output=True)

    def run(self, text: str, **environ: str) -> str:
        """Return the output of a script of this user."""
        result = subprocess.run(
            ["sh", "-s"],
            input=text,
            user=self.name,
            group=self.name,
            extra_groups=[],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", **environ},
            capture_output=True,
            text=True,
            check=True,
        )
        assert result.stderr == ""
        return result.stdout

    def remove(self) -> None:
        """Remove the user and its line; a refused sudo may still be sending its mail."""
        self._file.unlink(missing_ok=True)
        subprocess.run(["/usr/sbin/userdel", "--force", self.name], check=True, capture_output=True)


@pytest.fixture
def sudoer() -> Iterator[Sudoer]:
    """Return a user that sudo allows nothing yet."""
    user = Sudoer(f"parity{os.getpid()}")
    subprocess.run(["/usr/sbin/useradd", "--system", user.name], check=True, capture_output=True)
    yield user
    user.remove()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of configurations that only root can read."""
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites/b.conf").write_text("# include gone.conf;\nserver { listen 127.0.0.1:8; server_name b; }\n")
    (tmp_path / "sites/a.conf").write_text("server { listen 127.0.0.1:8; server_name a; gzip on; }")
    (tmp_path / "sites/.hidden.conf").write_text("broken")
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; client_max_body_size 8m; include sites/*.conf; }}\n"
    )
    for name in ("apache2.conf", "secret.conf"):
        (tmp_path / name).touch(0o600)
    (tmp_path / "apache2.conf").write_text(
        f"ServerRoot /etc/apache2\nServerName here\nErrorLog {tmp_path}/errors\n"
        "LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so\n"
        "LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so\n"
        f"PidFile {tmp_path}/pid\nTimeout 77\nInclude {tmp_path}/secret.conf\n"
    )
    (tmp_path / "secret.conf").write_text("KeepAliveTimeout 9\n")
    tmp_path.chmod(0o700)
    return tmp_path


def read_nginx(user: Sudoer, folder: Path) -> Reading:
    """Return the reading of nginx as this user, with sudo."""
    return parse_nginx(split_nginx(user.run(nginx_script(MARK, f"{folder}/nginx.conf", sudo=True)), MARK), "web1")


def read_apache(user: Sudoer, folder: Path) -> Reading:
    """Return the reading of Apache as this user, with sudo."""
    output = split_apache(user.run(apache_script(MARK, f"{folder}/apache2.conf", sudo=True)), MARK)
    return parse_apache(output, "web1", f"{folder}/apache2.conf")


READERS: dict[str, Callable[[Sudoer, Path], Reading]] = {"nginx": read_nginx, "apache": read_apache}


def commands(kind: str, folder: Path) -> tuple[str, ...]:
    """Return the command lines that a kind documents."""
    declared = kinds()[kind].sudo
    assert declared is not None
    return declared(f"{folder}/{'nginx' if kind == 'nginx' else 'apache2'}.conf")


@needs_sudo
def test_nginx_is_printed_by_root(sudoer: Sudoer, folder: Path) -> None:
    sudoer.allow(sudoers_line(sudoer.name, commands("nginx", folder)))
    before = sorted(folder.rglob("*"))
    facts = read_nginx(sudoer, folder).facts
    assert facts["http/client_max_body_size"].canonical == "8 MB"
    assert facts["http/server[a]/gzip"].source == f"{folder}/sites/a.conf:1"
    assert "configuration" not in facts
    assert sorted(path for path in folder.rglob("*") if path.name != "pid") == before


@needs_sudo
@pytest.mark.parametrize("kind", READERS)
async def test_root_and_a_user_with_rights_read_the_same(kind: str, folder: Path) -> None:
    file = f"{folder}/{'nginx' if kind == 'nginx' else 'apache2'}.conf"
    text = f'[environments.dev.services.web]\nurl = "{kind}+local://{file}"\nsudo = true\n'
    (target,) = parse(text, "parity.toml", {}, folder).targets
    reading = await web.read(target)
    assert "configuration" not in reading.facts
    assert len(reading.facts) > 30
    plain = await web.read(replace(target, sudo=False))
    assert web.drift(plain, reading, kind=kind) == set()
    assert plain.facts.keys() == reading.facts.keys()


@needs_sudo
def test_apache_is_printed_by_root(sudoer: Sudoer, folder: Path) -> None:
    sudoer.allow(sudoers_line(sudoer.name, commands("apache", folder)))
    before = sorted(folder.rglob("*"))
    facts = read_apache(sudoer, folder).facts
    assert (facts["Timeout"].raw, facts["KeepAliveTimeout"].raw) == ("77", "9")
    assert facts["mpm"].raw == "event"
    assert "configuration" not in facts
    assert sorted(folder.rglob("*")) == before


@needs_sudo
@pytest.mark.parametrize("kind", READERS)
def test_refusal_names_the_exact_line(kind: str, sudoer: Sudoer, folder: Path) -> None:
    with pytest.raises(ServiceError) as caught:
        READERS[kind](sudoer, folder)
    line = sudoers_line(sudoer.name, commands(kind, folder))
    assert (caught.value.reason, caught.value.message) == (
        "auth",
        f'web1: sudo refuses without a password: allow "{line}" in sudoers',
    )
    sudoer.allow(caught.value.message.split('"')[1])
    assert READERS[kind](sudoer, folder).version


@needs_sudo
@pytest.mark.parametrize("kind", READERS)
def test_line_allows_nothing_else(kind: str, sudoer: Sudoer, folder: Path) -> None:
    lines = commands(kind, folder)
    sudoer.allow(sudoers_line(sudoer.name, lines))
    for command in (*(f"{line} -g x" for line in lines), "/usr/sbin/nginx", "/usr/sbin/apache2ctl stop", "/bin/sh"):
        result = subprocess.run(
            ["/usr/bin/sudo", "-n", *command.split()], user=sudoer.name, capture_output=True, text=True, check=False
        )
        assert "sudo: a password is required" in result.stderr


@needs_sudo
def test_only_first_command_of_apache_allowed(sudoer: Sudoer, folder: Path) -> None:
    sudoer.allow(sudoers_line(sudoer.name, commands("apache", folder)[:1]))
    with pytest.raises(ServiceError, match="DUMP_CONFIG"):
        read_apache(sudoer, folder)


@needs_sudo
def test_terminal_that_sudo_wants_is_named(sudoer: Sudoer, folder: Path) -> None:
    sudoer.allow(f"Defaults:{sudoer.name} requiretty", sudoers_line(sudoer.name, commands("nginx", folder)))
    with pytest.raises(ServiceError, match=r'sudo wants a terminal: write "Defaults!/usr/sbin/nginx !requiretty"'):
        read_nginx(sudoer, folder)


@needs_sudo
def test_broken_configuration_is_described(sudoer: Sudoer, folder: Path) -> None:
    (folder / "sites/a.conf").write_text("no_such_directive;")
    sudoer.allow(sudoers_line(sudoer.name, commands("nginx", folder)))
    with pytest.raises(ServiceError, match=r"web1: nginx -T fails: unknown directive"):
        read_nginx(sudoer, folder)


@pytest.mark.parametrize("missing", ["sh: 5: sudo: not found", "sh: line 5: sudo: command not found"])
def test_missing_sudo_is_named(missing: str) -> None:
    text = f"{BUILD}{MARK} dump /n.conf\n\n{MARK} dumped 127\nann\n/n -T\n{missing}\n"
    with pytest.raises(ServiceError, match="web1: sudo is not installed"):
        parse_nginx(split_nginx(f"{text}{MARK} end\n", MARK), "web1")


def test_file_that_holds_a_dump_is_not_taken_apart() -> None:
    dump = "# configuration file /n.conf:\nevents {}\n# configuration file /n.conf:\nuser x;\n"
    text = f"{BUILD}{MARK} dump /n.conf\n{dump}\n{MARK} dumped 0\nann\n/n -T\n\n"
    with pytest.raises(ServiceError, match=r"nginx -T prints /n\.conf twice"):
        parse_nginx(split_nginx(f"{text}{MARK} end\n", MARK), "web1")


def test_glob_takes_no_hidden_file_of_a_dump() -> None:
    files = {"n.conf": "include d/*;\ninclude d/.a;", "d/.a": "user x;", "d/b": "", "d/e/c": ""}
    dump = "".join(f"# configuration file /{name}:\n{text}\n" for name, text in files.items())
    text = f"{BUILD}{MARK} dump /n.conf\n{dump}\n{MARK} dumped 0\nann\n/n -T\n\n"
    assert split_nginx(f"{text}{MARK} end\n", MARK).includes == {"d/*": ["/d/b"], "d/.a": ["/d/.a"]}


@pytest.mark.parametrize("url", ["nginx+docker://web", "host+ssh://web", "redis://h"])
def test_sudo_without_effect_is_an_error(url: str, tmp_path: Path) -> None:
    text = f'[environments.dev.services.web]\nurl = "{url}"\nsudo = true\n'
    with pytest.raises(
        ConfigError, match=r'"sudo" has no effect here: it belongs to apache\+local, apache\+ssh, nginx'
    ):
        parse(text, "parity.toml", {}, tmp_path)


@pytest.mark.parametrize(
    ("kind", "words"), [("nginx", "run nginx as root on web1"), ("apache", "run apache2 as root on web1")]
)
def test_sudo_needs_consent(kind: str, words: str, tmp_path: Path) -> None:
    text = f'[environments.dev.services.web]\nurl = "{kind}+ssh://web1"\nsudo = true\n'
    (target,) = parse(text, "parity.toml", {}, tmp_path).targets
    assert (target.sudo, target.consent) == (True, (words,))


def test_documented_lines_are_those_that_run() -> None:
    text = (Path(__file__).parents[2] / "docs/privileges.md").read_text()
    for service in (nginx.SERVICE, apache.SERVICE):
        assert service.sudo is not None
        for command in service.sudo(""):
            assert f"parity ALL=(root) NOPASSWD: {command}\n" in text
