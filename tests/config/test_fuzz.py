"""Any file gives a configuration or a ConfigError, without any password."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from parity_tui.config import ConfigError, parse

from .conftest import WHOLE

CALM = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
PLANTED = "Hunter2secret"

SIGNS = st.text("@/#?%:[]\\ $,;&=+'\"{}\n\t é", max_size=3)
PASSWORDS = st.builds(lambda a, b: f"{a}{PLANTED}{b}", SIGNS, SIGNS)
KEYS = st.sampled_from(
    ["url", "password", "pasword", "password_env", "password_command", "tls", "ca", "ssh", "management"]
)
SCHEMES = st.sampled_from(["redis", "rediss", "postgres", "postgresql", "amqp", "sqlite", "memory", "reddis", ""])
URLS = st.builds(
    lambda scheme, user, password, rest: f"{scheme}://{user}:{password}{rest}",
    SCHEMES,
    st.sampled_from(["", "ann"]),
    PASSWORDS | PASSWORDS.map(lambda text: quote(text, safe="")),
    st.sampled_from(["@h", "@h:1/app", "@h:x", "@h,g", "@h?a=b", "@", "", "@[::1]:2", "@h?tls=maybe", "@h/%ff"]),
)
QUOTES = st.sampled_from(
    ["'{}'", '"{}"', '"""{}"""', "{}", '"{}', "['{}']", "{{ url = '{}' }}", '["a", "{}"', "'''\n{}\n"]
)
LINES = st.builds(
    lambda key, quotes, value: f"{key} = {quotes.format(value)}", KEYS, QUOTES, PASSWORDS | URLS | st.just("off")
)


def outcome(text: str) -> str:
    """Return the error of a text, or all that its configuration shows."""
    try:
        config = parse(text, "parity.toml", {}, Path("/srv"))
    except ConfigError as error:
        return str(error)
    return f"{config!r} {[*config.__rich_repr__()]!r}"


@CALM
@given(st.text())
@example("a=" + "{a=" * 5000)
@example("a = 1900-99-99")
@example("environments = { a = { services = { b = 'redis://h' } } }")
def test_any_text_gives_a_configuration_or_configerror(text: str) -> None:
    assert outcome(text)


@CALM
@given(st.integers(0, len(WHOLE)), st.integers(0, 40), st.text(max_size=5))
def test_damaged_file_gives_a_configuration_or_configerror(at: int, length: int, put: str) -> None:
    assert outcome(WHOLE[:at] + put + WHOLE[at + length :])


@CALM
@given(st.lists(LINES, max_size=3), URLS, QUOTES)
@example(["url = 'off'", f"url = '''\n{PLANTED}=\n"], "redis://h", "'''\n{}\n")
def test_no_error_and_no_repr_shows_a_password(lines: list[str], url: str, quotes: str) -> None:
    text = "\n".join(
        ["[environments.dev.services]", f"cache = {quotes.format(url)}", "[environments.qa.services.database]", *lines]
    )
    assert PLANTED.lower() not in outcome(text).lower()


VALUES = st.recursive(
    st.text(max_size=8) | st.integers() | st.floats() | st.booleans() | st.just("redis://h"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "services", "a.b"]), inner),
    max_leaves=5,
)
TOP = st.sampled_from(["baseline", "interval", "timeout", "environments", "expect", "severity", "x"])


def toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return '"' + "".join(f"\\U{ord(sign):08x}" for sign in value) + '"'
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case dict():
            return "{" + ", ".join(f'"{key}" = {toml(inner)}' for key, inner in value.items()) + "}"
        case _:
            return repr(value)


@CALM
@given(st.dictionaries(TOP, VALUES | st.dictionaries(st.text("ab", min_size=1, max_size=2), VALUES), max_size=4))
def test_wrong_types_give_a_configuration_or_configerror(tables: dict[str, object]) -> None:
    assert outcome("".join(f"{key} = {toml(value)}\n" for key, value in tables.items()))
