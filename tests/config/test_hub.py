"""The key `history`: the database of a shared history."""

from pathlib import Path

import pytest

from parity_tui.config import Config, ConfigError, parse
from parity_tui.config.trust.restriction import needs_consent, restricted
from parity_tui.model import TlsMode

SERVICES = '[environments.dev.services]\ncache = "redis://cache"\n'
TABLE = '[history]\nurl = "postgresql://ann@hub/parity"\npassword_env = "PW"\ntls = "verify-full"\n'


def parsed(text: str) -> Config:
    return parse(text, "parity.toml", {"PW": "swordfish"}, Path("/srv"))


def hub_of(text: str) -> tuple[str, str, str, str, TlsMode]:
    hub = parsed(text).hub
    assert hub
    assert hub.password
    secret = hub.password()
    assert secret
    return hub.address, hub.path, hub.user, secret.reveal(), hub.tls


def test_url_and_table_name_the_same_hub() -> None:
    url = 'history = "postgresql://ann:${PW}@hub/parity?sslmode=verify-full"\n'
    expected = ("hub:5432", "parity", "ann", "swordfish", TlsMode.VERIFY_FULL)
    assert hub_of(url + SERVICES) == hub_of(SERVICES + TABLE) == expected


def test_unset_variable_of_hub_fails_no_target() -> None:
    config = parsed('history = "postgresql://ann:${NONE}@hub/parity"\n' + SERVICES)
    assert config.hub
    assert config.hub.problem
    assert config.hub.problem.message == "the variable NONE is not set"
    assert config.targets[0].problem is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('history = "redis://hub"', "history must be a postgresql:// URL; redis:// keeps no history"),
        ('history = "/var/lib/history"', "history: this is not a URL"),
        ("history = 5", "history must be a text in quotes or a table, not a number"),
        ('history = { url = "postgresql://hub", tunnel = ["socat"] }', '"tunnel" has no effect for a history'),
        ('history = { urk = "postgresql://hub" }', 'unknown key "urk" in history; did you mean "url"?'),
    ],
)
def test_mistaken_hub_is_described(line: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words.replace("?", r"\?")):
        parsed(f"{line}\n{SERVICES}")


def test_hub_of_file_that_was_never_allowed_is_left_alone() -> None:
    config = parsed(SERVICES + TABLE)
    assert "send the history to hub:5432" in needs_consent(config)
    refused = restricted(config)
    assert refused.hub is None
    assert "its history is not shared" in refused.warnings[-1]
    assert refused.targets[0].problem is None
