"""The source of a target's password: at most one, given in the URL or by a key beside it."""

from __future__ import annotations

from pathlib import Path

from parity_tui import services
from parity_tui.config import password
from parity_tui.config.address import Address
from parity_tui.config.errors import InvalidValue
from parity_tui.config.targets.entry import EntryContext, ServiceEntry
from parity_tui.model import Service
from parity_tui.secrets import Secret

PASSWORD_KEYS = ("password", "password_env", "password_file", "password_command", "password_keyring", "auth")


def password_source(
    context: EntryContext, entry: ServiceEntry, address: Address, service: Service
) -> password.PasswordSource | None:
    """Return the source of the password, None for a target without one. Raises InvalidValue."""
    keys = [key for key in PASSWORD_KEYS if getattr(entry, key) is not None]
    if keys and not service.port:
        raise InvalidValue(f'"{keys[0]}" has no effect here: {address.scheme}:// has no login', keys[0])
    if len(keys) + (address.password is not None) > 1:
        first = "the URL" if address.password else f'"{keys[0]}"'
        raise InvalidValue(f"a second password: {first} gives one already; keep one of them", keys[-1])
    if keys and not getattr(entry, keys[0]):
        raise InvalidValue(f'"{keys[0]}" is empty', keys[0])
    if address.password is not None:
        return password.fixed(address.password)
    if entry.auth is not None:
        _check_auth(entry.auth, service)
    return _from_entry(context, entry)


def _check_auth(value: str, service: Service) -> None:
    if value != "native":
        raise InvalidValue('auth can only be "native"', "auth")
    if service.client_config is None:
        supported = ", ".join(kind for kind, other in services.kinds().items() if other.client_config)
        raise InvalidValue(f'{service.title} has no auth = "native"; the kinds that have it: {supported}', "auth")


def _from_entry(context: EntryContext, entry: ServiceEntry) -> password.PasswordSource | None:
    if entry.password is not None:
        return password.fixed(Secret(entry.password))
    if entry.password_env is not None:
        return password.variable(entry.password_env, context.environ)
    if entry.password_file is not None:
        return password.file(Path(context.file(entry.password_file)))
    if entry.password_command is not None:
        argv = tuple(entry.password_command)
        return context.commands.setdefault(argv, password.command(argv, context.folder))
    if entry.password_keyring is not None:
        return password.keyring(*_keyring_entry(entry.password_keyring))
    return None


def _keyring_entry(value: str | list[str]) -> tuple[str, str]:
    """Return (service, user); in "SERVICE/USER" the last slash separates them."""
    service, user = value.rpartition("/")[::2] if isinstance(value, str) else value if len(value) == 2 else ("", "")
    if not service or not user:
        raise InvalidValue('password_keyring must be "SERVICE/USER" or ["SERVICE", "USER"]', "password_keyring")
    return service, user
