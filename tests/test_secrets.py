"""Secrets are never shown, and redacted from any text."""

import copy
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui.model import Fact, Reading, State
from parity_tui.secrets import Secret, fingerprint, redact
from parity_tui.secrets.detect import is_secret
from parity_tui.services import kinds, redact_reading

WORD = "Sw0rd/fish%&"


def test_no_way_of_printing_reveals_a_secret() -> None:
    secret = Secret(WORD)
    texts = [repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", repr([secret]), repr({1: secret})]
    try:
        raise ValueError(secret)
    except ValueError:
        texts.append(traceback.format_exc())
    assert not any(WORD in text for text in texts)
    assert secret.reveal() == WORD


def test_secret_cannot_be_pickled_or_copied() -> None:
    with pytest.raises(TypeError, match="not written down"):
        pickle.dumps(Secret(WORD))
    with pytest.raises(TypeError, match="not written down"):
        copy.copy(Secret(WORD))


def test_redact_replaces_every_form_of_a_secret() -> None:
    Secret(WORD)
    text = f"{WORD} and Sw0rd%2Ffish%25%26 and Sw0rd/fish%25%26 and {WORD!r}"
    assert "Sw0rd" not in redact(text)
    assert redact("amqp://u:never-seen@host/") == "amqp://u:•••@host/"


def test_short_password_is_redacted_as_whole_word() -> None:
    Secret("abc")
    assert redact("the alphabet begins with abc, abcd does not") == "the alphabet begins with •••, abcd does not"


@given(st.text(min_size=8))
def test_redact_replaces_any_secret_within_a_word(text: str) -> None:
    Secret(text)
    assert text not in redact(f"before{text}after") or text in "before•••after"


def test_fingerprints_are_equal_for_equal_secrets_only() -> None:
    assert fingerprint("a") == fingerprint("a") != fingerprint("b")
    assert Secret("a-secret") == Secret("a-secret") != Secret("b-secret")


@pytest.mark.parametrize("name", ["requirepass", "masterauth", "ssl_key_password", "primary_conninfo", "api.token"])
def test_names_of_secrets_are_recognized(name: str) -> None:
    assert is_secret(name, "x")
    assert not is_secret(name, "")


@pytest.mark.parametrize(
    "name", ["password_encryption", "passwordcheck.level", "authentication_timeout", "tokens_per_second"]
)
def test_similar_names_are_no_secrets(name: str) -> None:
    assert not is_secret(name, "x")


def test_reading_is_redacted_by_rules_names_and_urls() -> None:
    facts = {"requirepass": Fact(WORD), "masterauth": Fact(""), "x": Fact(f"redis://u:{WORD}@h"), "save": Fact("")}
    reading = redact_reading(Reading("Redis", "7.0", facts), kinds()["redis"])
    assert [reading.facts[name].state for name in facts] == [State.SECRET, State.VALUE, State.SECRET, State.VALUE]
    assert WORD not in repr(reading)


def test_secret_that_is_not_utf8_is_redacted() -> None:
    text = b"p\xff\xfess w/rd".decode("utf-8", "surrogateescape")
    assert Secret(text).reveal() == text
    assert text not in redact(f"it was {text}!")
    assert "p%FF" not in redact("it was p%FF%FEss%20w%2Frd!")
