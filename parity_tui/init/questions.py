"""A few questions at the terminal: the names of the environments, and the URLs of what each of them has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TextIO

from parity_tui import config, services
from parity_tui.config import ConfigError
from parity_tui.config.address import scheme_of
from parity_tui.config.parity_toml import NAME, NAMING
from parity_tui.init.drafts import EnvironmentDraft, ServiceDraft

_ROLES = {"postgres": "database", "mysql": "database", "sqlite": "database", "redis": "cache", "memory": "cache",
          "memcached": "cache", "rabbitmq": "queue", "nginx": "web", "apache": "web"}  # fmt: skip
"""what a kind of service most often is to an app"""

_USUAL = ("dev", "production")
_NAMED = re.compile(r"\s*(?P<name>[^=:/]+?)\s*=\s*(?P<url>\S.*)")


class Questions:
    """Asks a person. Nothing is kept but the answers; a password within a URL is dropped at once."""

    def __init__(self, folder: Path, answers: TextIO, screen: TextIO) -> None:
        self._folder = folder
        self._answers = answers
        self._screen = screen

    def ask(self) -> list[EnvironmentDraft]:
        """Return the environments, until an empty answer or the end of the input."""
        names = self._environments()
        self._say("Now the services of each, as URLs: postgresql://user@host:5432/app, redis://host, amqp://host …")
        self._say("NAME=URL names the role that a service has; Enter goes on. No password: a variable will hold it.")
        return [EnvironmentDraft(name, roles=tuple(self._roles(name))) for name in names]

    def _environments(self) -> list[str]:
        """Return the names of the environments."""
        while True:
            said = self._answer(f"Your environments, in order [{' '.join(_USUAL)}]: ")
            names = list(dict.fromkeys(re.split(r"[\s,]+", said.strip()))) if said.strip() else list(_USUAL)
            if all(NAME.fullmatch(name) for name in names):
                return names
            self._say(f"  {NAMING}")

    def _roles(self, environment: str) -> list[ServiceDraft]:
        """Return the services of one environment."""
        found: dict[str, ServiceDraft] = {}
        while said := self._answer(f"{environment}: ").strip():
            try:
                role = self._role(environment, said)
            except ConfigError as error:
                self._say(f"  {error}")
                continue
            name = role.target.service
            if name in found:
                self._say(f"  {environment} has a {name} already: write NAME=URL")
                continue
            found[name] = role
            self._say(f"  {name}: {role.target.kind} at {role.target.address}{_dropped(role)}")
        return list(found.values())

    def _role(self, environment: str, said: str) -> ServiceDraft:
        """Return what an answer means. Raises ConfigError."""
        named = _NAMED.fullmatch(said)
        url = named["url"] if named else said
        kind = services.schemes().get(scheme_of(url), "")
        name = named["name"] if named else _ROLES.get(kind, kind)
        if kind and not NAME.fullmatch(name):
            raise ConfigError(NAMING)
        target = config.target(environment, name, url, self._folder)
        # Where somebody logs in by name there is a password, as a rule.
        needs = target.password is not None or bool(target.user and services.kinds()[kind].port)
        return ServiceDraft(target, needs)

    def _answer(self, question: str) -> str:
        """Return one line, "" at the end of the input."""
        self._screen.write(question)
        self._screen.flush()
        line = self._answers.readline()
        if not line.endswith("\n"):
            self._say("")
        return line.rstrip("\r\n")

    def _say(self, text: str) -> None:
        """Show a line."""
        self._screen.write(f"{text}\n")


def _dropped(role: ServiceDraft) -> str:
    """Return a word on a password that was typed."""
    return " (the password in it is not kept)" if role.target.password is not None else ""
