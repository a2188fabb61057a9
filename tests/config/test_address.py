"""URLs and the keys beside them: split into targets, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui import services
from parity_tui.config import ConfigError
from parity_tui.model import Target

from .conftest import KINDS, Parse


def target_of(read: Parse, url: str, more: str = "") -> Target:
    """Return the target of a URL, with more lines of its table."""
    return read(f"[environments.dev.services.it]\nurl = '{url}'\n{more}").targets[0]


def password_of(target: Target) -> str:
    assert target.password is not None
    secret = target.password()
    assert secret is not None
    return secret.reveal()


@pytest.mark.parametrize(
    ("url", "address", "user", "path"),
    [
        ("postgresql://ann@DB.prod/app", "db.prod:5432", "ann", "app"),
        ("postgres://a%40b@[fe80::1%25eth0]:1/x%2Fy", "[fe80::1%eth0]:1", "a@b", "x/y"),
        ("redis://[::1]", "[::1]:6379", "", ""),
        ("redis://10.0.0.1:65535/0", "10.0.0.1:65535", "", "0"),
        ("amqp://mq_1.prod:/%2F", "mq_1.prod:5672", "", "/"),
        ("memory://", "memory", "", ""),
    ],
)
def test_url_parts_are_decoded(read: Parse, url: str, address: str, user: str, path: str) -> None:
    target = target_of(read, url)
    assert (target.address, target.user, target.path) == (address, user, path)


@pytest.mark.parametrize(
    ("encoded", "decoded"), [("p%40s%2Fs%23%3A%25", "p@s/s#:%"), ("a:b+c", "a:b+c"), ("p%C3%A9", "pé")]
)
def test_password_is_decoded_and_becomes_a_secret(read: Parse, encoded: str, decoded: str) -> None:
    target = target_of(read, f"redis://:{encoded}@h")
    assert password_of(target) == decoded
    assert decoded not in repr(target)
    assert encoded not in repr(target)


def test_variables_are_expanded_before_the_url_is_split(read: Parse) -> None:
    text = "[environments.dev.services]\nit = 'redis://:${PW}@h'\n"
    assert password_of(read(text, PW="hunter%2F22").targets[0]) == "hunter/22"
    with pytest.raises(ConfigError, match="percent-encode it") as caught:
        read(text, PW="hunter/22")
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize(
    "password",
    [
        "pa@hunter22",
        "pa/hunter22",
        "pa#hunter22",
        "pa?hunter22",
        "pa%hunter22",
        "pa[hunter22",
        "pa@x/hunter22",
        "pa@x?hunter22",
        "pa]hunter22",
    ],
)
@pytest.mark.parametrize("scheme", ["postgresql", "redis", "amqp"])
def test_unencoded_password_is_rejected_without_showing_it(read: Parse, scheme: str, password: str) -> None:
    with pytest.raises(ConfigError, match="percent-encode it") as caught:
        target_of(read, f"{scheme}://ann:{password}@host/app")
    assert "hunter" not in str(caught.value)
    assert "pa" not in str(caught.value).replace("parity", "").replace("password", "").replace("dev.services", "")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("redis://h:5432 ", "a blank"),
        ("redis://h:70000", "the port must be a number from 1 to 65535"),
        ("redis://h:0", "the port must be"),
        ("redis://h:-1", "the port must be"),
        ("redis://h:٣", "the port must be"),
        ("redis://ann:hunter22", "the port must be"),
        ("redis://::1:6379", "in brackets"),
        ("redis://[::g]", "not an IPv6 address"),
        ("redis://-oProxyCommand", "neither a name nor an address"),
        ("redis://%2Ftmp%2Fredis.sock", "Redis is not reached through a Unix socket"),
        ("redis://a%20b", "only the path of a Unix socket is encoded"),
        ("redis://a:1,b:2", "several hosts in one URL are not supported: in parity.toml write urls"),
        ("redis:///0", "the URL names no host"),
        ("postgresql://:5432/app", "the URL names no host"),
        ("redis://h/%FF", "not from UTF-8"),
        ("redis://h/%00", "a control character"),
        ("cache.prod:6379", "this is not a URL"),
        ("", "this is not a URL"),
        ("postgres+asyncpg://h/app", "write postgres://USER@HOST"),
        ("sqlite://app.db", "a file beside this one is sqlite:///FILE"),
        ("postgresql://h/app?conect_timeout=1", 'unknown key "conect_timeout" in the URL\'s query'),
        ("postgresql://h/app?sslmod=require", 'did you mean "sslmode"?'),
        ("postgresql://h/app?password=hunter22", "a password belongs before the host"),
        ("postgresql://h/app?user=ann", "its own part of the URL"),
        ("redis://h?tls=off&tls=off", '"tls" occurs twice'),
        ("postgresql://h/app?sslmode=allow", "tls must be one of off, prefer, require, verify-ca, verify-full"),
        ("postgresql://h/app?sslmode=verifyfull", 'did you mean "verify-full"?'),
        ("postgresql://h/app?sslmode=require&ssl=disable", "twice, and differently"),
    ],
)
def test_invalid_url_is_explained_without_showing_it(read: Parse, url: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        target_of(read, url)
    assert str(caught.value).startswith("parity.toml:2: environments.dev.services.it: ")
    assert words in str(caught.value)
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "more", "mode"),
    [
        ("redis://h", "", "off"),
        ("postgresql://h", "", "prefer"),
        ("rediss://h", "", "verify-full"),
        ("rediss://h", "tls = 'require'", "require"),
        ("redis://h", "tls = 'verify-ca'", "verify-ca"),
        ("postgresql://h?sslmode=disable", "", "off"),
        ("postgresql://h?sslmode=verify-full", "tls = 'verify-full'", "verify-full"),
        ("postgresql://h?ssl=require", "", "require"),
        ("rediss://h?ssl_cert_reqs=CERT_NONE", "", "require"),
        ("rediss://h?ssl_cert_reqs=required", "", "verify-full"),
    ],
)
def test_tls_mode_comes_from_table_query_scheme_kind(read: Parse, url: str, more: str, mode: str) -> None:
    assert target_of(read, url, more).tls == mode


@pytest.mark.parametrize(
    ("url", "more", "line", "words"),
    [
        ("rediss://h", "tls = 'off'", 3, 'rediss:// means TLS, but tls is "off"'),
        ("rediss://h", "tls = 'prefer'", 3, "means TLS"),
        ("rediss://h", "tls = 'verify_full'", 3, 'did you mean "verify-full"?'),
        ("postgresql://h?sslmode=require", "tls = 'off'", 3, '"tls" differs from the URL'),
        ("redis://h", "ca = 'a.pem'", 3, '"ca" has no effect with tls = "off"'),
        ("postgresql://h", "ca = 'a.pem'", 3, '"ca" has no effect with tls = "prefer"'),
        ("redis://h", "cert = 'a.pem'", 3, '"cert" has no effect with tls = "off"'),
        ("rediss://h", "key = 'a.pem'", 3, '"key" has no effect without "cert"'),
        ("sqlite:///a", "tls = 'require'", 3, "there is nothing to encrypt"),
        ("sqlite:///a", "password_env = 'A'", 3, "has no login"),
        ("redis://:hunter22@h", "password_env = 'A'", 3, "a second password: the URL gives one already"),
        (
            "redis://h",
            "password = 'hunter22'\npassword_env = 'A'",
            4,
            'a second password: "password" gives one already',
        ),
        ("redis://h", "password_command = []", 3, '"password_command" is empty'),
        ("redis://h", "password_file = ''", 3, '"password_file" is empty'),
        ("amqp://h?management=http://a", "management = 'http://b'", 3, '"management" differs from the URL'),
        ("amqp://h", "management = 1", 3, '"management" must be a text in quotes'),
        ("redis://h", "management = 'http://b'", 3, 'unknown key "management"'),
    ],
)
def test_contradiction_is_an_error_on_its_line(read: Parse, url: str, more: str, line: int, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        target_of(read, url, more)
    assert str(caught.value).startswith(f"parity.toml:{line}: ")
    assert words in str(caught.value)
    assert "hunter22" not in str(caught.value)


def test_relative_files_begin_at_the_configuration(
    read: Parse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    target = target_of(read, "rediss://h", "ca = 'ca.pem'\ncert = '/etc/c.pem'\nkey = '~/k.pem'")
    assert (target.ca, target.cert, target.key) == (str(tmp_path / "ca.pem"), "/etc/c.pem", "/home/ann/k.pem")
    assert target_of(read, "postgresql://h?sslmode=verify-full&sslrootcert=root.crt").ca == str(tmp_path / "root.crt")
    assert target_of(read, "postgresql://h?sslmode=verify-full&sslrootcert=system").ca == ""


def test_three_slashes_are_relative_and_four_absolute(read: Parse, tmp_path: Path) -> None:
    assert target_of(read, "sqlite:///var/my%20app.db").path == str(tmp_path / "var/my app.db")
    assert target_of(read, "sqlite:////var/app.db").path == "/var/app.db"
    assert target_of(read, "sqlite:///:memory:").path == ":memory:"


def test_repr_hides_the_password_of_an_option(read: Parse) -> None:
    target = target_of(read, "amqp://h", "management = 'https://ann:hunter22@mq'")
    assert target.options["management"] == "https://ann:hunter22@mq"
    assert "hunter22" not in repr(target)


def test_alias_gives_the_canonical_scheme(read: Parse, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres = services.kinds()["postgres"]
    monkeypatch.setitem(KINDS, "postgres", replace(postgres, scheme_aliases={"psql": "postgresql"}))
    monkeypatch.setattr(services, "schemes", lambda: {"psql": "postgres", "postgresql": "postgres"})
    target = target_of(read, "psql://ann@db/app")
    assert (target.kind, target.scheme, target.port) == ("postgres", "postgresql", 5432)
