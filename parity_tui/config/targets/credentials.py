"""Where the password of a login comes from: one source at most, named beside the URL or in it."""

from __future__ import annotations

from pathlib import Path

from parity_tui import services
from parity_tui.config import password
from parity_tui.config.address import Address
from parity_tui.config.errors import InvalidValue
from parity_tui.config.targets.entry import EntryContext, ServiceEntry
from parity_tui.model import Service
from parity_tui.secrets import Secret

SOURCES = ("password", "password_env", "password_file", "password_command", "password_keyring", "auth")
"""the keys that name one"""


def password_of(
    place: EntryContext, entry: ServiceEntry, address: Address, service: Service
) -> password.PasswordSource | None:
    """Return what gives the password at a login, None where there is none."""
    given = [name for name in SOURCES if getattr(entry, name) is not None]
    if given and not service.port:
        raise InvalidValue(f'"{given[0]}" means nothing here: {address.scheme}:// has no login', given[0])
    if len(given) + (address.password is not None) > 1:
        first = "the URL" if address.password else f'"{given[0]}"'
        raise InvalidValue(f"a second password: {first} says it already; keep one", given[-1])
    if given and not getattr(entry, given[0]):
        raise InvalidValue(f'"{given[0]}" is empty', given[0])
    if address.password is not None:
        return password.fixed(address.password)
    if entry.auth is not None:
        _check_auth(entry.auth, service)
    return _from(place, entry)


def _check_auth(word: str, service: Service) -> None:
    """Refuse what is no way to log in, and kinds whose clients keep no logins of their own."""
    if word != "native":
        raise InvalidValue('auth can only be "native"', "auth")
    if service.client_config is None:
        able = ", ".join(kind for kind, other in services.kinds().items() if other.client_config)
        raise InvalidValue(
            f"there is no native place for the passwords of {service.title}, only for those of {able}", "auth"
        )


def _from(place: EntryContext, entry: ServiceEntry) -> password.PasswordSource | None:
    """Return the source of the password that an entry names."""
    if entry.password is not None:
        return password.fixed(Secret(entry.password))
    if entry.password_env is not None:
        return password.variable(entry.password_env, place.environ)
    if entry.password_file is not None:
        return password.file(Path(place.file(entry.password_file)))
    if entry.password_command is not None:
        argv = tuple(entry.password_command)
        return place.commands.setdefault(argv, password.command(argv, place.folder))
    if entry.password_keyring is not None:
        return password.keyring(*_keyring_entry(entry.password_keyring))
    return None


def _keyring_entry(words: str | list[str]) -> tuple[str, str]:
    """Return service and user of an entry of the keyring; a service may hold a slash, a user in a text may not."""
    service, user = words.rpartition("/")[::2] if isinstance(words, str) else words if len(words) == 2 else ("", "")
    if not service or not user:
        raise InvalidValue('password_keyring must be "SERVICE/USER" or ["SERVICE", "USER"]', "password_keyring")
    return service, user
