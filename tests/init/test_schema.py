"""The JSON Schema of a parity.toml: accepts every file that the program accepts, refuses wrong keys and values."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from parity_tui import config
from parity_tui.config.json_schema import as_text, schema
from tests.init.builders import read, run

ROOT = Path(__file__).parent.parent.parent
VALID = "[environments.dev.services]\ncache = 'redis://h'\n"


def problem(text: str) -> str:
    """Return the error of a file, "" if it is valid; a day is a text, as editors take it."""
    validator = jsonschema.Draft7Validator(schema(), format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    error = jsonschema.exceptions.best_match(validator.iter_errors(_with_texts(tomllib.loads(text))))
    return f"{'.'.join(map(str, error.absolute_path))}: {error.message}" if error else ""


def _with_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_texts(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def texts_of_tests() -> Iterator[str]:
    """Yield every literal of the tests that may be a parity.toml."""
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "[environments." in node.value:
                yield node.value


def accepted(text: str) -> bool:
    try:
        read(text, Path("/srv"))
    except config.ConfigError:
        return False
    return True


def test_committed_schema_is_up_to_date() -> None:
    assert (ROOT / "docs" / "parity.schema.json").read_text("utf-8") == as_text(), "run: make schema"


def test_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(schema())


@pytest.mark.parametrize("page", ["README.md", "docs/configuration.md", "docs/kinds.md"])
def test_schema_accepts_examples_of_documentation(page: str) -> None:
    for block in re.findall(r"^```toml\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL):
        assert problem(block) == ""


def test_schema_accepts_all_that_the_program_accepts() -> None:
    texts = [text for text in texts_of_tests() if accepted(text)]
    assert len(texts) > 20
    assert [(text, found) for text in texts if (found := problem(text))] == []


@pytest.mark.parametrize(
    "line",
    [
        "interval = 0.5", 'interval = "500ms"', 'timeout = "${T:-3s}"', "[severity]\npostgres.jit = 'info'",
        "[severity]\n'postgres.*' = 'ignore'", "[environments.prod]\ncolor='red'\nssh='bastion'\nservices.q='amqp://h'",
        "[environments.p.services.c]\nurls = ['redis://a', 'redis://b']\ntls = '${MODE}'",
        "[environments.p.services.q]\nurl = 'amqp://h'\nmanagement = 'http://h'\npassword_keyring = ['a', 'b']",
        "[[expect]]\nservice='cache'\nsetting='x'\nreason='y'\nuntil=2027-03-31\nhidden=true",
    ],
)  # fmt: skip
def test_schema_accepts(line: str) -> None:
    text = f"{line}\n{VALID}" if line.startswith(("interval", "timeout")) else f"{VALID}{line}\n"
    assert problem(text) == ""
    assert accepted(text)


@pytest.mark.parametrize(
    "line",
    [
        "intervall = 5", 'interval = "5 weeks"', "interval = 0", "baseline = 1",
        "[environments.p]\nservises.q = 'amqp://h'", "[environments.p]\ncolor = 'red'",
        "[environments.p.services]", "[environments.p.services.q]\nurl = 'amqp://h'\npasword_env = 'X'",
        "[environments.p.services.q]\nurl = 'amqp://h'\ntls = 'maybe'",
        "[environments.p.services.q]\nurl = 'amqp://h'\nurls = ['amqp://h']",
        "[environments.p.services.q]\npassword_env = 'X'", "[severity]\n'postgres.jit' = 'fatal'",
        "[[expect]]\nservice='cache'\nsetting='x'", "[[expect]]\nservice='cache'\nsetting='x'\nreason='y'\nunti='z'",
    ],
)  # fmt: skip
def test_schema_refuses(line: str) -> None:
    text = f"{line}\n{VALID}" if line.startswith(("interval", "baseline")) else f"{VALID}{line}\n"
    assert problem(text) != ""
    assert not accepted(text)


def test_new_file_names_its_schema_and_obeys_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://app:pw@h/app\nREDIS_URL=redis://h\n")
    assert run("--env-file", "dev=.env", folder=tmp_path).returncode == 0
    text = (tmp_path / "parity.toml").read_text()
    named = re.match(r"#:schema \./(\S+)\n", text)
    assert named
    assert json.loads((tmp_path / named[1]).read_text()) == schema()
    assert problem(text) == ""


def test_existing_schema_is_left_unchanged(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("REDIS_URL=redis://h\n")
    (tmp_path / "parity.schema.json").write_text("{}")
    assert run("--env-file", "dev=.env", folder=tmp_path).returncode == 0
    assert (tmp_path / "parity.schema.json").read_text() == "{}"


def test_schema_can_be_printed(tmp_path: Path) -> None:
    assert run("--schema", folder=tmp_path).stdout == as_text()
    assert list(tmp_path.iterdir()) == []
