"""The text of the new parity.toml."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parity_tui.init import EnvironmentDraft, ServiceDraft, render
from parity_tui.model import Target
from tests.init.builders import read

NAMES = st.from_regex(r"\w[\w .-]{0,8}\w", fullmatch=True)

WORDS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12)

USERS = WORDS.filter(lambda user: not re.search(r"^-|[$`(){}<>|;&\"']", user))
"""no other user gets into a configuration"""


@example("dev", "mq", "a b@c", "$$", "${A} $$ \x7f", "#", True)
@given(name=NAMES, service=NAMES, user=USERS, path=WORDS, option=WORDS, origin=WORDS, secret=st.booleans())
def test_written_text_reads_back_unchanged(
    name: str, service: str, user: str, path: str, option: str, origin: str, secret: bool
) -> None:
    folder = Path("/srv")
    target = Target(
        name, service, "rabbitmq", "amqp", "h", 5672, path, user, options={"management": option} if option else {}
    )
    text = render.text(
        [EnvironmentDraft(name, origin, (ServiceDraft(target, secret, origin, origin),), (origin,))], folder
    )
    (found,) = read(text, folder).targets
    assert [getattr(found, key) for key in ("environment", "service", "user", "path", "options", "tls")] == [
        getattr(target, key) for key in ("environment", "service", "user", "path", "options", "tls")
    ]
    assert bool(found.password) == secret


def test_password_in_an_option_becomes_a_variable(tmp_path: Path) -> None:
    target = Target("dev", "mq", "rabbitmq", "amqp", "h", 5672, options={"management": "http://ann$:hunter22@h:15672"})
    text = render.text([EnvironmentDraft("dev", services=(ServiceDraft(target),))], tmp_path)
    assert "hunter22" not in text
    (found,) = read(text, tmp_path, DEV_MQ_PASSWORD="other").targets
    assert str(found.options["management"]) == "http://ann$:other@h:15672"


def test_colliding_variable_names_are_numbered(tmp_path: Path) -> None:
    targets = [Target("dev", name, "redis", "redis", "h", 6379) for name in ("a-b", "a b")]
    assert list(
        render.variables([EnvironmentDraft("dev", services=tuple(ServiceDraft(target, True) for target in targets))])
    ) == [
        "DEV_A_B_PASSWORD",
        "DEV_A_B_PASSWORD_2",
    ]


@pytest.mark.parametrize("file", ["app.db", "sub/app.db", "~odd.db", "/elsewhere/app.db"])
def test_files_are_written_relative_to_the_configuration(file: str, tmp_path: Path) -> None:
    target = Target("dev", "db", "sqlite", "sqlite", path=str(tmp_path / file))
    text = render.text([EnvironmentDraft("dev", services=(ServiceDraft(target),))], tmp_path)
    assert (str(tmp_path) in text) == (file == "~odd.db")
    assert read(text, tmp_path).targets[0].path == target.path
