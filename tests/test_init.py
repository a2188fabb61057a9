"""`parity-tui init`: a parity.toml out of what there is already, and never a password in it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parity_tui import config, init
from parity_tui.config import Config, ConfigError
from parity_tui.init import EnvironmentDraft, ServiceDraft, compose, render
from parity_tui.init.questions import Questions
from parity_tui.model import Target

from .test_architecture import imported
from .ui.terminal import opened

COMPOSE = """\
x-login: &login
  POSTGRES_PASSWORD: swordfish1
services:
  db:
    image: postgres:16.4
    environment:
      <<: *login
      POSTGRES_USER: app
    ports: ["127.0.0.1:5433:5432"]
  redis:
    image: docker.io/library/redis:7@sha256:00
    command: [redis-server, --requirepass, hunter22]
    ports:
      - target: 6379
        published: ${REDIS_PORT:-6380}
  mq:
    image: rabbitmq:4-management
    ports: [5672:5672, 15672:15672]
  sessions:
    image: memcached:1.6
  metrics:
    image: oliver006/redis_exporter
    ports: ["9121:9121"]
  app:
    environment:
      - DATABASE_URL=postgresql+asyncpg://app:swordfish1@db:5432/shop
      - SENTRY_DSN=https://abcdef0123@sentry.example/1
"""

SECRETS = ("swordfish", "hunter22", "p@ss", "p%40ss", "abcdef0123")


def run(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `parity-tui init` in a folder, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "parity_tui", "init", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def read(words: str, folder: Path, **environ: str) -> Config:
    """Read a written text as a configuration."""
    return config.parse(words, "parity.toml", environ, folder)


def described(folder: Path, words: str) -> EnvironmentDraft:
    """Return what is made of a compose file."""
    file = folder / "docker-compose.yml"
    file.write_text(words)
    return compose.read(file, "dev")


def urls(deploy: EnvironmentDraft, folder: Path) -> dict[str, str]:
    """Return the URL of every service that is written."""
    lines = render.text([deploy], folder).splitlines()
    names = [line.partition("]")[0].rpartition(".")[2] for line in lines if line.startswith("[environments")]
    return dict(zip(names, [line[7:-1] for line in lines if line.startswith("url = ")], strict=True))


def test_dotenv_files_become_a_configuration_without_their_passwords(tmp_path: Path) -> None:
    """Everything else of a URL is kept; production is the baseline; only the owner may read it."""
    (tmp_path / ".env.dev").write_text("DATABASE_URL=sqlite:///var/app.db\nREDIS_URL=redis://:hunter22@localhost/2\n")
    (tmp_path / ".env.production").write_text(
        "DATABASE_URL=postgresql://parity:p%40ss@db.prod/app?sslmode=require\nREDIS_URL=rediss://cache.prod\n"
        "QUEUE_URL=amqps://parity:swordfish@mq/%2F?management=https://mq:15671\nSENTRY_DSN=https://abcdef0123@s.example/1\n"
    )
    result = run("--env-file", "dev=.env.dev", "--env-file", "production=.env.production", folder=tmp_path)
    assert (result.returncode, result.stdout) == (0, "")
    file = tmp_path / "parity.toml"
    words = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert not [secret for secret in SECRETS if secret in words + result.stderr]
    variables = ["DEV_REDIS_PASSWORD", "PRODUCTION_DATABASE_PASSWORD", "PRODUCTION_QUEUE_PASSWORD"]
    assert all(f"    {name}" in result.stderr and f"#     {name}" in words for name in variables)
    found = read(words, tmp_path, PRODUCTION_QUEUE_PASSWORD="from the variable")
    assert found.baseline == "production"
    assert [(t.environment, t.service, t.address, t.path, t.user, t.tls) for t in found.targets] == [
        ("dev", "database", str(tmp_path / "var/app.db"), str(tmp_path / "var/app.db"), "", "off"),
        ("dev", "redis", "localhost:6379", "2", "", "off"),
        ("production", "database", "db.prod:5432", "app", "parity", "require"),
        ("production", "redis", "cache.prod:6379", "", "", "verify-full"),
        ("production", "queue", "mq:5671", "/", "parity", "verify-full"),
    ]
    queue = found.targets[-1]
    assert queue.options == {"management": "https://mq:15671"}
    password = queue.password and queue.password()
    assert password
    assert password.reveal() == "from the variable"


def test_a_compose_file_becomes_an_environment(tmp_path: Path) -> None:
    """Images say what it is, ports where, the app's own URL how the role is called; what is hidden is said."""
    (tmp_path / "docker-compose.yml").write_text(COMPOSE)
    result = run("--compose", "docker-compose.yml", "local", "-o", "-", folder=tmp_path)
    assert result.returncode == 0
    assert not [secret for secret in SECRETS if secret in result.stdout + result.stderr]
    found = read(result.stdout, tmp_path)
    assert [(t.environment, t.service, t.kind, t.address, t.path, t.user) for t in found.targets] == [
        ("local", "database", "postgres", "127.0.0.1:5433", "shop", "app"),
        ("local", "redis", "redis", "localhost:6380", "", ""),
        ("local", "mq", "rabbitmq", "localhost:5672", "", "guest"),
    ]
    assert found.targets[2].options == {"management": "http://localhost:15672"}
    assert all(target.password for target in found.targets)
    assert "services.database]   # postgres:16.4\n" in result.stdout
    assert "left out of local: sessions: memcached:1.6 publishes no port on this machine" in result.stderr
    assert "LOCAL_REDIS_PASSWORD   (the command of redis)" in result.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "docker-compose.yml"]


@pytest.mark.parametrize(
    ("port", "place"),
    [
        ('"5433:5432"', "localhost:5433"),
        ('"0.0.0.0:5433:5432/tcp"', "localhost:5433"),
        ('"[::1]:5433:5432"', "[::1]:5433"),
        ("{target: 5432, published: 5433, host_ip: 10.0.0.1}", "10.0.0.1:5433"),
        ('"${BIND:-127.0.0.9}:${PORT}:5432"', "127.0.0.9:7777"),
        ('"5432"', ""),
        ('"5433-5435:5432-5434"', ""),
        ("!reset null", ""),
    ],
)
def test_the_port_on_this_machine_is_read_as_docker_does(port: str, place: str, tmp_path: Path) -> None:
    """A port of Docker's own choice is none to write down."""
    (tmp_path / ".env").write_text("PORT=7777\n")
    found = described(tmp_path, f"services: {{db: {{image: postgres, ports: [{port}]}}}}")
    assert urls(found, tmp_path) == ({"db": f"postgresql://postgres@{place}/postgres"} if place else {})
    assert bool(found.left_out) == (not place)


def test_plain_words_of_yaml_are_texts(tmp_path: Path) -> None:
    """A database that is called "on", a user that is called "007"."""
    variables = "{POSTGRES_DB: on, POSTGRES_USER: 007}"
    found = described(tmp_path, f"services: {{db: {{image: postgres, ports: ['1:5432'], environment: {variables}}}}}")
    assert urls(found, tmp_path) == {"db": "postgresql://007@localhost:1/on"}


def test_a_second_app_with_another_database_is_told_apart_by_its_name(tmp_path: Path) -> None:
    """The same one again is one."""
    same, other = "redis://:hunter22@cache.example/1", "redis://other.example/1"
    found = described(
        tmp_path,
        f"services: {{web: {{environment: {{CACHE_URL: '{same}'}}}}, api: {{environment: ['CACHE_URL={same}']}}, "
        f"jobs: {{environment: {{CACHE_URL: '{other}'}}}}}}",
    )
    assert urls(found, tmp_path) == {
        "cache": "redis://cache.example:6379/1",
        "jobs_cache": "redis://other.example:6379/1",
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("services: [", "docker-compose.yml:1: this is no YAML"),
        ("a: 1", "there are no services in it"),
        ("services: 7", "there are no services in it"),
        ("\x00", "this is no YAML"),
        ("[" * 5000, "docker-compose.yml: nested too deeply"),
    ],
)
def test_what_is_no_compose_file_is_said(words: str, said: str, tmp_path: Path) -> None:
    """In a sentence."""
    with pytest.raises(ConfigError) as caught:
        described(tmp_path, words)
    assert said in str(caught.value)


def test_objects_are_not_made_of_a_compose_file(tmp_path: Path) -> None:
    """YAML can ask for anything to be run."""
    with pytest.raises(ConfigError, match="this is no YAML"):
        described(tmp_path, f"services: {{a: {{image: !!python/object/apply:os.mkdir ['{tmp_path}/made']}}}}")
    assert not (tmp_path / "made").exists()


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    """Not even one that a link leads to nowhere: exit 2, with words."""
    (tmp_path / ".env").write_text("CACHE_URL=redis://a\n")
    (tmp_path / "parity.toml").write_text("mine")
    (tmp_path / "link.toml").symlink_to(tmp_path / "elsewhere")
    for name in ("parity.toml", "link.toml"):
        result = run("--env-file", "dev=.env", "-o", name, folder=tmp_path)
        assert result.returncode == 2
        assert f"{name} is there already and is left as it is" in result.stderr
    assert (tmp_path / "parity.toml").read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_that_appears_meanwhile_is_not_overwritten_either(tmp_path: Path) -> None:
    """Writing looks once more, in the same moment."""
    file = tmp_path / "parity.toml"
    init.free(file)
    file.write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        init.save(file, "ours")
    assert file.read_text() == "mine"


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """Half a configuration would be found by the next start."""
    file = tmp_path / "parity.toml"
    with pytest.raises(UnicodeEncodeError):
        init.save(file, "\ud800")
    assert not file.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "init needs --env-file NAME=FILE, --compose FILE, or a terminal to ask at"),
        (("--compose", "a", "b", "c"), "--compose is FILE or FILE NAME"),
        (("--compose", "nowhere.yml"), "nowhere.yml: cannot be read: No such file"),
        (("--env-file", "dev=.env", "--compose", ".env"), 'the environment "dev" has two files'),
        (("--env-file", "dev=.env"), "no service was found"),
        (("--env-file", "dev=good", "-o", "no/where.toml"), "no/where.toml cannot be written"),
    ],
)
def test_wrong_usage_is_said_and_nothing_is_written(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    """Exit 2."""
    (tmp_path / ".env").write_text("CACHE_URL=redis://${NOPE}\n")
    (tmp_path / "good").write_text("CACHE_URL=redis://a\n")
    result = run(*arguments, folder=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "parity.toml").exists()


def test_a_variable_that_is_not_set_leaves_its_service_out_and_says_so(tmp_path: Path) -> None:
    """The others are written."""
    (tmp_path / ".env").write_text("CACHE_URL=redis://${NOPE}\nQUEUE_URL=amqp://a\n")
    result = run("--env-file", "dev=.env", "-o", "-", folder=tmp_path)
    assert "# left out: cache: the variable NOPE is not set" in result.stdout
    assert [target.service for target in read(result.stdout, tmp_path).targets] == ["queue"]


def asked(folder: Path, *answers: str) -> tuple[list[EnvironmentDraft], str]:
    """Return what comes of answers, and what was on the screen."""
    screen = StringIO()
    return Questions(folder, StringIO("".join(f"{answer}\n" for answer in answers)), screen).ask(), screen.getvalue()


def test_what_cannot_be_understood_is_asked_again(tmp_path: Path) -> None:
    """With the reason, and without what was typed."""
    deploys, screen = asked(tmp_path, "dev", "redos://:hunter22@a", "redis://a", "redis://b", "other = redis://b", "")
    assert [role.target.service for role in deploys[0].roles] == ["cache", "other"]
    assert 'unknown scheme "redos"; did you mean "redis"?' in screen
    assert "dev has a cache already: write NAME=URL" in screen
    assert "hunter22" not in screen


def test_the_end_of_the_input_is_an_empty_answer(tmp_path: Path) -> None:
    """Nothing is asked for ever."""
    deploys, _ = asked(tmp_path)
    assert [(deploy.name, deploy.roles) for deploy in deploys] == [("dev", ()), ("production", ())]


def test_questions_at_a_terminal_end_in_a_configuration(tmp_path: Path) -> None:
    """A person answers; the password that was typed is dropped, and its variable is named."""
    file = tmp_path / "parity.toml"
    with opened("init", "-o", str(file), module="parity_tui") as terminal:
        terminal.see("Your environments, in order [dev production]:")
        terminal.type("dev, live\n")
        terminal.see("dev: ")
        terminal.type("memory://\n")
        terminal.see("cache: memory at memory")
        terminal.type("\n")
        terminal.see("live: ")
        terminal.type("cache=redis://:hunter22@cache.live\n")
        terminal.see("(the password in it is not kept)")
        terminal.type("\n")
        terminal.see("LIVE_CACHE_PASSWORD")
        assert terminal.end() == 0
    words = file.read_text()
    assert "hunter22" not in words
    found = read(words, tmp_path)
    assert [(t.environment, t.service, t.kind) for t in found.targets] == [
        ("dev", "cache", "memory"),
        ("live", "cache", "redis"),
    ]
    assert found.baseline == "live"


@pytest.mark.parametrize("key", ["\x03", "signal"])
def test_ctrl_c_leaves_nothing_behind(key: str, tmp_path: Path) -> None:
    """No file, no half sentence of Python's."""
    file = tmp_path / "parity.toml"
    with opened("init", "-o", str(file), module="parity_tui") as terminal:
        terminal.type("dev\n")
        terminal.see("dev: ")
        terminal.type("redis://a\n")
        terminal.see("cache: redis at a:6379")
        if key == "signal":
            terminal.process.send_signal(signal.SIGINT)
        else:
            terminal.type(key)
        assert terminal.end() == 130
        assert not any("Traceback" in line for line in terminal.shown)
    assert list(tmp_path.iterdir()) == []


NAMES = st.from_regex(r"\w[\w .-]{0,8}\w", fullmatch=True)
WORDS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12)


@example("dev", "mq", "$", "$$", "${A} $$ \x7f", "#", True)
@given(name=NAMES, service=NAMES, user=WORDS, path=WORDS, option=WORDS, origin=WORDS, secret=st.booleans())
def test_whatever_is_written_is_read_as_the_same(
    name: str, service: str, user: str, path: str, option: str, origin: str, secret: bool
) -> None:
    """Names, users and databases with every sign there is; a dollar is a dollar, a remark is a remark."""
    folder = Path("/srv")
    target = Target(
        name, service, "rabbitmq", "amqp", "h", 5672, path, user, options={"management": option} if option else {}
    )
    words = render.text(
        [EnvironmentDraft(name, origin, (ServiceDraft(target, secret, origin, origin),), (origin,))], folder
    )
    (found,) = read(words, folder).targets
    assert [getattr(found, key) for key in ("environment", "service", "user", "path", "options", "tls")] == [
        getattr(target, key) for key in ("environment", "service", "user", "path", "options", "tls")
    ]
    assert bool(found.password) == secret


def test_a_password_in_an_option_becomes_a_variable(tmp_path: Path) -> None:
    """It is filled in when the configuration is read."""
    target = Target("dev", "mq", "rabbitmq", "amqp", "h", 5672, options={"management": "http://ann$:hunter22@h:15672"})
    words = render.text([EnvironmentDraft("dev", roles=(ServiceDraft(target),))], tmp_path)
    assert "hunter22" not in words
    (found,) = read(words, tmp_path, DEV_MQ_PASSWORD="other").targets
    assert str(found.options["management"]) == "http://ann$:other@h:15672"


def test_two_names_that_would_have_the_same_variable_have_two(tmp_path: Path) -> None:
    """A hyphen and a blank are the same to a shell."""
    targets = [Target("dev", name, "redis", "redis", "h", 6379) for name in ("a-b", "a b")]
    assert list(
        render.variables([EnvironmentDraft("dev", roles=tuple(ServiceDraft(target, True) for target in targets))])
    ) == [
        "DEV_A_B_PASSWORD",
        "DEV_A_B_PASSWORD_2",
    ]


@pytest.mark.parametrize("file", ["app.db", "sub/app.db", "~odd.db", "/elsewhere/app.db"])
def test_files_are_written_as_seen_from_the_configuration(file: str, tmp_path: Path) -> None:
    """Beneath its folder relative, else whole; a tilde in a name is none of the shell's."""
    target = Target("dev", "db", "sqlite", "sqlite", path=str(tmp_path / file))
    words = render.text([EnvironmentDraft("dev", roles=(ServiceDraft(target),))], tmp_path)
    assert (str(tmp_path) in words) == (file == "~odd.db")
    assert read(words, tmp_path).targets[0].path == target.path


def test_init_needs_neither_the_board_nor_a_driver(tmp_path: Path) -> None:
    """Nor a reader of YAML where there is no compose file."""
    (tmp_path / ".env").write_text("CACHE_URL=redis://a\n")
    modules = imported("init", "--env-file", f"dev={tmp_path / '.env'}", "-o", str(tmp_path / "new.toml"))
    assert modules.isdisjoint({"textual", "rich", "asyncpg", "redis", "aio_pika", "yaml"})
