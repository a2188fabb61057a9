"""Users and hosts never become options or commands, wherever a configuration names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_tui import config
from parity_tui.config import ConfigError
from parity_tui.services.runtime.queries import script
from parity_tui.transport.ssh.client import Destination, arguments

HOSTILE = ("$(x)", "`x`", "a;b", "a|b", "a&b", "a'b", 'a\\"b', "-oProxyCommand=x", "-x", "a%0Ab", "%24%28x%29", "%2Dx")
NO_ARGUMENTS = ("a b", "a%20b", "a%25h", "a%5Cb", "a*b", "~a", "a=b")
"""users that a server may have, and that are none of a host"""


def problem(text: str) -> str:
    """Return why a configuration, or its only target, is refused."""
    try:
        (target,) = config.parse(text, "parity.toml", {}, Path("/")).targets
    except ConfigError as error:
        return str(error)
    return target.problem.message if target.problem else ""


def of_url(url: str) -> str:
    return problem(f'[environments.dev.services]\na = "{url}"\n')


@pytest.mark.parametrize("user", HOSTILE)
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://{}@db/app",
        "redis://{}:x@db",
        "amqp://{}@db",
        "mysql://{}@db",
        "nginx+ssh://{}@web",
        "host+ssh://{}@web",
    ],
)
def test_user_of_a_url_is_a_name(url: str, user: str) -> None:
    assert of_url(url.format(user)) != ""
    assert of_url(url.format("app")) == ""


@pytest.mark.parametrize("user", [*HOSTILE, *NO_ARGUMENTS])
def test_user_of_a_command_is_as_strict_as_a_host(user: str) -> None:
    for url in ("runtime+ssh://{}@web/python3", "apache+ssh://{}@web"):
        assert of_url(url.format(user)) != ""
        assert of_url(url.format("ann@corp.example".replace("@", "%40"))) == ""


@pytest.mark.parametrize("user", [*HOSTILE, *NO_ARGUMENTS])
@pytest.mark.parametrize("form", ["{}@bastion", "ssh://{}@bastion", "ssh://{}@bastion:2222"])
def test_user_of_ssh_is_as_strict_as_a_host(form: str, user: str) -> None:
    text = '[environments.dev]\nssh = "{}"\n[environments.dev.services]\na = "redis://db"\n'
    assert "must be a host as ssh takes it" in problem(text.format(form.format(user)))
    assert problem(text.format(form.format("ann"))) == ""


HOSTS = ("-oProxyCommand=x", "-x", "$(x)", "a;b", "a`b`", "a b")


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(
    "url",
    ["redis://{}", "postgresql://{}/app", "runtime+ssh://{}/python3", "runtime+docker://{}/python3", "host+ssh://{}"],
)
def test_host_of_a_url_is_a_name(url: str, host: str) -> None:
    assert of_url(url.format(host)) != ""


@pytest.mark.parametrize("key", ["user", "host", "hostname", "username"])
@pytest.mark.parametrize("value", ["$(x)", "-x", "a;b"])
def test_query_of_an_app_is_as_strict(key: str, value: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"DATABASE_URL='mysql://db/app?{key}={value}'\n")
    (target,) = config.load(env_files=[("dev", file)], environ={}).targets
    assert target.problem is not None


def test_program_of_a_runtime_is_no_option() -> None:
    assert "'$(x)'" in script("$(x)", "@@")


def test_arguments_of_ssh_end_before_the_host() -> None:
    hop = arguments(Destination("bastion", "ann"), "/tmp/b")
    words = arguments(Destination("web", "bob", 2222, "bastion"), "/tmp/w", hop)
    assert words[-2:] == ["--", "web"]
    assert words[words.index("-l") + 1] == "bob"
    assert any(word.endswith("-l ann -- bastion") for word in words)
