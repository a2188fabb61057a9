"""SSH hosts: real sshd on 127.0.0.1, with temporary keys and a configuration for the client.

OpenSSH's client ignores $HOME when it looks for its configuration: a program named ssh, first on PATH, passes the
configuration of the tests instead.
"""

from __future__ import annotations

import getpass
import os
import re
import shutil
import signal
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

from parity_tui.demo.process import Process, answers, free_port, wait_until
from parity_tui.demo.sandbox import Sandbox

RUN = Path("/run/sshd")
"""folder that sshd requires when root starts it"""


class Sshd:
    """One host; its only user is the one that runs the tests, with a key."""

    def __init__(self, folder: Path, home: Sandbox, name: str, settings: Mapping[str, str]) -> None:
        self.port = free_port()
        self._folder, self._home, self._name = folder, home, name
        self._process: Process | None = None
        self.settings = dict(settings)

    def start(self) -> None:
        """Start sshd with the current settings."""
        settings = {
            "Port": str(self.port),
            "ListenAddress": "127.0.0.1",
            "HostKey": str(self._folder / "host"),
            "AuthorizedKeysFile": str(self._folder / "key.pub"),
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "KbdInteractiveAuthentication": "no",
            "PasswordAuthentication": "no",
            "LogLevel": "DEBUG1",
            **self.settings,
        }
        path = self._folder / f"{self._name}.conf"
        path.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        argv = [program(), "-D", "-e", "-f", str(path)]
        self._process = self._home.start(self._name, argv, as_root=True, log=self._folder / f"{self._name}.log")
        assert wait_until(lambda: answers(self.port), 10), self.words()

    def end(self) -> None:
        """Kill sshd with all its connections."""
        assert self._process is not None
        self._process.signal(signal.SIGKILL, family=True)
        self._process.wait(10)

    def words(self) -> str:
        """Return the log since the start."""
        return self._process.words() if self._process else ""

    def logins(self) -> int:
        """Return the number of logins."""
        return self.words().count("Accepted publickey")

    def carried(self, port: int) -> int:
        """Return the number of streams to a port that were requested."""
        return len(re.findall(rf"direct_tcpip: .* target \S+ port {port}\b", self.words()))


class Hosts:
    """`bastion`, `inner` behind it, and aliases that fail."""

    def __init__(self, folder: Path, home: Sandbox) -> None:
        self.folder = folder
        self.path = folder / "bin"
        """folder with the client, to be first on PATH"""
        if os.geteuid() == 0:  # as the package's service does; it stays, for other tests share it
            RUN.mkdir(mode=0o755, exist_ok=True)
        for name in ("host", "key", "other"):
            self._key(name)
        self.bastion = Sshd(folder, home, "bastion", {"SetEnv": f'"PATH={folder / "far"}:/usr/bin:/bin"'})
        self.inner = Sshd(folder, home, "inner", {})
        self.strict = Sshd(folder, home, "strict", {"PermitOpen": "127.0.0.1:1"})
        self.silent = free_port()
        """port on which a test may listen silently"""
        for host in (self.bastion, self.inner, self.strict):
            host.start()
        self._configure()

    def _key(self, name: str) -> None:
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(self.folder / name)]
        subprocess.run(words, check=True, timeout=30)

    def _configure(self) -> None:
        """Write the client's configuration, its known hosts, and the program that passes both."""
        host_key = " ".join((self.folder / "host.pub").read_text().split()[:2])
        other_key = " ".join((self.folder / "other.pub").read_text().split()[:2])
        (self.folder / "known").write_text("".join(f"[127.0.0.1]:{port} {host_key}\n" for port in self.ports))
        (self.folder / "changed").write_text(f"[127.0.0.1]:{self.bastion.port} {other_key}\n")
        blocks: dict[str, dict[str, object]] = {
            "bastion": {"Port": self.bastion.port},
            "inner": {"Port": self.inner.port, "ProxyJump": "bastion"},
            "strict": {"Port": self.strict.port},
            "wrongkey": {"Port": self.bastion.port, "IdentityFile": self.folder / "other"},
            "behind-wrongkey": {"Port": self.inner.port, "ProxyJump": "wrongkey"},
            "stranger": {"Port": self.bastion.port, "UserKnownHostsFile": "/dev/null"},
            "changed": {"Port": self.bastion.port, "UserKnownHostsFile": self.folder / "changed"},
            "refusing": {"Port": 1},
            "behind-refusing": {"Port": self.inner.port, "ProxyJump": "refusing"},
            "refused-behind": {"Port": 1, "ProxyJump": "bastion"},
            "deep": {"Port": self.strict.port, "ProxyJump": "inner"},
            "deeper": {"Port": self.strict.port, "ProxyJump": f"bastion,{getpass.getuser()}@inner:{self.inner.port}"},
            "circle": {"Port": self.inner.port, "ProxyJump": "round"},
            "round": {"Port": self.inner.port, "ProxyJump": "circle"},
            "nowhere": {"HostName": "nowhere.invalid"},
            "silent": {"Port": self.silent},
            "greedy": {"Port": self.bastion.port, "LocalForward": f"127.0.0.1:{self.bastion.port} 127.0.0.1:1",
                       "ExitOnForwardFailure": "yes", "RemoteCommand": "exit 9", "RequestTTY": "force"},
            "*": {
                "HostName": "127.0.0.1",
                "User": getpass.getuser(),
                "UserKnownHostsFile": self.folder / "known",
                "GlobalKnownHostsFile": "/dev/null",
                "IdentitiesOnly": "yes",
                "SendEnv": "LC_* LANG",
            },
        }  # fmt: skip
        text = ""
        for name, block in blocks.items():
            if name != "*":  # a second IdentityFile would be one more key
                block.setdefault("IdentityFile", self.folder / "key")
            text += f"Host {name}\n" + "".join(f"  {key} {value}\n" for key, value in block.items())
        (self.folder / "client.conf").write_text(text)
        script(self.path / "ssh", f'exec {shutil.which("ssh")} -F {self.folder / "client.conf"} "$@"')

    @property
    def ports(self) -> list[int]:
        """The ports of all hosts."""
        return [host.port for host in (self.bastion, self.inner, self.strict)]


def program() -> str:
    """Return the absolute path of sshd, which it requires, "" if it is not installed."""
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") or ""


def script(path: Path, text: str) -> None:
    """Write an executable shell script."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
