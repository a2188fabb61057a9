"""The command line: exit codes, commands after options, suggestions for unknown words, help."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from parity_tui import __version__
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
def _three_environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a folder with three environments in parity, one of them named like a command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PARITY_CONFIG", raising=False)
    Path("parity.toml").write_text(CONFIG)


def usage_error(words: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Parse a wrong command line and return the error, which is one line."""
    with pytest.raises(SystemExit) as caught:
        parse_arguments(words.split())
    assert caught.value.code == Exit.USAGE
    (line,) = capsys.readouterr().err.splitlines()
    return line


def help_text(words: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as caught:
        parse_arguments([*words.split(), "--help"])
    assert caught.value.code == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("_three_environments")
def test_single_environment_is_not_parity(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--environment", "dev"]) == Exit.UNKNOWN
    output = capsys.readouterr()
    assert output.out.endswith("nothing was compared\n")
    assert output.err == "production is the baseline and left out\n"
    assert main(["check", "--environment", "dev", "--format", "json"]) == Exit.UNKNOWN
    capsys.readouterr()
    assert main(["check", "--environment", "dev", "production"]) == Exit.PARITY
    assert capsys.readouterr().err == ""


def test_reported_value_of_single_environment_is_drift() -> None:
    kind = Service(
        "Made", (), lambda *_: cast(Any, None), "", (Rule("ends", Severity.WARNING, "", always_report=("soon",)),)
    )
    target = Target("dev", "web", "made")
    board = Board.of(("dev",), [target], {"made": kind}, Policy())
    found = [board.with_outcomes([Outcome(target, Reading("T", "1", {"ends": Fact(x)}))]) for x in ("soon", "later")]
    assert [exit_code(one, "warning") for one in found] == [Exit.DRIFT, Exit.UNKNOWN]
    assert [conclusion(one) for one in found] == ["1 warning", "nothing was compared"]


@pytest.mark.usefixtures("_three_environments")
def test_doctor_does_not_warn_about_the_baseline(capsys: pytest.CaptureFixture[str]) -> None:
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
def test_command_after_names_is_the_command(words: str, command: str, environments: list[str]) -> None:
    options = parse_arguments(words.split())
    assert (options.command.__name__, options.environment) == (command, environments)


def test_word_after_option_is_its_value() -> None:
    options = parse_arguments(["--baseline", "check", "--config", "demo", "--timeout", "3s", "doctor"])
    assert (options.command.__name__, options.config, options.timeout) == ("doctor", Path("demo"), "3s")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("chekc", 'parity-tui: there is no command "chekc"; did you mean "check"?'),
        (
            "--timeout 3s nonsense",
            'parity-tui: there is no command "nonsense"; '
            "known: check, demo, init, snapshot, open, diff, doctor, gaps, history, watch, allow, kinds, completion",
        ),
        ("check --format jsno", 'parity-tui check: --format cannot be "jsno"; did you mean "json"?'),
        ("check --fromat json", 'parity-tui check: there is no option "--fromat"; did you mean "--format"?'),
        ("--confg=x.toml", 'parity-tui: there is no option "--confg"; did you mean "--config"?'),
        (
            "--fromat json check",
            'parity-tui: there is no option "--fromat"; '
            'did you mean "--format" behind check, demo, diff, doctor, gaps, history?',
        ),
        ("check --compose x", 'parity-tui check: there is no option "--compose" here; it belongs to init'),
        ("check -x", 'parity-tui check: there is no option "-x"; parity-tui check --help lists all'),
        ("check --config", "parity-tui check: --config needs a value: --config FILE"),
        ("check --environment", "parity-tui check: --environment needs a value: --environment NAME"),
        ("diff", "parity-tui diff: it needs FILE"),
        ("doctor --format", "parity-tui doctor: --format needs a value: --format text|json"),
        ("check --ascii=yes", "parity-tui check: --ascii takes no value"),
        ("--en dev", "parity-tui: --en could be --env-file or --environment"),
        (
            "check dev",
            'parity-tui check: there is no place for "dev"; names follow an option: --environment NAME',
        ),
        ("kinds postgresql://app:pw@db/app", "parity-tui kinds: there is no place for an argument"),
    ],
)
def test_usage_error_is_one_sentence(words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert usage_error(words, capsys) == message


def test_options_can_be_shortened() -> None:
    assert parse_arguments(["check", "--conf", "x.toml"]).config == Path("x.toml")
    assert parse_arguments(["init", "-ox.toml"]).output == "x.toml"


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_version_is_one_line(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_arguments([option])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"parity-tui {__version__}\n"


def test_list_of_commands_has_no_empty_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = help_text("", capsys).splitlines()
    at = lines.index("commands:")
    assert lines[at + 1].split() == ["COMMAND", "default:", "the", "board"]
    assert lines[at + 2].split()[0] == "check"


@pytest.mark.parametrize(
    "command", ["check", "demo", "init", "doctor", "gaps", "history", "allow", "kinds", "completion"]
)
def test_help_of_a_command_begins_with_a_sentence(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, sentence, options, *_ = help_text(command, capsys).split("\n\n")
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert options.startswith(("options:", "positional arguments:"))


@pytest.mark.parametrize(
    ("command", "has", "lacks"),
    [
        ("check", ["--baseline", "--timeout", "--interval"], []),
        ("doctor", ["--timeout"], ["--baseline", "--interval"]),
        ("history", ["--environment"], ["--baseline", "--timeout", "--interval"]),
    ],
)
def test_command_has_only_its_own_options(
    command: str, has: list[str], lacks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = help_text(command, capsys)
    assert [option for option in (*has, *lacks) if option in text] == has


@pytest.mark.usefixtures("_three_environments")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "--config no.toml check",
            "no.toml: there is no such file\nto write one: parity-tui init -o no.toml\n",
        ),
        ("--env-file dev=.env.no check", ".env.no: there is no such file\n"),
        ("check --timeout 3x", '--timeout 3x: must be a duration such as "5s", "500ms" or "2m"\n'),
    ],
)
def test_error_names_the_given_value_only(words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == Exit.USAGE
    assert capsys.readouterr().err == message


@pytest.mark.usefixtures("_three_environments")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("check --config=", "--config: the name of the file is empty"),
        ("check --against=", "--against: the name of the file is empty"),
        ("snapshot -o=", "the name of the file is empty"),
        ("init --kube prod/shop", "--kube needs a value: --kube CONTEXT/NAMESPACE NAME"),
        ("demo --all --format json", "--format json, --all needs the report of `parity-tui demo --check`"),
        ("demo --gaps --format junit", "--format junit needs the report of `parity-tui demo --check`"),
        ("demo --gaps --check", "--check: not allowed with argument --gaps"),
        ("init --schema -o other.json", "--schema prints the schema to stdout"),
        ("open parity.toml", "`parity-tui snapshot -o FILE` writes a snapshot"),
        ("open ftp://host/x", 'unknown scheme "ftp"; `parity-tui kinds` lists all schemes'),
    ],
)
def test_option_that_would_have_no_effect_is_refused(
    words: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(words.split())
    except SystemExit as exit_:
        code = cast(int, exit_.code)
    assert code == Exit.USAGE
    assert message in capsys.readouterr().err
