"""URLs and what stands beside them: taken apart by us, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_tui.config import ConfigError
from parity_tui.model import Target

from .conftest import Parse


def target_of(read: Parse, url: str, more: str = "") -> Target:
    """Return the target of one URL and more lines of its table."""
    return read(f"[environments.dev.services.it]\nurl = '{url}'\n{more}").targets[0]


def password_of(target: Target) -> str:
    """Return the password of a target."""
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
def test_a_url_is_taken_apart_and_decoded(read: Parse, url: str, address: str, user: str, path: str) -> None:
    """Each part goes to a place of its own."""
    target = target_of(read, url)
    assert (target.address, target.user, target.path) == (address, user, path)


@pytest.mark.parametrize(
    ("written", "meant"), [("p%40s%2Fs%23%3A%25", "p@s/s#:%"), ("a:b+c", "a:b+c"), ("p%C3%A9", "pé")]
)
def test_a_password_is_percent_decoded_and_a_secret_at_once(read: Parse, written: str, meant: str) -> None:
    """The target shows it to nobody."""
    target = target_of(read, f"redis://:{written}@h")
    assert password_of(target) == meant
    assert meant not in repr(target)
    assert written not in repr(target)


def test_a_variable_in_a_url_is_filled_in_before_the_url_is_taken_apart(read: Parse) -> None:
    """So what it holds must be percent-encoded, and where it is not, that is said without showing it."""
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
def test_a_raw_sign_in_a_password_is_an_error_that_shows_nothing_of_it(read: Parse, scheme: str, password: str) -> None:
    """Cut at the wrong place, the rest of it would be looked up as a host name."""
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
        ("redis://[::g]", "no IPv6 address"),
        ("redis://-oProxyCommand", "neither a name nor an address"),
        ("redis://%2Ftmp%2Fredis.sock", "Unix sockets are not there yet"),
        ("redis://a:1,b:2", "several hosts in one URL are not understood: in parity.toml write urls"),
        ("redis:///0", "the URL names no host"),
        ("postgresql://:5432/app", "the URL names no host"),
        ("redis://h/%FF", "not from UTF-8"),
        ("redis://h/%00", "a control character"),
        ("cache.prod:6379", "this is no URL"),
        ("", "this is no URL"),
        ("postgres+asyncpg://h/app", 'unknown scheme "postgres+asyncpg"'),
        ("sqlite://app.db", "a file beside this one is sqlite:///FILE"),
        ("postgresql://h/app?conect_timeout=1", 'unknown key "conect_timeout" in the URL\'s query'),
        ("postgresql://h/app?sslmod=require", 'did you mean "sslmode"?'),
        ("postgresql://h/app?password=hunter22", "a password stands before the host"),
        ("postgresql://h/app?user=ann", "a place of its own in the URL"),
        ("redis://h?tls=off&tls=off", '"tls" stands twice'),
        ("postgresql://h/app?sslmode=allow", "tls must be one of off, prefer, require, verify-ca, verify-full"),
        ("postgresql://h/app?sslmode=verifyfull", 'did you mean "verify-full"?'),
        ("postgresql://h/app?sslmode=require&ssl=disable", "twice, and differently"),
    ],
)
def test_a_url_that_cannot_be_understood_is_said_in_words(read: Parse, url: str, words: str) -> None:
    """With the line, and with nothing that can be part of a password."""
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
def test_the_mode_of_tls_comes_from_the_table_the_query_the_scheme_or_the_kind(
    read: Parse, url: str, more: str, mode: str
) -> None:
    """In this order."""
    assert target_of(read, url, more).tls == mode


@pytest.mark.parametrize(
    ("url", "more", "line", "words"),
    [
        ("rediss://h", "tls = 'off'", 3, 'rediss:// means TLS, and tls says "off"'),
        ("rediss://h", "tls = 'prefer'", 3, "means TLS"),
        ("rediss://h", "tls = 'verify_full'", 3, 'did you mean "verify-full"?'),
        ("postgresql://h?sslmode=require", "tls = 'off'", 3, '"tls" is something else in the URL'),
        ("redis://h", "ca = 'a.pem'", 3, '"ca" means nothing with tls = "off"'),
        ("postgresql://h", "ca = 'a.pem'", 3, '"ca" means nothing with tls = "prefer"'),
        ("redis://h", "cert = 'a.pem'", 3, '"cert" means nothing with tls = "off"'),
        ("rediss://h", "key = 'a.pem'", 3, '"key" means nothing without "cert"'),
        ("sqlite:///a", "tls = 'require'", 3, "there is nothing to encrypt"),
        ("sqlite:///a", "password_env = 'A'", 3, "has no login"),
        ("redis://:hunter22@h", "password_env = 'A'", 3, "a second password: the URL says it already"),
        ("redis://h", "password = 'hunter22'\npassword_env = 'A'", 4, 'a second password: "password" says it already'),
        ("redis://h", "password_command = []", 3, '"password_command" is empty'),
        ("redis://h", "password_file = ''", 3, '"password_file" is empty'),
        ("amqp://h?management=http://a", "management = 'http://b'", 3, '"management" is something else in the URL'),
        ("amqp://h", "management = 1", 3, '"management" must be a text in quotes'),
        ("redis://h", "management = 'http://b'", 3, 'unknown key "management"'),
    ],
)
def test_what_contradicts_itself_is_an_error_on_its_line(
    read: Parse, url: str, more: str, line: int, words: str
) -> None:
    """Neither of the two is taken to be meant."""
    with pytest.raises(ConfigError) as caught:
        target_of(read, url, more)
    assert str(caught.value).startswith(f"parity.toml:{line}: ")
    assert words in str(caught.value)
    assert "hunter22" not in str(caught.value)


def test_files_are_looked_for_beside_the_configuration(
    read: Parse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the program is started."""
    monkeypatch.setenv("HOME", "/home/ann")
    target = target_of(read, "rediss://h", "ca = 'ca.pem'\ncert = '/etc/c.pem'\nkey = '~/k.pem'")
    assert (target.ca, target.cert, target.key) == (str(tmp_path / "ca.pem"), "/etc/c.pem", "/home/ann/k.pem")
    assert target_of(read, "postgresql://h?sslmode=verify-full&sslrootcert=root.crt").ca == str(tmp_path / "root.crt")
    assert target_of(read, "postgresql://h?sslmode=verify-full&sslrootcert=system").ca == ""


def test_three_slashes_are_a_file_beside_the_configuration_and_four_are_absolute(read: Parse, tmp_path: Path) -> None:
    """As SQLAlchemy writes them."""
    assert target_of(read, "sqlite:///var/my%20app.db").path == str(tmp_path / "var/my app.db")
    assert target_of(read, "sqlite:////var/app.db").path == "/var/app.db"
    assert target_of(read, "sqlite:///:memory:").path == ":memory:"


def test_an_option_that_is_a_url_with_a_password_is_not_shown(read: Parse) -> None:
    """The kind gets it, and the target's repr does not say it."""
    target = target_of(read, "amqp://h", "management = 'https://ann:hunter22@mq'")
    assert target.options["management"] == "https://ann:hunter22@mq"
    assert "hunter22" not in repr(target)
