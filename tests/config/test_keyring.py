"""password_keyring: the keyring of the desktop, an extra that is imported only when it is used."""

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


class Fake(KeyringBackend):
    """A keyring that holds one password."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.broken: Exception | None = None
        self.held = "swordfish"

    def get_password(self, service: str, username: str) -> str | None:
        """Return the password of one entry."""
        if self.broken:
            raise self.broken
        return self.held if (service, username) == ("prod/db", "ann") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Refuse: nothing is ever written into a keyring."""
        raise AssertionError("written to")


@pytest.fixture
def ring() -> Iterator[Fake]:
    """Put the fake in the place of the real one."""
    before, fake = keyring.get_keyring(), Fake()
    keyring.set_keyring(fake)
    yield fake
    keyring.set_keyring(before)


def said(ask: password.PasswordSource) -> str:
    """Return why there is no password."""
    with pytest.raises(ServiceError) as caught:
        ask()
    assert caught.value.reason == "secret"
    return caught.value.message


@pytest.mark.parametrize("written", ["'prod/db/ann'", "['prod/db', 'ann']"])
def test_an_entry_is_found_by_service_and_user(ring: Fake, read: Parse, written: str) -> None:
    """The last slash parts them; it is asked at each login."""
    target = read(ENTRY.format(written)).targets[0]
    assert target.password is not None
    assert target.password() == Secret("swordfish")
    ring.held = "another"
    assert target.password() == Secret("another")


def test_what_the_keyring_does_not_give_is_said_in_words(ring: Fake) -> None:
    """With the command that would put it there, and without what a backend may quote."""
    assert said(password.keyring("prod", "bo b")) == (
        "password: the keyring has none for bo b of \"prod\": keyring set prod 'bo b'"
    )
    Secret("swordfish")
    for broken, words in {
        KeyringLocked("x"): "it is locked",
        RuntimeError("no bus\x1b[31m for swordfish"): "no bus[31m for •••",
        OSError(): "OSError",
    }.items():
        ring.broken = broken
        assert said(password.keyring("prod/db", "ann")).endswith(f'that of ann of "prod/db": {words}')


def test_a_machine_without_a_keyring_says_so() -> None:
    """As a server in a rack."""
    before = keyring.get_keyring()
    from keyring.backends.fail import Keyring as NoKeyring

    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    try:
        assert said(password.keyring("prod/db", "ann")).endswith("there is no keyring on this machine")
    finally:
        keyring.set_keyring(before)


def test_the_package_is_an_extra_that_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the words that install it."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert said(password.keyring("a", "b")) == (
        "password: the keyring needs a package: pip install 'parity-tui[keyring]'"
    )


def test_it_is_not_imported_before_a_login() -> None:
    """It looks at every backend that is installed, which takes its time."""
    text = ENTRY.format("'prod/db/ann'")
    code = (
        "import sys; from pathlib import Path; from parity_tui.config import parse\n"
        f"parse({text!r}, 'x', {{}}, Path('/')); print('keyring' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize("written", ["'ann'", "'/ann'", "'db/'", "['db']", "['a', 'b', 'c']", "['', 'a']", "[1, 2]"])
def test_half_an_entry_is_refused(read: Parse, written: str) -> None:
    """With both ways to write it."""
    with pytest.raises(ConfigError, match=r"SERVICE/USER|must be a text|is empty"):
        read(ENTRY.format(written))
