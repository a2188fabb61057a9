"""Any dotenv file gives a configuration or a ConfigError, without any password."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from parity_tui.config import ConfigError
from parity_tui.config.dotenv import read

CALM = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
PLANTED = "Hunter2secret"
SCHEMES = st.sampled_from(
    ["postgres", "jdbc:mysql", "r2dbcs:postgresql", "mysql+pymysql", "redis+tls", "unix", "amqp", "memcached", "sqlite",
     "redis+foo", "sentinel", "mongodb", "jdbc:oracle", "https", "nginx+local", "host+docker", "", "postgresql+a+b"]
)  # fmt: skip
SIGNS = st.text("@/#?%:[]\\ $,;&=+'\"{}\n\té(", max_size=3)
PASSWORDS = st.builds(lambda a, b: f"{a}{PLANTED}{b}", SIGNS, SIGNS)
RESTS = st.sampled_from(
    ["@h", "@a:1,b:2/x", "@h,g", "@h?a=b&tls=maybe", "@", "@[::1]:2", "@%2Frun/x", "@h/%ff", "@h?host=/x&host=y",
     "@h?sslmode=require&ssl=false", "@h?port=x", "@h;redis://g", "@[::1,b", "/run/x.sock", "@h?unix_socket=/\x01"]
)  # fmt: skip


@pytest.fixture(autouse=True)
def _made_up_kinds() -> None:
    """Use the real kinds."""


def outcome(text: str) -> str:
    """Return the error of a file, or all that its targets show."""
    try:
        result = read(text, ".env", "dev", {}, Path("/srv"))
    except ConfigError as error:
        return str(error)
    shown = [f"{target!r} {target.address} {target.notes} {target.problem}" for target in result.targets]
    return " ".join([*shown, *result.warnings, *(f"{item!r}" for item in result.left_out)])


@CALM
@given(st.text())
@example("A='redis://[")
@example("A=${")
@example("A=redis://h?${B:-${C}")
def test_any_text_gives_targets_or_configerror(text: str) -> None:
    assert outcome(text) is not None


@CALM
@given(
    st.sampled_from(
        ["ann:{}@tcp(h:1)/a", "ann:{}@unix(/x)/a?tls=x", "ann:{}@own(h)/a", "ann:{}@/a", "host=h user=a password={}",
         "host=h dbname=a password='{}' port=x", "mysql:host=h;password={}", "Server=h;Uid=a;Pwd={}",
         "jdbc:postgresql:a?password={}", "jdbc:mysql://(host=h,password={})/a", "h:1,password={}"]
    ),
    PASSWORDS,
    st.sampled_from(["{}", "'{}'", '"{}"']),
)  # fmt: skip
def test_no_password_of_a_connection_text_is_shown(text: str, password: str, quotes: str) -> None:
    assume("\n" not in password or quotes != "{}")
    text = f"A_URL={quotes.format(text.format(password))}\nB_URL=redis://h\n"
    assert PLANTED.lower() not in outcome(text).lower()


@CALM
@given(
    SCHEMES,
    PASSWORDS | PASSWORDS.map(lambda text: quote(text, safe="")),
    RESTS,
    st.sampled_from(["{}", "'{}'", '"{}"']),
)
@example("postgres", PLANTED, "@h?host=/x&host=y", "{}")
@example("postgres", f"/{PLANTED}", "@h", "{}")
@example("postgres", f"{PLANTED}@", "/run/x.sock", "{}")
def test_no_password_is_shown(scheme: str, password: str, rest: str, quotes: str) -> None:
    assume("\n" not in password or quotes != "{}")  # the line would end before the host
    if quotes == "{}" and re.search(r"\s#", password):
        rest = ""  # the sign begins a comment
    before, _, _ = password.partition(PLANTED)
    ended = quotes[0] in password  # the value ends within the password, and what follows is no part of the URL
    assume(
        ("@" in rest and not ended) or not set("@,/?#") & set(before)
    )  # else it is a host, or the path or query behind the host ann
    text = f"A_URL={quotes.format(f'{scheme}://ann:{password}{rest}')}\nB_URL=redis://h\n"
    assert PLANTED.lower() not in outcome(text).lower()
