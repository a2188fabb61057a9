"""Postfix, of the other Debian, and Exim: both are started as root, and drop its rights themselves."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from parity_tui.demo.process import answers
from parity_tui.demo.programs import Program
from parity_tui.demo.sandbox import Sandbox
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from tests import other_debian
from tests.conftest import missing
from tests.services import programs

PASSWORD = "open-sesame"
MAIL = 8
"""the user of Postfix in the other Debian"""
_numbers = itertools.count(1)


class MailServer(Server):
    """A mail server on one port."""

    scheme = "smtp"
    log = "mail.log"

    def __init__(self, home: Sandbox, name: str, program: Program, settings: Mapping[str, str], pem: str = "") -> None:
        super().__init__(home, name, program)
        self.folder.chmod(0o755)
        self.settings, self.pem = dict(settings), pem

    def argv(self) -> list[str]:
        return ["chroot", str(self.program.root), *self.command()]

    def words(self) -> str:
        log = self.folder / "data" / self.log
        return super().words() + (log.read_text(errors="replace") if log.exists() else "")

    def is_up(self) -> bool:
        return answers(self.port)

    def put(self, name: str, text: str, mode: int = 0o644) -> str:
        """Write a file of root's, and return its path as the server sees it."""
        path = self.home.write(self.folder / name, text)
        os.chown(path, 0, 0)
        path.chmod(mode)
        return self.inside(path)

    def make(self, name: str, owner: int = 0) -> Path:
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        os.chown(path, owner, 0)
        return path


class Postfix(MailServer):
    product = "Postfix"

    def configure(self) -> None:
        spool, data = self.make("spool"), self.make("data", MAIL)
        for name in ("pid", "public", "private", "active", "incoming", "maildrop"):
            self.make(f"spool/{name}", MAIL if name in ("public", "private") else 0)
        settings = {
            "compatibility_level": "3.6",
            "queue_directory": self.inside(spool),
            "data_directory": self.inside(data),
            "command_directory": "/usr/sbin",
            "daemon_directory": "/usr/lib/postfix/sbin",
            "mail_owner": "mail",
            "setgid_group": "postdrop",
            "myhostname": "mail.example",
            "inet_protocols": "ipv4",
            "maillog_file": f"{self.inside(data)}/{self.log}",
            "maillog_file_prefixes": "/tmp",
            "alias_maps": "",
            "local_recipient_maps": "",
            **self.settings,
        }
        if self.pem:
            settings["smtpd_tls_chain_files"] = self.put("tls.pem", self.pem, 0o600)
            settings.setdefault("smtpd_tls_security_level", "may")
        self.put("main.cf", "".join(f"{name} = {value}\n" for name, value in settings.items()))
        services = (
            f"{self.address()} inet n - n - - smtpd", "anvil unix - - n - 1 anvil",
            "postlog unix-dgram n - n - 1 postlogd", "proxymap unix - - n - - proxymap",
            "tlsmgr unix - - n 1000? 1 tlsmgr", "rewrite unix - - n - - trivial-rewrite",
        )  # fmt: skip
        self.put("master.cf", "\n".join((*services, "")))

    def command(self) -> Sequence[str]:
        return ["/usr/lib/postfix/sbin/master", "-c", self.inside(self.folder), "-d"]


class Exim(MailServer):
    product = "Exim"
    log = "mainlog"

    def configure(self) -> None:
        self.make("data", 65534)
        settings = {
            "exim_user": "nobody",
            "exim_group": "nogroup",
            "keep_environment": "",
            "primary_hostname": "mail.example",
            "log_file_path": f"{self.folder}/data/%slog",
            "spool_directory": f"{self.folder}/data",
            "pid_file_path": f"{self.folder}/data/pid",
            "daemon_smtp_ports": str(self.port),
            "local_interfaces": self.host,
            "tls_advertise_hosts": "*" if self.pem else "",
            **self.settings,
        }
        if self.pem:
            file = self.put("tls.pem", self.pem)
            settings |= {"tls_certificate": file, "tls_privatekey": file}
        lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
        login = (
            "plain:\n driver = plaintext\n public_name = PLAIN\n server_prompts = :\n"
            f" server_condition = ${{if and{{{{eq{{$auth2}}{{app}}}}{{eq{{$auth3}}{{{PASSWORD}}}}}}}}}\n"
            "login:\n driver = plaintext\n public_name = LOGIN\n server_prompts = Username:: : Password::\n"
            f" server_condition = ${{if and{{{{eq{{$auth1}}{{app}}}}{{eq{{$auth2}}{{{PASSWORD}}}}}}}}}\n"
        )
        sections = "begin routers\nbegin transports\nbegin retry\nbegin rewrite\nbegin authenticators\n"
        self.put("exim.conf", f"{lines}{sections}{login}")

    def command(self) -> Sequence[str]:
        return [str(self.program.path), "-C", str(self.folder / "exim.conf"), "-bdf"]


def postfix(servers: Servers, settings: Mapping[str, str] | None = None, pem: str = "") -> Postfix:
    """Start a Postfix with defaults, lines of main.cf, and TLS if a certificate is given."""
    reason = other_debian.prepare()
    home = Path(os.environ.get("PARITY_TEST_SERVERS", "/nonexistent"))
    for root in home.glob("*"):
        if (root / "ready").exists() and (root / "usr/lib/postfix/sbin/master").exists():
            program = Program("postfix", "3", root / "usr/lib/postfix/sbin/master", (), root)
            server = Postfix(servers.home, f"postfix-{next(_numbers)}", program, settings or {}, pem)
            server.start()
            return server
    missing(f"no postfix here ({reason})")
    raise AssertionError


def exim(servers: Servers, settings: Mapping[str, str] | None = None, pem: str = "") -> Exim:
    """Start an Exim with defaults, options, and TLS if a certificate is given."""
    if os.geteuid() != 0:
        missing("Exim is started by root only")
    found = programs.find("exim")
    program = Program("exim", found.version, found.path, (), Path("/"))
    server = Exim(servers.home, f"exim-{next(_numbers)}", program, settings or {}, pem)
    server.start()
    return server
