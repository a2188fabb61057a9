"""`eol_data`: newer facts on release lines from a file."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from parity_tui.config import ConfigError, parse
from parity_tui.config.eol_data import shipped
from parity_tui.drift.lifecycle import Lifecycle

CONFIG = "eol_data = 'facts.json'\n[environments.dev.services]\ncache = 'memory://'\n"


def product(name: str, *releases: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "label": name, "releases": list(releases), "links": {"html": "x"}}


def release(name: str, end: str | None, latest: str, *, ended: bool = False) -> dict[str, Any]:
    newest = {"name": latest, "date": "2027-01-10", "link": None}
    return {"name": name, "isEol": ended, "eolFrom": end, "latest": newest, "isMaintained": True}


def facts(folder: Path, document: Any) -> Lifecycle | None:
    text = document if isinstance(document, str) else json.dumps(document)
    (folder / "facts.json").write_text(text)
    return parse(CONFIG, "parity.toml", {}, folder).lifecycle


def answer(result: Any, at: str = "2027-02-01T00:00:00+00:00") -> dict[str, Any]:
    return {"schema_version": "1.2.0", "generated_at": at, "result": result}


@pytest.mark.parametrize("whole", [False, True])
def test_newer_facts_replace_those_of_their_product(tmp_path: Path, whole: bool) -> None:
    postgres = product("postgresql", release("19", "2031-11-13", "19.1"), release("0", None, "0.1", ended=True))
    made = facts(tmp_path, answer([postgres] if whole else postgres))
    assert made is not None
    found = made.of("PostgreSQL", "19.0")
    assert found is not None
    assert (found[0].as_of, found[1].ends, found[1].latest) == (date(2027, 2, 1), date(2031, 11, 13), "19.1")
    gone = made.of("PostgreSQL", "0.1")
    assert gone is not None
    assert gone[1].ended
    assert made.of("Redis", "7.0.15") == shipped().of("Redis", "7.0.15")


def test_older_facts_change_nothing(tmp_path: Path) -> None:
    made = facts(tmp_path, answer(product("postgresql"), "2020-01-01T00:00:00Z"))
    assert made is not None
    assert made.of("PostgreSQL", "16.1") == shipped().of("PostgreSQL", "16.1")


@pytest.mark.parametrize(
    "document",
    ["", "[]", "{", "[" * 100_000, {"result": 1}, answer(product("a", {"name": "1"})), answer(product("a"), "now")],
)
def test_other_json_is_an_error_with_its_line(tmp_path: Path, document: Any) -> None:
    with pytest.raises(ConfigError, match=r"parity\.toml:1: eol_data cannot be understood: it must be the JSON"):
        facts(tmp_path, document)


def test_wrong_date_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be understood"):
        facts(tmp_path, answer(product("a", release("1", "soon", "1.2"))))


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"parity\.toml:1: eol_data cannot be read: No such file"):
        parse(CONFIG, "parity.toml", {}, tmp_path)


def test_named_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "facts.json")
    with pytest.raises(ConfigError, match="it is a named pipe"):
        parse(CONFIG, "parity.toml", {}, tmp_path)
