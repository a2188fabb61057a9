"""A secret shows itself to nobody who does not ask by name."""

import copy
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui.model import Fact, Reading, State
from parity_tui.secrets import Secret, fingerprint, is_secret, redact
from parity_tui.services import kinds, redact_reading

WORD = "Sw0rd/fish%&"


def test_no_way_of_printing_shows_it() -> None:
    """Not its repr, not a format, not a container that holds it, not a traceback."""
    secret = Secret(WORD)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", repr([secret]), repr({1: secret})]
    try:
        raise ValueError(secret)
    except ValueError:
        shown.append(traceback.format_exc())
    assert not any(WORD in text for text in shown)
    assert secret.reveal() == WORD


def test_it_is_not_written_down() -> None:
    """Neither pickled nor copied by way of that."""
    with pytest.raises(TypeError, match="not written down"):
        pickle.dumps(Secret(WORD))
    with pytest.raises(TypeError, match="not written down"):
        copy.copy(Secret(WORD))


def test_messages_are_scrubbed_in_every_form_that_it_takes() -> None:
    """As it is, percent-encoded, quoted by repr, in a URL nobody knows."""
    Secret(WORD)
    text = f"{WORD} and Sw0rd%2Ffish%25%26 and Sw0rd/fish%25%26 and {WORD!r}"
    assert "Sw0rd" not in redact(text)
    assert redact("amqp://u:never-seen@host/") == "amqp://u:•••@host/"


def test_a_short_password_does_not_blank_out_half_of_a_sentence() -> None:
    """It is taken out where it stands alone."""
    Secret("abc")
    assert redact("the alphabet begins with abc, abcd does not") == "the alphabet begins with •••, abcd does not"


@given(st.text(min_size=8))
def test_whatever_it_is_it_does_not_get_through(text: str) -> None:
    """Of eight characters and more, wherever it stands."""
    Secret(text)
    assert text not in redact(f"before{text}after") or text in "before•••after"


def test_fingerprints_tell_the_same_from_another_and_nothing_else() -> None:
    """Keyed: another process has others."""
    assert fingerprint("a") == fingerprint("a") != fingerprint("b")
    assert Secret("a-secret") == Secret("a-secret") != Secret("b-secret")


@pytest.mark.parametrize("name", ["requirepass", "masterauth", "ssl_key_password", "primary_conninfo", "api.token"])
def test_names_of_secrets_are_known(name: str) -> None:
    """Whatever kind has them."""
    assert is_secret(name, "x")
    assert not is_secret(name, "")


@pytest.mark.parametrize(
    "name", ["password_encryption", "passwordcheck.level", "authentication_timeout", "tokens_per_second"]
)
def test_names_that_only_sound_like_it_are_not(name: str) -> None:
    """These are compared like any other."""
    assert not is_secret(name, "x")


def test_a_kinds_own_secrets_are_concealed_before_anybody_sees_the_reading() -> None:
    """By its table, by name, and by what looks like a URL with a password."""
    facts = {"requirepass": Fact(WORD), "masterauth": Fact(""), "x": Fact(f"redis://u:{WORD}@h"), "save": Fact("")}
    reading = redact_reading(Reading("Redis", "7.0", facts), kinds()["redis"])
    assert [reading.facts[name].state for name in facts] == [State.SECRET, State.VALUE, State.SECRET, State.VALUE]
    assert WORD not in repr(reading)


def test_a_secret_of_bytes_that_are_no_text_is_a_secret_too() -> None:
    """Variables and files may hold any bytes: they are kept, and hidden in every form."""
    text = b"p\xff\xfess w/rd".decode("utf-8", "surrogateescape")
    assert Secret(text).reveal() == text
    assert text not in redact(f"it was {text}!")
    assert "p%FF" not in redact("it was p%FF%FEss%20w%2Frd!")
