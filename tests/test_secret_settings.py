"""Which settings hold a secret: a corpus of real names and values, default servers, worst cases."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui.demo.servers import Servers
from parity_tui.model import Entry, Fact, Ledger, Reading, State, ValueType
from parity_tui.secrets import redact
from parity_tui.secrets.detect import is_secret
from parity_tui.secrets.spans import redact_literals
from parity_tui.services import kinds, redact_reading
from tests.default_readings import PRODUCTS, read_default

CORPUS = Path(__file__).with_name("secrets_corpus.tsv")
SECONDS = 0.05
"""for the worst text of a megabyte, on a machine that does nothing else"""


def corpus() -> list[tuple[str, str, str, str]]:
    """Return (verdict, kind, name, value) of every entry."""
    with CORPUS.open(newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        return [(verdict, kind, name, value) for verdict, kind, name, value in rows]


def test_corpus_is_judged_without_a_mistake() -> None:
    entries = corpus()
    assert len(entries) >= 300
    assert min(sum(verdict == each for verdict, *_ in entries) for each in ("secret", "harmless")) >= 100
    wrong = [entry for entry in entries if is_secret(*entry[2:]) != (entry[0] == "secret")]
    assert wrong == []


def test_every_secret_of_the_corpus_is_concealed_in_a_reading() -> None:
    services = {"runtime": "host"}
    for verdict, kind, name, value in corpus():
        service = kinds()[services.get(kind, kind)]
        shown = redact_reading(Reading("a", "1", {name: Fact(value)}), service).facts
        assert (verdict == "harmless") or [fact.state for fact in shown.values()] == [State.SECRET], (name, value)


@pytest.mark.parametrize(
    ("product", "version"), [(product, version) for product, versions in PRODUCTS.items() for version in versions]
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_default_servers_conceal_less_than_one_percent(product: str, version: str, servers: Servers) -> None:
    kind, reading = await read_default(product, version, servers)
    service = kinds()[kind]
    marked = {rule.name for rule in service.rules if rule.type is ValueType.SECRET}
    redacted = redact_reading(reading, service)
    concealed = {name for name, fact in redacted.facts.items() if fact.state is State.SECRET}
    assert len(concealed - marked) < 0.01 * max(len(reading.facts), 100), concealed
    assert list(redacted.facts) == list(reading.facts)


@pytest.mark.parametrize(
    "text",
    ["://" + "a" * 1_000_000, "://a:" * 200_000, "://a:b@" * 140_000, ("://" + "a" * 255) * 4_000, "password" * 125_000,
     "password=" * 110_000, "1" * 1_000_000, "1 " * 500_000, "/" * 1_000_000, "$a" * 500_000, "curl -u " * 125_000,
     "Aa1" * 333_000, "-----BEGIN " * 90_000, "'" * 1_000_000, "--" * 500_000, "a=" * 500_000, "eyJ" * 333_000],
    ids=range(17),
)  # fmt: skip
def test_worst_text_of_a_megabyte_is_examined_in_time(text: str) -> None:
    functions: tuple[Callable[[str], object], ...] = (redact, redact_literals, partial(is_secret, "b_key"))
    for function in functions:
        began = time.process_time()
        for each in (text, text[:8192], text[:8191] + "!"):
            function(each)
        assert time.process_time() - began < SECONDS * 4


def test_unchanged_reading_is_not_examined_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {f"setting_{number}": Fact(f"word {number}") for number in range(700)}
    reading = Reading("a", "1", facts)
    redact_reading(reading, kinds()["mysql"])
    monkeypatch.setattr("parity_tui.secrets.signs.secret_spans", None)
    assert redact_reading(reading, kinds()["mysql"]) is reading


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("http/server/if[$arg_token = s3cr]", "http/server/if[$arg_token = •••]"),
        ("http/server/if[$http_x_api_key != s3cr]", "http/server/if[$http_x_api_key != •••]"),
        ('if[$cookie_auth ~* "s3cr"]', 'if[$cookie_auth ~* "•••"]'),
        ("location[~ ^/in/Zx81kQ0pLm4TqW]", "location[~ ^•••]"),
        ("map[https://ann:s3cr@host/]", "map[https://ann:•••@host/]"),
        ("http/server/if[$request_method = POST]", "http/server/if[$request_method = POST]"),
        ("location[= /token]", "location[= /token]"),
        ("if[$secret_header != s3cr]", "if[$secret_header != •••]"),
        ("SetEnvIf[X-Token s3cr]", "SetEnvIf[X-Token •••]"),
        ("If[%{HTTP:X-Token} == 's3cr']", "If[%{HTTP:X-Token} == '•••']"),
        ("override.role.token.work_mem", "override.role.token.work_mem"),
    ],
)
def test_secret_in_the_name_of_a_row_is_not_shown(name: str, shown: str) -> None:
    redacted = redact_reading(Reading("nginx", "1", {name: Fact("x")}), kinds()["nginx"])
    assert [each for each in redacted.facts if not each.endswith(": the secret")] == [shown]
    assert "s3cr" not in repr(redacted)


def test_rows_whose_names_differ_by_a_secret_still_differ() -> None:
    def redacted(*words: str) -> dict[str, Fact]:
        facts = {f"if[$arg_token = {word}]/return": Fact("403") for word in words}
        return dict(redact_reading(Reading("nginx", "1", facts), kinds()["nginx"]).facts)

    one, other = redacted("s3cr"), redacted("s4cr")
    assert one.keys() == other.keys() == {"if[$arg_token = •••]/return", "if[$arg_token = •••: the secret"}
    assert one != other
    assert one == redacted("s3cr")
    assert len(redacted("s3cr", "s4cr", "s5cr")) == 4


def test_equal_secrets_in_two_spellings_have_one_fingerprint() -> None:
    spellings = [Reading("a", "1", {"app.key": Fact(raw, canonical="fish")}) for raw in ("fish", " fish ")]
    first, second = (redact_reading(each, kinds()["postgres"]).facts["app.key"] for each in spellings)
    assert first.state is State.SECRET
    assert first.raw == second.raw


def test_note_about_a_value_after_a_restart_is_no_leak() -> None:
    fact = Fact("SET NAMES utf8", note="SET @app_pw='fish' after a restart")
    shown = redact_reading(Reading("a", "1", {"init_connect": fact}), kinds()["mysql"])
    assert "fish" not in repr(shown)


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_name_and_value_is_judged(name: str, text: str) -> None:
    assert is_secret(name, text) is is_secret(name, text)
    redact_literals(text)


def test_texts_too_long_to_examine_are_secret() -> None:
    assert is_secret("search_path", "word, " * 2000)
    assert not is_secret("search_path", "word, " * 1000)


@pytest.mark.parametrize("kind", ["postgres", "mysql", "sqlite"])
def test_random_head_of_a_ledger_is_no_secret(kind: str) -> None:
    """It stays comparable as a ledger."""
    fact = Fact("9c1d4be07a52", ledger=Ledger((Entry("9c1d4be07a52"),), heads=True))
    assert redact_reading(Reading("a", "1", {"migrations (alembic)": fact}), kinds()[kind]).facts == {
        "migrations (alembic)": fact
    }
