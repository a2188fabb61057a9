"""Services that probably are one, with different names in different environments, are pointed out."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_tui import config
from parity_tui.cli import Exit, main


def notes(**environments: dict[str, str]) -> tuple[str, ...]:
    """Return the notes on a configuration: environment -> service -> URL."""
    text = "".join(
        f"[environments.{name}.services]\n" + "".join(f'"{role}" = "{url}"\n' for role, url in services.items())
        for name, services in environments.items()
    )
    made = config.parse(text, "parity.toml", {}, Path())
    return config.pair_notes(made.targets, list(environments))


PG, REDIS, QUEUE = "postgresql://app@h/app", "redis://h", "amqp://app@h"


def test_same_kind_under_two_names_is_pointed_out() -> None:
    assert notes(dev={"db": PG, "x": QUEUE}, production={"database": PG, "x": QUEUE}) == (
        "dev has db, production has database: the same service? give both one name",
    )
    assert notes(dev={"redis": REDIS}, test={"redis": REDIS}, production={"cache": REDIS}) == (
        "dev and test have redis, production has cache: the same service? give both one name",
    )


def test_three_names_make_one_note() -> None:
    assert notes(dev={"db": PG}, test={"postgres": PG}, production={"database": PG}) == (
        "dev has db, test has postgres, production has database: the same service? give all one name",
    )


def test_other_kind_of_same_role_is_pointed_out() -> None:
    assert notes(dev={"db": "sqlite:///x"}, production={"database": PG}) == (
        "dev has db, production has database: the same service? give both one name",
    )


def test_similar_names_are_pointed_out_whatever_the_kind() -> None:
    assert notes(dev={"jobs-queue": REDIS}, production={"jobs_queues": QUEUE}) == (
        "dev has jobs-queue, production has jobs_queues: the same service? give both one name",
    )


def test_most_similar_name_wins() -> None:
    assert notes(dev={"cache1": REDIS}, production={"sessions": REDIS, "cache": REDIS}) == (
        "dev has cache1, production has cache: the same service? give both one name",
    )


@pytest.mark.parametrize(
    "environments",
    [
        {"dev": {"db": PG}, "production": {"db": PG, "database": PG}},
        {"dev": {"db": PG, "mail": REDIS}, "production": {"db": PG}},
        {"dev": {"search": PG}, "production": {"queue": QUEUE}},
        {"dev": {"a": PG, "b": PG}, "production": {"a": PG, "b": PG}},
        {"dev": {"a": PG, "b": PG}},
        {"dev": {"a": PG}, "test": {"a": PG, "b": PG}, "production": {"b": PG}},
    ],
    ids=["both here", "missing only", "unlike", "the same", "one environment", "side by side once"],
)
def test_other_services_get_no_note(environments: dict[str, dict[str, str]]) -> None:
    assert notes(**environments) == ()


def test_hundreds_of_services_get_no_note() -> None:
    assert notes(dev={f"a{n}": REDIS for n in range(60)}, production={f"b{n}": REDIS for n in range(60)}) == ()


@pytest.mark.parametrize("command", ["check", "doctor"])
def test_commands_print_the_note(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("parity.toml").write_text(
        "[environments.dev.services]\nlocal = 'memory://'\n[environments.production.services]\ncache = 'memory://'\n"
    )
    main([command, "--config", "parity.toml"])
    assert capsys.readouterr().err == "dev has local, production has cache: the same service? give both one name\n"
    assert main([command, "--config", "parity.toml", "--service", "cache"]) in (Exit.PARITY, Exit.UNKNOWN, Exit.DRIFT)
    assert capsys.readouterr().err == ""
