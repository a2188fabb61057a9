"""The text of a snapshot: one setting a line; damaged, newer and hostile ones are refused in words."""

from __future__ import annotations

import json
import time
import tracemalloc
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Expectation, Policy, matches
from parity_tui.model import Fact, Failure, Outcome, Reason, Severity, State
from parity_tui.secrets import fingerprint
from parity_tui.snapshot import document
from parity_tui.snapshot.document import Snapshot, snapshot_of, to_text
from parity_tui.snapshot.file import SnapshotError, UnwrittenError, read, write
from parity_tui.snapshot.layout import digest, laid_out
from tests import builders

AT = 1_764_297_600.0
POLICY = Policy(
    "prod",
    (Expectation("it", "zone", "small", ("dev",), {"dev": "a"}, "dba", date(2027, 3, 31)),),
    (("made-up.zone", Severity.INFO),),
)


def board(**answers: builders.Answer) -> Board:
    return builders.board(answers, policy=POLICY)


def taken(**answers: builders.Answer) -> Snapshot:
    return snapshot_of(board(**answers), AT, "parity.toml", "0123abcd")


ONE = taken(dev=builders.reading({"zone": "a", "limit": "é"}), prod=builders.reading({"zone": "b"}))


def saved(folder: Path, content: str | bytes, name: str = "a.json") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def changed(**keys: Any) -> str:
    """Return the text of a snapshot with other keys, whose digest is right."""
    data = json.loads(to_text(ONE)) | keys
    del data["digest"]
    return laid_out({**data, "digest": digest(data)})


def refusal(path: Path) -> str:
    with pytest.raises(SnapshotError) as raised:
        read(path)
    words = str(raised.value)
    assert words.isprintable()
    assert words.startswith(str(path))
    return words


def test_snapshot_survives_its_file(tmp_path: Path) -> None:
    failed = Failure(Reason.REFUSED, "127.0.0.1:1 refused the connection")
    full = taken(dev=builders.reading({"zone": "a"}), qa=failed, prod=builders.reading({"zone": "b"}, notes=("x",)))
    write(tmp_path / "a.json", full)
    again = read(tmp_path / "a.json")
    assert (again.environments, again.taken_at, again.baseline) == (("dev", "qa", "prod"), AT, "prod")
    assert (again.expectations, again.severities) == (POLICY.expectations, POLICY.severities)
    assert [(one.reading, one.failure) for one in again.outcomes] == [(o.reading, o.failure) for o in full.outcomes]
    assert {one.target.snapshot for one in again.outcomes} == {str(tmp_path / "a.json")}
    assert [one.at for one in again.outcomes] == [AT, 0.0, AT]
    assert again.key == ""


def test_one_setting_is_one_line() -> None:
    other = taken(dev=builders.reading({"limit": "é", "zone": "x"}), prod=builders.reading({"zone": "b"}))
    before, after = to_text(ONE).splitlines(), to_text(other).splitlines()
    moved = [line for line, same in zip(before, after, strict=True) if line != same]
    assert [line.strip() for line in moved[:-1]] == ['"zone": {"raw": "a"}']
    assert '"digest"' in moved[-1]
    assert all(line.isascii() and line.isprintable() for line in before)


def test_same_readings_give_the_same_text_in_any_order() -> None:
    other = taken(dev=builders.reading({"limit": "é", "zone": "a"}), prod=builders.reading({"zone": "b"}))
    assert to_text(other) == to_text(ONE)


def test_file_names_the_key_of_its_fingerprints() -> None:
    secret = Fact(fingerprint("fish"), state=State.SECRET)
    assert json.loads(to_text(taken(dev=builders.reading({"token": secret}))))["key"] == "0123abcd"
    assert "key" not in json.loads(to_text(ONE))


def test_layout_and_line_endings_may_change(tmp_path: Path) -> None:
    pretty = json.dumps(json.loads(to_text(ONE)), indent=4).replace("\n", "\r\n")
    assert read(saved(tmp_path, "\ufeff" + pretty)).outcomes


def test_nodes_keep_their_addresses(tmp_path: Path) -> None:
    targets = [builders.target("dev", node=f"n{number}:1") for number in (1, 2)]
    made = builders.board([(each, builders.reading({"zone": each.node})) for each in targets])
    write(tmp_path / "a.json", snapshot_of(made, AT, "", ""))
    assert [one.target.node for one in read(tmp_path / "a.json").outcomes] == ["n1:1", "n2:1"]


def test_older_schema_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, to_text(ONE))
    monkeypatch.setattr(document, "SCHEMA", 2)
    assert read(path).environments == ("dev", "prod")


def test_keys_of_a_later_version_are_ignored(tmp_path: Path) -> None:
    assert read(saved(tmp_path, changed(novelty={"x": [1]}))).environments == ("dev", "prod")


TEXT = to_text(ONE)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "it is empty"),
        ("[]", "it is no snapshot of parity-tui"),
        ("hello\n", "line 1: it is not JSON"),
        (TEXT[: len(TEXT) // 2], "it breaks off in the middle"),
        (TEXT[:-20], "it breaks off in the middle"),
        (TEXT.replace('"raw": "a"', '"raw": "z"'), "it was edited or damaged after it was written"),
        (TEXT.replace('"digest"', '"digset"'), "it was edited or damaged after it was written"),
        (f"<<<<<<< ours\n{TEXT}", "line 1: a merge left both versions in it"),
        (changed(schema=2), "a newer parity-tui has written it, in schema 2: this one"),
        (changed(schema=10**300), "a newer parity-tui has written it"),
        (changed(schema="1"), "it is no snapshot of parity-tui"),
        (changed(taken_at="x\x1b[2J"), "is no time in UTC"),
        (changed(environments=["dev", "dev"]), "the names of its environments or services are none"),
        (changed(environments=["\x1b]0;x\x07"]), "the names of its environments or services are none"),
        (changed(environments=["dev"]), "it has a reading of an unknown environment"),
        (changed(services=[{"name": "../../etc", "readings": {}}]), "the names of its environments or services"),
        (changed(services=[{"name": "it", "readings": {"dev": {}}}]), "dev it: "),
        (changed(services=[{"name": "it", "readings": {"dev": {"nodes": [3]}}}]), "dev it: "),
        (changed(services=3), "Expected `array`, got `int`, at `services`"),
        ('{"schema": 1, "schema": 1}', '"schema" occurs twice'),
        ('{"schema": 1, "summary": {}}', "it is a report of check, and no snapshot"),
        (changed(**{"\ud800": 1}), "a name in it is no text"),
        ('{"schema": NaN}', "NaN is no JSON"),
        ('{"schema": ' + "9" * 5000 + "}", "it has a number of too many digits"),
        ("[" * 100_000, "it is nested too deeply"),
        ("[" * 700_000, "it has more settings than a snapshot may have"),
        (b'{"a": "\xff"}', "line 1 is not in UTF-8"),
    ],
)
def test_damaged_file_is_refused_in_words(tmp_path: Path, content: str | bytes, words: str) -> None:
    assert words in refusal(saved(tmp_path, content))


def test_every_cut_of_a_file_is_refused(tmp_path: Path) -> None:
    for end in range(0, len(TEXT) - 2, 7):
        refusal(saved(tmp_path, TEXT[:end]))


def test_unusual_files_are_refused_in_words(tmp_path: Path) -> None:
    assert "there is no such file" in refusal(tmp_path / "none.json")
    assert "it is a folder" in refusal(tmp_path)
    assert "it is a device" in refusal(Path("/dev/zero"))
    assert "cannot be read" in refusal(saved(tmp_path, b"").parent / ("x" * 300))


def test_million_settings_are_refused_in_bounded_memory(tmp_path: Path) -> None:
    facts = ",".join(f'"s{number}":{{}}' for number in range(1_000_000))
    path = saved(tmp_path, f'{{"schema":1,"facts":{{{facts}}}}}')
    tracemalloc.start()
    began = time.process_time()
    words = refusal(path)
    seconds, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "it has more settings than a snapshot may have" in words
    assert peak < 100_000_000
    assert seconds < 30


def test_file_that_cannot_be_written_keeps_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, "before")
    monkeypatch.setattr("os.fsync", lambda descriptor: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(UnwrittenError, match="no space left on device"):
        write(path, ONE)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(saved(tmp_path, "before", "real.json"))
    write(tmp_path / "link.json", ONE)
    assert (tmp_path / "link.json").is_symlink()
    assert read(tmp_path / "real.json").environments == ("dev", "prod")


def test_secret_in_an_expectation_is_not_written() -> None:
    policy = Policy(expectations=(Expectation("it", "app_password", "x", values={"dev": "swordfish"}),))
    made = builders.board({"dev": builders.reading({"zone": "a"})}, policy=policy)
    assert "swordfish" not in to_text(snapshot_of(made, AT, "", ""))


def test_stale_outcome_keeps_its_time(tmp_path: Path) -> None:
    failed = Failure(Reason.REFUSED, "refused")
    outcome = Outcome(builders.target(), builders.reading({"zone": "a"}), failure=failed, at=AT - 60)
    write(tmp_path / "a.json", Snapshot(("dev",), (outcome,), AT))
    assert read(tmp_path / "a.json").outcomes[0].at == AT - 60


def test_environment_of_an_older_snapshot_keeps_its_age(tmp_path: Path) -> None:
    write(tmp_path / "a.json", ONE)
    old = read(tmp_path / "a.json")
    write(tmp_path / "b.json", replace(old, taken_at=AT + 500))
    assert {one.at for one in read(tmp_path / "b.json").outcomes} == {AT}


def test_more_than_can_be_read_again_is_not_written(tmp_path: Path) -> None:
    many = builders.reading({f"s{number}": "1" for number in range(20_000)})
    outcomes = tuple(Outcome(builders.target(f"e{number}"), many) for number in range(16))
    with pytest.raises(UnwrittenError, match="more than 300,000 settings: select by --environment or --service"):
        write(tmp_path / "a.json", Snapshot(tuple(f"e{number}" for number in range(16)), outcomes, AT))


def test_glob_of_a_hostile_person_takes_no_time() -> None:
    began = time.process_time()
    assert not matches("*a" * 200 + "b", "a" * 5000)
    assert matches("*a" * 200 + "*", "a" * 5000)
    assert time.process_time() - began < 10
