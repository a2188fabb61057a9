"""References to variables in dotenv files, parity.toml and compose files; no message quotes more than a name."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui import init
from parity_tui.config import ConfigError, load, parse
from parity_tui.config.variables import MALFORMED as MALFORMED_WORDS
from parity_tui.config.variables import expand, interpolate
from parity_tui.init.compose.project import fill

VARIABLES = {"SET": "v", "EMPTY": "", "NAME": "db"}
FORMS = [
    ("${SET}", "v"), ("${EMPTY}", ""), ("${NO-s3cr}", "s3cr"), ("${EMPTY-s3cr}", ""), ("${EMPTY:-s3cr}", "s3cr"),
    ("${SET:-s3cr}", "v"), ("${SET?s3cr}", "v"), ("${SET:?s3cr}", "v"), ("${EMPTY?s3cr}", ""), ("${SET+s3cr}", "s3cr"),
    ("${EMPTY+s3cr}", "s3cr"), ("${EMPTY:+s3cr}", ""), ("${NO+s3cr}", ""), ("${NO:+s3cr}", ""),
    ("${NO:-${NAME}}", "db"), ("${NO:-${ALSO-${NAME}}/x}", "db/x"), ("${SET:+${NO:-a}b}", "ab"), ("${NO:-}", ""),
    ("a${SET}b${NAME}c", "avbdbc"), ("${NO-a:-b}", "a:-b"),
]  # fmt: skip
UNSET = ["${NO}", "${NO?s3cr}", "${NO:?s3cr}", "${EMPTY:?s3cr}", "${SET:+${NO}}", "${ALSO:-${NO:?s3cr}}"]
MALFORMED = ["${", "${NO", "${s3/cr}", "${s3cr!x}", "${9s3cr}", "${NO:s3cr}", "${ s3cr}", "${NO:-${s3cr}", "${}"]


def load_or_message(text: str, folder: Path) -> str:
    """Return the targets of a configuration, or its problems, as text."""
    try:
        return repr(parse(text, "parity.toml", {"SET": "v", "EMPTY": ""}, folder).targets)
    except ConfigError as error:
        return str(error)


@pytest.mark.parametrize(("text", "filled"), FORMS)
def test_every_form_is_filled_in_everywhere(text: str, filled: str) -> None:
    assert expand(text, VARIABLES) == filled
    assert fill(text, VARIABLES) == filled


@pytest.mark.parametrize("text", [*UNSET, *MALFORMED])
def test_no_message_quotes_more_than_a_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"EMPTY=\nSET=v\nREDIS_URL=redis://h\nDATABASE_URL=postgres://u:{text}@h/db\n")
    targets = load(env_files=[("dev", file)], environ={}).targets
    database = next(target for target in targets if target.service == "database")
    assert database.problem is not None
    assert database.problem.message in (
        "the variable NO is not set", "the variable EMPTY is not set", f"its value {MALFORMED_WORDS}"
    )  # fmt: skip
    assert "redis" in [target.service for target in targets if target.problem is None]
    written = init.render_config(init.collect([("dev", file)], []), "parity.toml", tmp_path)
    assert "left out: database" in written
    table = f"[environments.dev.services]\nit = 'postgresql://u:{text}@h/db'\nother = 'redis://h'\n"
    for output in (written, load_or_message(table, tmp_path)):
        assert "s3" not in output


@given(st.text(alphabet="${}:-+?AB_1 ", max_size=60))
def test_any_text_is_filled_in(text: str) -> None:
    result = interpolate(text, {"A": "1"})
    assert all(name.isidentifier() for name in result.unset)


@pytest.mark.parametrize("text", ["${" * 300_000, "${A:-" * 150_000, "$" * 500_000, "${A" * 200_000, "}" * 500_000])
def test_worst_text_is_filled_in_in_time(text: str) -> None:
    began = time.process_time()
    interpolate(text, {})
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("url", "scheme", "tls"),
    [
        ("redis+tls://app:s3cr@host", "rediss", "verify-full"),
        ("redis+ssl://app:s3cr@host", "rediss", "verify-full"),
        ("amqp+tls://app:s3cr@host", "amqps", "verify-full"),
        ("rediss+hiredis://app:s3cr@host", "rediss", "verify-full"),
        ("postgresql+asyncpg+ssl://app:s3cr@host/a", "postgresql", "verify-full"),
    ],
)
def test_tls_in_a_scheme_is_never_given_up(tmp_path: Path, url: str, scheme: str, tls: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"IT_URL={url}\n")
    target = load(env_files=[("dev", file)], environ={}).targets[0]
    assert (target.scheme, str(target.tls), target.problem) == (scheme, tls, None)


@pytest.mark.parametrize("scheme", ["redis+stunnel", "redis+tls+x", "postgresql+mtls", "amqp+secure"])
def test_unknown_part_of_a_scheme_is_not_cut_off(tmp_path: Path, scheme: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"IT_URL={scheme}://app:s3cr@host\nREDIS_URL=redis://h\n")
    usable = [target for target in load(env_files=[("dev", file)], environ={}).targets if target.problem is None]
    assert [target.service for target in usable] == ["redis"]
