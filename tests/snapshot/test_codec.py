"""Readings as JSON data: a board of decoded readings equals the live one; nothing that no kind makes is decoded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from parity_tui.demo.servers import Servers
from parity_tui.drift.board import Board
from parity_tui.drift.grades import grades_of
from parity_tui.drift.ledgers import compare_ledgers
from parity_tui.drift.policy import Policy
from parity_tui.model import (
    ABSENT,
    Entry,
    Fact,
    Failure,
    Ledger,
    Outcome,
    Reading,
    Reason,
    Rule,
    Severity,
    State,
    Target,
    ValueType,
    Verdict,
)
from parity_tui.secrets import fingerprint
from parity_tui.services import kinds, redact_reading, remediation
from parity_tui.snapshot.codec import (
    DamagedError,
    decode_outcome,
    decode_reading,
    encode_outcome,
    encode_reading,
    with_other_key,
)
from tests import builders
from tests.default_readings import read_default

NAMES = ("dev", "staging", "production")
KINDS = {
    "made-up": builders.service(
        Rule("limit", Severity.WARNING, "Too many.", type=ValueType.NUMBER),
        Rule("token", Severity.CRITICAL, "Differs.", type=ValueType.SECRET),
        Rule("migrations", Severity.CRITICAL, "x", explained_by="", compare=compare_ledgers),
    )
}
AT = 1_764_297_600.25


def through_text(outcome: Outcome) -> Outcome:
    """Return an outcome as another process decodes it."""
    data = json.loads(json.dumps(encode_outcome(outcome)))
    target = outcome.target
    return decode_outcome(data, target.environment, target.service, target.node)


def board_of(outcomes: list[Outcome], policy: Policy | None = None) -> Board:
    targets = [outcome.target for outcome in outcomes]
    names = list(dict.fromkeys(target.environment for target in targets))
    made = Board.of(names, targets, KINDS | dict(kinds()), policy or Policy())
    return made.with_outcomes(outcomes)


def assert_same_board(outcomes: list[Outcome], policy: Policy | None = None) -> Board:
    live, kept = board_of(outcomes, policy), board_of(list(map(through_text, outcomes)), policy)
    assert [section.rows for section in kept.sections] == [section.rows for section in live.sections]
    assert grades_of(kept) == grades_of(live)
    assert kept.summary == live.summary
    for one, other in zip(kept.outcomes(), live.outcomes(), strict=True):
        assert (one.reading, one.failure, one.at) == (other.reading, other.failure, other.at)
        assert one.failed_since == other.failed_since
        assert [node.reading for node in one.nodes] == [node.reading for node in other.nodes]
    return live


def ledger(*ids: str) -> Fact:
    entries = tuple(Entry(each, "shop", AT + number / 7, "ann") for number, each in enumerate(ids))
    return Fact(str(len(ids)), ledger=Ledger(entries, remarks=("locked by web1",), environment="dev"))


def answer(number: int) -> Reading:
    facts = {
        "limit": Fact(str(number), ValueType.NUMBER, "kB", source="x.conf:7", description="Most.", note="pending"),
        "token": Fact(fingerprint(f"fish {number}"), state=State.SECRET),
        "migrations": ledger(*"abc"[: number + 1]),
        "gone": ABSENT if number else Fact("é\udcff\n", default=True),
        "unread": Fact(state=State.UNKNOWN, note="it is another session's"),
    }
    return builders.reading(
        facts,
        version=f"1.{number}",
        hidden=(("secret.*", "needs the role admin"),) if number else (),
        notes=("via a pooler",),
        address="db:1",
        instance=f"started {number}",
        package="1.0-2",
    )


def test_board_of_decoded_readings_equals_the_live_one() -> None:
    outcomes = [Outcome(builders.target(name, user="app"), answer(number), at=AT) for number, name in enumerate(NAMES)]
    live = assert_same_board(outcomes, Policy("production"))
    assert live.summary.drift
    assert any(row.verdict is Verdict.UNKNOWN for row in live.sections[0].rows)


def test_failed_and_stale_outcomes_keep_their_failure_and_last_values() -> None:
    failure = Failure(Reason.TIMEOUT, "db:1 did not answer in 3 s")
    outcomes = [
        Outcome(builders.target("dev"), answer(0), at=AT),
        Outcome(builders.target("staging"), answer(1), failure, at=AT, failed_since=AT + 5),
        Outcome(builders.target("production"), failure=failure),
    ]
    assert assert_same_board(outcomes).summary.failed == 2


def test_nodes_of_one_target_merge_as_live_ones_do() -> None:
    outcomes = [
        Outcome(builders.target(name, node=f"n{number}:1"), answer(number), at=AT)
        for name in ("dev", "production")
        for number in (0, 1)
    ]
    live = assert_same_board(outcomes)
    assert any(cell.parts for row in live.sections[0].rows for cell in row.cells)


async def test_real_readings_give_the_rows_that_they_gave_live(servers: Servers) -> None:
    outcomes = []
    for environment, product, version in (("dev", "redis", "7.0"), ("production", "redis", "8.0")):
        kind, raw = await read_default(product, version, servers)
        outcomes.append(
            Outcome(Target(environment, "cache", kind, host=environment), redact_reading(raw, kinds()[kind]))
        )
    for environment, version in (("dev", "15"), ("production", "18")):
        kind, raw = await read_default("postgres", version, servers)
        outcomes.append(Outcome(Target(environment, "db", kind, user="app"), redact_reading(raw, kinds()[kind])))
    assert assert_same_board(outcomes).summary.drift > 1


texts = st.text(max_size=20)
facts = st.builds(
    Fact,
    raw=st.none() | texts,
    type=st.sampled_from(ValueType),
    unit=texts,
    state=st.sampled_from([state for state in State if state is not State.SECRET]),
    canonical=texts,
    default=st.none() | st.booleans(),
    source=texts,
    description=texts,
    note=texts,
)


@given(st.dictionaries(texts, facts, max_size=5))
def test_every_fact_survives(made: dict[str, Fact]) -> None:
    reading = builders.reading(made)
    assert decode_reading(json.loads(json.dumps(encode_reading(reading)))) == reading


def test_facts_are_sorted_by_name() -> None:
    assert list(encode_reading(builders.reading({"b": "1", "a": "2"}))["facts"]) == ["a", "b"]


def test_reading_keeps_the_shape_of_the_schema() -> None:
    outcome = Outcome(builders.target("dev", user="app"), answer(0), at=AT)
    data = json.loads(json.dumps(encode_outcome(outcome)))
    assert {key: value for key, value in data.items() if key != "facts"} == {
        "state": "ok",
        "kind": "made-up",
        "at": "2025-11-28T02:40:00.250Z",
        "target": {"scheme": "made-up", "host": "127.0.0.1", "port": 1, "user": "app"},
        "product": "Thing",
        "version": "1.0",
        "package": "1.0-2",
        "address": "db:1",
        "instance": "started 0",
        "notes": ["via a pooler"],
    }
    assert data["facts"]["limit"] == {
        "raw": "0",
        "type": "number",
        "unit": "kB",
        "source": "x.conf:7",
        "description": "Most.",
        "note": "pending",
    }


def test_options_and_paths_with_secrets_are_not_encoded() -> None:
    options = {"management": "https://ann:swordfish@mq:15672"}
    target = builders.target(
        "dev", password="hunter22", options=options, path="/x?token=9f8e7d6c5b4a39281706f5e4d3c2b1a0"
    )
    text = json.dumps(encode_outcome(Outcome(target, answer(0))))
    assert not any(secret in text for secret in ("swordfish", "hunter22", "9f8e7d6c"))


def test_secret_under_another_key_is_unknown() -> None:
    outcomes = [Outcome(builders.target(name), answer(0)) for name in ("dev", "production")]
    row = builders.row(board_of([outcomes[0], with_other_key(outcomes[1])]), "token")
    assert (row.verdict, row.note) == (Verdict.UNKNOWN, "hashed with another key")


def test_one_server_at_two_moments_is_compared() -> None:
    readings = [replace(answer(0), instance="run 7"), replace(answer(0), instance="run 7")]
    outcomes = [
        Outcome(builders.target(name, snapshot=f"{name}.json"), reading)
        for name, reading in zip(("monday", "friday"), readings, strict=True)
    ]
    assert not [row for row in board_of(outcomes).sections[0].rows if row.setting == "same server"]


SECRET = {"state": "secret", "raw": "\x1b[2Jhello"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "\x1b[2J"}, "its kind is no name of a kind"),
        ({"state": "fine"}, "its state is neither ok nor failed with a reason"),
        ({"state": "failed"}, "its state is neither ok"),
        ({"version": 16}, "Expected `str`, got `int`, at `version`"),
        ({"facts": None}, "Expected `object`, got `null`, at `facts`"),
        ({"facts": {"a": {"raw": 1}}}, "Expected `str | null`, got `int`, at `facts[...].raw`"),
        ({"facts": {"a": SECRET}}, "a is a secret without a fingerprint"),
        ({"facts": {"a": {"parts": [SECRET]}}}, "a is a secret without a fingerprint"),
        ({"facts": {str(number): {} for number in range(20_001)}}, "it has more than 20,000 settings"),
        ({"at": "yesterday"}, '"yesterday" is no time in UTC'),
        ({"at": "0001-01-01T00:00:00+23:00"}, "is no time in UTC"),
        ({"at": "2026-01-01"}, '"2026-01-01" is no time in UTC'),
        ({"facts": {"a": {"ledger": {"entries": [{"id": "1", "at": 1e300}]}}}}, "a has an entry of no known time"),
        ({"facts": {"a": {"ledger": {"entries": [{"id": "1", "at": -1.0}]}}}}, "a has an entry of no known time"),
        ({"target": {"port": 10**9}}, "its port is none"),
        ({"target": {"port": 1e99}}, "Expected `int`, got `float`, at `target.port`"),
        ({"state": "pending"}, "its state is neither ok"),
        ({"notes": "x"}, "Expected `array`, got `str`, at `notes`"),
    ],
)
def test_damaged_data_is_refused_in_words(change: dict[str, Any], words: str) -> None:
    data = encode_outcome(Outcome(builders.target(), answer(0), at=AT))
    with pytest.raises(DamagedError) as raised:
        decode_outcome(data | change, "dev", "it")
    assert words in str(raised.value)
    assert str(raised.value).isprintable()


def test_deeply_nested_data_is_refused_in_words() -> None:
    fact: dict[str, Any] = {}
    for _ in range(100_000):
        fact = {"parts": [fact]}
    with pytest.raises(DamagedError, match="nested"):
        decode_reading({"product": "x", "version": "1", "facts": {"a": fact}})


def test_text_that_no_server_sends_has_no_remediation() -> None:
    readings = [builders.reading({"maxmemory-policy": text}, "8.0", "Redis") for text in ("\ud800", "noeviction")]
    targets = [Target(name, "cache", "redis") for name in ("dev", "production")]
    made = board_of([Outcome(each, reading) for each, reading in zip(targets, readings, strict=True)], Policy("dev"))
    assert remediation(builders.row(made, "maxmemory-policy"), made.environments, 1) == ""


def test_our_sentences_in_a_hostile_file_are_printable() -> None:
    data = encode_outcome(Outcome(builders.target(), failure=Failure(Reason.AUTH, "no")))
    hostile = data | {"message": "\x1b[2J", "target": {"host": "\x1b]0;x\x07"}}
    decoded = decode_outcome(hostile, "dev", "it")
    assert decoded.failure is not None
    assert decoded.failure.message.isprintable()
    assert decoded.target.host.isprintable()
