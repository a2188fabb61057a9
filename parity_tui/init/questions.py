"""A few questions at the terminal: the names of the environments, and the URLs of the services of each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TextIO

from parity_tui import config, services
from parity_tui.config import ConfigError
from parity_tui.config.address import scheme_of
from parity_tui.config.parity_toml import NAMING
from parity_tui.init.drafts import EnvironmentDraft, ServiceDraft
from parity_tui.model import NAME

_DEFAULT_NAMES = ("dev", "production")
_NAMED_URL = re.compile(r"\s*+(?P<name>[^=:/\s](?:[^=:/]*[^=:/\s])?+)\s*+=\s*+(?P<url>\S.*)")

_EXPLANATION = """\
Now the services of each environment, as URLs: postgresql://user@host:5432/app, redis://host, amqp://host …
NAME=URL sets the name of the service; Enter continues. Passwords are not stored: a variable will hold them."""


class Questions:
    """Asks a person; keeps nothing but the answers, and drops the password of a URL at once."""

    def __init__(self, folder: Path, answers: TextIO, screen: TextIO) -> None:
        self._folder = folder
        self._answers = answers
        self._screen = screen

    def ask(self) -> list[EnvironmentDraft]:
        """Return the environments; an empty answer, or the end of the input, ends each list."""
        names = self._ask_names()
        self._show(_EXPLANATION)
        return [EnvironmentDraft(name, services=tuple(self._ask_services(name))) for name in names]

    def _ask_names(self) -> list[str]:
        while True:
            answer = self._ask(f"Your environments, in order [{' '.join(_DEFAULT_NAMES)}]: ").strip()
            names = list(dict.fromkeys(re.split(r"[\s,]+", answer))) if answer else list(_DEFAULT_NAMES)
            if all(NAME.fullmatch(name) for name in names):
                return names
            self._show(f"  {NAMING}")

    def _ask_services(self, environment: str) -> list[ServiceDraft]:
        drafts: dict[str, ServiceDraft] = {}
        while answer := self._ask(f"{environment}: ").strip():
            try:
                draft = self._service(environment, answer)
            except ConfigError as error:
                self._show(f"  {error}")
                continue
            target = draft.target
            if target.service in drafts:
                self._show(f"  {environment} has a {target.service} already: write NAME=URL")
                continue
            drafts[target.service] = draft
            dropped = " (its password is not stored)" if target.password is not None else ""
            self._show(f"  {target.service}: {target.kind} at {target.address}{dropped}")
        return list(drafts.values())

    def _service(self, environment: str, answer: str) -> ServiceDraft:
        """Return the service of an answer, URL or NAME=URL. Raises ConfigError."""
        named = _NAMED_URL.fullmatch(answer)
        url = named["url"] if named else answer
        kind = services.schemes().get(scheme_of(url), "")
        service = services.kinds()[kind] if kind else None
        name = named["name"] if named else (service.role if service else "") or kind
        if service and not NAME.fullmatch(name):
            raise ConfigError(NAMING)
        target = config.target(environment, name, url, self._folder)
        # A login by name usually has a password.
        needs_password = target.password is not None or bool(target.user and service and service.port)
        return ServiceDraft(target, needs_password)

    def _ask(self, question: str) -> str:
        """Return one line, "" at the end of the input."""
        self._screen.write(question)
        self._screen.flush()
        line = self._answers.readline()
        if not line.endswith("\n"):
            self._show("")
        return line.rstrip("\r\n")

    def _show(self, text: str) -> None:
        self._screen.write(f"{text}\n")
