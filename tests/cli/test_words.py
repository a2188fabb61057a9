"""What a newcomer types, and what is said to it: exit codes, commands behind options, words that are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from parity_tui.cli import Exit, main
from parity_tui.cli.commands import exit_code
from parity_tui.cli.options import parse_arguments
from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Fact, Outcome, Reading, Rule, Service, Severity, Target
from parity_tui.report import conclusion

CONFIG = "baseline = 'production'\n" + "".join(
    f"[environments.{name}.services]\ncache = 'memory://'\n" for name in ("dev", "demo", "production")
)


@pytest.fixture
def _three(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder with a configuration of three environments in parity, one of them named as a command is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PARITY_CONFIG", raising=False)
    Path("parity.toml").write_text(CONFIG)


def refused(words: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the last line that is said of a wrong command line."""
    with pytest.raises(SystemExit) as caught:
        parse_arguments(words.split())
    assert caught.value.code == Exit.USAGE
    return capsys.readouterr().err.splitlines()[-1]


def helped(words: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the help of a command."""
    with pytest.raises(SystemExit) as caught:
        parse_arguments([*words.split(), "--help"])
    assert caught.value.code == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("_three")
def test_one_environment_alone_is_not_parity(capsys: pytest.CaptureFixture[str]) -> None:
    """A job that was narrowed to one is not green for ever; the baseline that it lost is said on stderr."""
    assert main(["check", "--environment", "dev"]) == Exit.UNKNOWN
    said = capsys.readouterr()
    assert said.out.endswith("nothing was compared\n")
    assert said.err == "production is the baseline and left out\n"
    assert main(["check", "--environment", "dev", "--format", "json"]) == Exit.UNKNOWN
    capsys.readouterr()
    assert main(["check", "--environment", "dev", "production"]) == Exit.PARITY
    assert capsys.readouterr().err == ""


def test_what_is_wrong_with_one_environment_by_itself_is_still_drift() -> None:
    """As a certificate that ends soon."""
    kind = Service(
        "Made", (), lambda *_: cast(Any, None), "", (Rule("ends", Severity.WARNING, "", always_report=("soon",)),)
    )
    target = Target("dev", "web", "made")
    board = Board.of(("dev",), [target], {"made": kind}, Policy())
    found = [board.with_outcomes([Outcome(target, Reading("T", "1", {"ends": Fact(x)}))]) for x in ("soon", "later")]
    assert [exit_code(one, "warning") for one in found] == [Exit.DRIFT, Exit.UNKNOWN]
    assert [conclusion(one) for one in found] == ["1 warning", "nothing was compared"]


@pytest.mark.usefixtures("_three")
def test_the_doctor_compares_nothing_and_misses_no_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    """One environment is what he is for."""
    assert main(["doctor", "--environment", "dev"]) == Exit.PARITY
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("words", "command", "environments"),
    [
        ("--environment dev check", "check", ["dev"]),
        ("--environment dev production check --all", "check", ["dev", "production"]),
        ("--environment=dev check --service a demo", "check", ["dev"]),
        ("--environment demo check", "check", ["demo"]),
        ("--environment dev demo", "demo", ["dev"]),
        ("check --environment dev demo", "check", ["dev", "demo"]),
        ("--environment demo", "board", ["demo"]),
        ("--environment dev --service check history", "history", ["dev"]),
    ],
)
def test_a_command_behind_names_is_the_command(words: str, command: str, environments: list[str]) -> None:
    """The order that the usage shows; a name right behind its option, or behind the command, is a name."""
    options = parse_arguments(words.split())
    assert (options.command.__name__, options.environment) == (command, environments)


def test_a_value_is_a_value_whatever_it_is_called() -> None:
    """Right behind its option."""
    options = parse_arguments(["--baseline", "check", "--config", "demo", "--timeout", "3s", "doctor"])
    assert (options.command.__name__, options.config, options.timeout) == ("doctor", Path("demo"), "3s")


def test_a_word_that_is_no_command_is_said_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """And a choice that is none likewise."""
    assert refused("chekc", capsys) == 'parity-tui: error: argument COMMAND: there is no "chekc"; did you mean "check"?'
    assert refused("--timeout 3s nonsense", capsys).endswith(
        'argument COMMAND: there is no "nonsense"; known: check, demo, init, doctor, history, kinds'
    )
    assert refused("check --format jsno", capsys).endswith(
        'argument --format: there is no "jsno"; did you mean "json"?'
    )


def test_the_list_of_commands_has_no_empty_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Every line says something."""
    lines = helped("", capsys).splitlines()
    at = lines.index("commands:")
    assert lines[at + 1].split() == ["COMMAND", "without", "one:", "the", "board"]
    assert lines[at + 2].split()[0] == "check"


@pytest.mark.parametrize("command", ["check", "demo", "init", "doctor", "history", "kinds"])
def test_the_help_of_a_command_begins_with_what_it_does(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence, between the usage and the options."""
    _, sentence, options, *_ = helped(command, capsys).split("\n\n")
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert options.startswith("options:")


@pytest.mark.parametrize(
    ("command", "has", "lacks"),
    [
        ("check", ["--baseline", "--timeout", "--interval"], []),
        ("doctor", ["--timeout"], ["--baseline", "--interval"]),
        ("history", ["--environment"], ["--baseline", "--timeout", "--interval"]),
    ],
)
def test_a_command_has_the_options_that_mean_something_to_it(
    command: str, has: list[str], lacks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """No others."""
    text = helped(command, capsys)
    assert [option for option in (*has, *lacks) if option in text] == has


@pytest.mark.usefixtures("_three")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "--config no.toml check",
            "no.toml: there is no such file\nto write one: parity-tui init -o no.toml\n",
        ),
        ("--env-file dev=.env.no check", ".env.no: there is no such file\n"),
        ("check --timeout 3x", '--timeout 3x: it must be a duration such as "5s", "500ms" or "2m"\n'),
    ],
)
def test_what_was_given_is_named_and_nothing_else_is_said(
    words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No page of how to begin behind the line that matters."""
    assert main(words.split()) == Exit.USAGE
    assert capsys.readouterr().err == said
