"""password_keyring: the desktop's keyring, an extra that is imported at the first login."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from parity_tui.config import ConfigError, password
from parity_tui.model import ServiceError
from parity_tui.secrets import Secret

from .conftest import Parse

ENTRY = "[environments.dev.services.cache]\nurl = 'redis://h'\npassword_keyring = {}\n"


class FakeKeyring(KeyringBackend):
    """A keyring that holds one password."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.broken: Exception | None = None
        self.held = "swordfish"

    def get_password(self, service: str, username: str) -> str | None:
        if self.broken:
            raise self.broken
        return self.held if (service, username) == ("prod/db", "ann") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("written to")


@pytest.fixture
def ring() -> Iterator[FakeKeyring]:
    """Install a fake keyring."""
    before, fake = keyring.get_keyring(), FakeKeyring()
    keyring.set_keyring(fake)
    yield fake
    keyring.set_keyring(before)


def problem(read: password.PasswordSource) -> str:
    """Return the message of a failed login."""
    with pytest.raises(ServiceError) as caught:
        read()
    assert caught.value.reason == "secret"
    return caught.value.message


@pytest.mark.parametrize("written", ["'prod/db/ann'", "['prod/db', 'ann']"])
def test_entry_is_found_by_service_and_user(ring: FakeKeyring, read: Parse, written: str) -> None:
    target = read(ENTRY.format(written)).targets[0]
    assert target.password is not None
    assert target.password() == Secret("swordfish")
    ring.held = "another"
    assert target.password() == Secret("another")


def test_missing_entry_and_broken_backend_are_explained(ring: FakeKeyring) -> None:
    assert problem(password.keyring("prod", "bo b")) == (
        "password: the keyring has none for bo b of \"prod\": keyring set prod 'bo b'"
    )
    Secret("swordfish")
    for broken, words in {
        KeyringLocked("x"): "it is locked",
        RuntimeError("no bus\x1b[31m for swordfish"): "no bus[31m for •••",
        OSError(): "OSError",
    }.items():
        ring.broken = broken
        assert problem(password.keyring("prod/db", "ann")).endswith(f'that of ann of "prod/db": {words}')


def test_machine_without_a_keyring_is_explained() -> None:
    before = keyring.get_keyring()
    from keyring.backends.fail import Keyring as NoKeyring

    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    try:
        assert problem(password.keyring("prod/db", "ann")).endswith("there is no keyring on this machine")
    finally:
        keyring.set_keyring(before)


def test_missing_extra_names_the_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert problem(password.keyring("a", "b")) == (
        "password: the keyring needs a package: pip install 'parity-tui[keyring]'"
    )


def test_keyring_is_not_imported_before_a_login() -> None:
    text = ENTRY.format("'prod/db/ann'")
    code = (
        "import sys; from pathlib import Path; from parity_tui.config import parse\n"
        f"parse({text!r}, 'x', {{}}, Path('/')); print('keyring' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize("written", ["'ann'", "'/ann'", "'db/'", "['db']", "['a', 'b', 'c']", "['', 'a']", "[1, 2]"])
def test_incomplete_entry_is_rejected(read: Parse, written: str) -> None:
    with pytest.raises(ConfigError, match=r"SERVICE/USER|must be a text|is empty"):
        read(ENTRY.format(written))
