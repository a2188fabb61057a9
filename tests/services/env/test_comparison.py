"""Rows of variables: names, shapes, and values that must differ."""

from __future__ import annotations

import pytest

from parity_tui.model import State, Verdict
from parity_tui.services.env.parse import PRODUCT
from tests.services.env.builders import listed, of, rows

URL = "postgresql://shop:{}@{}.example/shop"


def test_equal_names_and_shapes_give_no_row() -> None:
    one = of(DEBUG="true", SECRET_KEY="a" * 20, LOG_LEVEL="debug", WORKERS="1", API="https://a.example")
    other = of(DEBUG="no", SECRET_KEY="b" * 20, LOG_LEVEL="info", WORKERS="16", API="https://b.example")
    assert listed(one, other) == {}
    assert listed(one, one) == {"value of SECRET_KEY": "critical"}


@pytest.mark.parametrize(
    ("dev", "production", "severity"),
    [
        ({}, {"X": "a"}, "warning"),
        ({"X": ""}, {"X": "a"}, "warning"),
        ({"X": "  "}, {"X": "4"}, "warning"),
        ({}, {"X": ""}, "warning"),
        ({"X": "4"}, {"X": "many"}, "info"),
        ({"X": "true"}, {"X": "many"}, "info"),
        ({"X": "redis://a.example"}, {"X": "amqp://a.example"}, "info"),
        ({"X": "postgres://a.example"}, {"X": "postgresql+asyncpg://b.example"}, None),
        ({"X": "a"}, {"X": "b"}, None),
        ({"X": "true"}, {"X": "off"}, None),
    ],
)
def test_missing_empty_and_shape(dev: dict[str, str], production: dict[str, str], severity: str | None) -> None:
    assert listed(of(Y="1", **dev), of(Y="1", **production)) == ({"X": severity} if severity else {})


@pytest.mark.parametrize(
    ("name", "dev", "production", "severity"),
    [
        ("TZ", "UTC", "Europe/Paris", "warning"),
        ("TZ", ":UTC", "Etc/UTC", None),
        ("LANG", "C", "en_US.UTF-8", "warning"),
        ("LC_ALL", "en_US.utf8", "en_US.UTF-8", None),
        ("NODE_OPTIONS", "--max-old-space-size=512", "--max-old-space-size=4096", "info"),
        ("GOMAXPROCS", "2", "8", "info"),
        ("FEATURE_X", "on", "off", None),
    ],
)
def test_value_that_changes_how_the_app_runs(name: str, dev: str, production: str, severity: str | None) -> None:
    wanted = {f"value of {name}": severity} if severity else {}
    assert listed(of(**{name: dev}), of(**{name: production})) == wanted


@pytest.mark.parametrize(
    ("name", "value", "severity"),
    [
        ("SECRET_KEY", "one", "critical"),
        ("DJANGO_SECRET_KEY", "one", "critical"),
        ("SECRET_KEY_BASE", "one", "critical"),
        ("JWT_SECRET", "one", "critical"),
        ("DATABASE_URL", URL.format("pw", "db"), "critical"),
        ("SHOP_REDIS_URL", "redis://cache.example/1", "critical"),
        ("DB_PASSWORD", "one", "warning"),
        ("STRIPE_API_KEY", "one", "warning"),
        ("PUBLIC_KEY", "one", None),
        ("REQUIRE_TOKEN", "true", None),
        ("JWT_SECRET_FILE", "/run/secrets/jwt", None),
        ("SENTRY_DSN", "https://k@sentry.example/1", None),
        ("REGION", "one", None),
    ],
)
def test_value_that_must_differ_and_is_the_same(name: str, value: str, severity: str | None) -> None:
    wanted = {f"value of {name}": severity} if severity else {}
    assert listed(of(**{name: value}), of(**{name: value})) == wanted
    assert listed(of(A="1", **{name: value}), of(A="1", **{name: f"{value}2"})) == {}


@pytest.mark.parametrize("url", ["postgres://localhost/app", "redis://127.0.0.1:6379", "sqlite:///app.db"])
def test_address_of_each_machine_proves_nothing(url: str) -> None:
    assert listed(of(DATABASE_URL=url), of(DATABASE_URL=url)) == {}


def test_variables_of_login_and_manager_are_ignored() -> None:
    assert listed(of(A="1"), of(A="1", PATH="/bin", SSH_TTY="x", INVOCATION_ID="x", KUBERNETES_PORT="x")) == {}


def test_variables_named_like_facts_are_compared() -> None:
    assert listed(of(A="1"), of(A="1", version="x")) == {"version (variable)": "warning"}


def test_only_harmless_values_are_shown() -> None:
    reading = of(DEBUG="on", WORKERS="8", TZ="Europe/Berlin", NODE_ENV="production", LANG="en_US.UTF-8", NAME="fish")
    states = {name: fact.state for name, fact in reading.facts.items() if name.startswith("value of ")}
    assert states.pop("value of NAME") is State.SECRET
    assert {*states.values()} == {State.VALUE}
    assert reading.facts["value of TZ"].raw == "Europe/Berlin"
    assert reading.facts["value of WORKERS"].raw == "8"


def test_values_that_may_differ_say_so() -> None:
    row = rows(of(REGION="a"), of(REGION="b"))["value of REGION"]
    assert (row.verdict, row.note) == (Verdict.IGNORED, row.rule.why)
    assert rows(of(A="1"), of(A="1"))["product"].text(0) == PRODUCT
