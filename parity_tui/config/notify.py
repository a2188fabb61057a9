"""The table [notify]: where a watcher sends its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, field

from parity_tui.config.config import Notify
from parity_tui.config.errors import InvalidValue, UnsetVariable, nearest
from parity_tui.config.toml_decode import decode_table
from parity_tui.config.toml_document import TomlDocument
from parity_tui.config.trust import consent
from parity_tui.config.variables import expand
from parity_tui.model import Severity
from parity_tui.secrets import Secret
from parity_tui.transport.child_environ import withhold

LEVELS = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)
_PATH = ("notify",)


class NotifyTable(Struct):
    """The table as it is written."""

    command: list[str] = field(default_factory=list)
    webhook: str = ""
    min_severity: str = Severity.WARNING.value


def notify_of(document: TomlDocument, table: Any, environ: Mapping[str, str], folder: Path) -> Notify | None:
    """Return the decoded table, None without one or after a problem, which is reported to the document."""
    if table == {}:
        return None
    found = decode_table(document, _PATH, table, NotifyTable)
    if found is None:
        return None
    withhold(consent.url_variables(found.webhook, environ))
    needed = consent.of_notify(found.command, found.webhook, environ)
    try:
        command = _command([expand(word, environ) for word in found.command], folder)
        webhook = expand(found.webhook, environ)
        severity = _severity(expand(found.min_severity, environ))
        if not command and not webhook:
            raise InvalidValue('has neither "command" nor "webhook": nothing is sent')
        return Notify(command, Secret(webhook) if webhook else None, _host(webhook), severity, needed)
    except UnsetVariable as unset:
        return Notify(consent=needed, problem=str(unset))
    except InvalidValue as invalid:
        path = (*_PATH, invalid.key) if invalid.key else _PATH
        document.report(path, f"{'.'.join(path)} {invalid.message}")
        return None


def _command(argv: Sequence[str], folder: Path) -> tuple[str, ...]:
    """Return a command; a program with a slash is a path from the folder of the configuration."""
    if not argv:
        return ()
    if not all(argv[:1]) or any("\0" in word for word in argv):
        raise InvalidValue("must begin with the name of a program", "command")
    program = str(folder / Path(argv[0]).expanduser()) if "/" in argv[0] else argv[0]
    return (program, *argv[1:])


def _severity(text: str) -> Severity:
    levels = [severity.value for severity in LEVELS]
    if text not in levels:
        raise InvalidValue(f'cannot be "{text}"{nearest(text, levels)}', "min_severity")
    return Severity(text)


def _host(url: str) -> str:
    """Return the host of a webhook with its port, "" for none. Raises InvalidValue, which does not quote the URL."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        valid = bool(parts.scheme in ("http", "https") and parts.hostname and parts.port != 0)
    except ValueError:
        valid = False
    if not valid or not url.isascii() or any(character.isspace() or not character.isprintable() for character in url):
        raise InvalidValue("must be a URL such as https://hooks.example/parity", "webhook")
    return parts.netloc.rpartition("@")[2]
