"""[notify]: a command and a webhook get each event once, whatever happens to them or to the watcher."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from parity_tui.config import ConfigError, parse
from parity_tui.daemon.event import event
from parity_tui.daemon.outbox import SinkError
from parity_tui.daemon.sinks import CommandSink
from parity_tui.demo.process import free_port
from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from tests.authority import Authority
from tests.daemon.program import Watching, two_environments
from tests.daemon.receiver import Receiver
from tests.faults.program import finish, start, write_config
from tests.live import gone

SCRIPT = """\
#!/bin/sh
[ ! -e "$0.down" ] || { echo trying; echo "no such channel" >&2; exit 1; }
cat >>"$0.events"
"""
DRIFT = """\
[environments.dev.services]
cache = "memory://"
[environments.production.services]
cache = "redis://127.0.0.1:1"
"""
"""two environments, of which one fails"""


class Command:
    """A program that keeps the events it gets, unless it is down."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "tell"
        self.path.write_text(SCRIPT)
        self.path.chmod(0o755)
        self._down = folder / "tell.down"
        self._events = folder / "tell.events"

    def down(self, on: bool) -> None:
        if on:
            self._down.touch()
        else:
            self._down.unlink()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._events.read_text().splitlines()] if self._events.exists() else []

    def settings(self) -> list[tuple[str, str]]:
        return [(event["kind"], event["setting"]) for event in self.events()]


@pytest.fixture(scope="module")
def caches(servers: Servers) -> tuple[Redis, Redis]:
    """Return two equal servers; each test leaves them so."""
    return servers.valkey("9"), servers.valkey("9")


def test_command_that_was_down_gets_events_once(caches: tuple[Redis, Redis], tmp_path: Path) -> None:
    dev, _ = caches
    command = Command(tmp_path)
    config = two_environments(tmp_path, *caches)
    config.write_text(config.read_text() + '[notify]\ncommand = ["./tell"]\n')
    command.down(True)
    options = ("--config", str(config))
    with Watching(tmp_path, *options) as watching:
        watching.begun()
        dev.do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        watching.until(lambda: "no such channel" in watching.words)
        watching.end()
    assert "tell: ended with 1: no such channel; its events are kept, and sent once it works" in watching.words
    assert watching.words.count("no such channel") == 1
    with Watching(tmp_path, *options) as watching:
        watching.until(lambda: "no such channel" in watching.words)
        dev.do("CONFIG", "SET", "maxmemory-policy", "noeviction")
        watching.event("resolved")
        command.down(False)
        watching.until(lambda: len(command.events()) == 2)
        assert "works again: no event is lost" in watching.until(lambda: watching.words)
        watching.end()
    with Watching(tmp_path, *options) as watching:
        watching.begun().end()
    assert command.settings() == [("new", "maxmemory-policy"), ("resolved", "maxmemory-policy")]
    assert len({event["id"] for event in command.events()}) == 2


def test_killed_watcher_loses_no_event(caches: tuple[Redis, Redis], tmp_path: Path) -> None:
    dev, _ = caches
    command = Command(tmp_path)
    config = two_environments(tmp_path, *caches)
    config.write_text(config.read_text() + '[notify]\ncommand = ["./tell"]\n')
    command.down(True)
    with Watching(tmp_path, "--config", str(config)) as watching:
        watching.begun()
        dev.do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        watching.event("new")
        watching.until(lambda: "no such channel" in watching.words)
        watching.end(signal.SIGKILL)
    dev.do("CONFIG", "SET", "maxmemory-policy", "noeviction")
    command.down(False)
    with Watching(tmp_path, "--config", str(config)) as watching:
        watching.until(lambda: len(command.events()) == 2)
        watching.end()
    assert command.settings() == [("new", "maxmemory-policy"), ("resolved", "maxmemory-policy")]


def test_webhook_gets_events_of_the_severity(caches: tuple[Redis, Redis], tmp_path: Path) -> None:
    dev, _ = caches
    config = two_environments(tmp_path, *caches)
    port = free_port()
    config.write_text(
        config.read_text() + f'[notify]\nwebhook = "http://127.0.0.1:{port}/${{TOKEN}}?a=b"\nmin_severity = "warning"\n'
    )
    with Watching(tmp_path, "--config", str(config), more={"TOKEN": "to-ken-4711"}) as watching:
        watching.begun()
        dev.do("CONFIG", "SET", "slowlog-max-len", "129")
        watching.event("new", setting="slowlog-max-len", severity="info")
        dev.do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        watching.until(lambda: f"127.0.0.1:{port} refused the connection" in watching.words)
        with Receiver(port) as receiver:
            watching.until(lambda: receiver.accepted)
            receiver.status = 400
            dev.do("CONFIG", "SET", "maxmemory-policy", "noeviction")
            watching.until(lambda: "answered 400; its events are dropped" in watching.words)
        dev.do("CONFIG", "SET", "slowlog-max-len", "128")
        watching.event("resolved", setting="slowlog-max-len")
        watching.end()
    assert [(event["kind"], event["severity"]) for event in receiver.accepted] == [("new", "critical")]
    assert [event["kind"] for event in receiver.refused] == ["resolved"]
    assert receiver.paths == {"/to-ken-4711?a=b"}
    assert "to-ken-4711" not in watching.words


def test_webhook_with_another_certificate_gets_nothing(authority: Authority, tmp_path: Path) -> None:
    with Receiver(certificate=authority.path("own")) as other, Receiver(certificate=authority.path("valid")) as good:
        for receiver in (other, good):
            folder = tmp_path / str(receiver.port)
            folder.mkdir()
            text = f'{DRIFT}[notify]\nwebhook = "https://127.0.0.1:{receiver.port}/"\n'
            config = str(write_config(folder, text))
            with Watching(folder, "--config", config, more={"SSL_CERT_FILE": authority.path("ca")}) as watching:
                if receiver is good:
                    watching.until(lambda: good.accepted)
                else:
                    watching.until(lambda: "is not accepted" in watching.words)
                watching.end()
    assert [event["kind"] for event in good.accepted] == ["failed"]
    assert other.accepted == []


async def test_failing_commands_are_sentences(tmp_path: Path) -> None:
    slow, silent = Command(tmp_path), tmp_path / "silent"
    slow.path.write_text(f"#!/bin/sh\nexec 0<&-\nsleep 60 & echo $! >{tmp_path}/pid\nwait\n")
    silent.write_text("#!/bin/sh\nexec kill -9 $$\n")
    silent.chmod(0o755)
    for argv, words in (
        ([str(slow.path)], "has not ended within 1 s and was killed"),
        ([str(silent)], "ended with 137"),
        (["no-such-program"], "the command no-such-program is not installed here"),
    ):
        with pytest.raises(SinkError, match=words):
            await CommandSink(argv, 1.0).send(event(0, "new", ["dev"], "cache"))
    assert gone(tmp_path / "none", [int((tmp_path / "pid").read_text())])


async def test_command_may_leave_a_child_behind(tmp_path: Path) -> None:
    command = Command(tmp_path)
    command.path.write_text('#!/bin/sh\ncat >>"$0.events"\nsleep 2 &\n')
    await CommandSink([str(command.path)], 60.0).send(event(0, "new", ["dev"], "cache"))
    assert len(command.events()) == 1


async def test_talkative_command_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="it prints more than 1,048,576 bytes"):
        await CommandSink(["cat", "/dev/zero"], 60.0).send(event(0, "new", ["dev"], "cache"))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("command = 'tell'", "notify.command must be a list in brackets, each value a text in quotes, not a text"),
        ("webhok = 'https://h'", 'unknown key "webhok" in notify; did you mean "webhook"?'),
        ("webhook = 'hooks.example/x'", "notify.webhook must be a URL such as https://hooks.example/parity"),
        (
            "command = ['tell']\nmin_severity = 'wrning'",
            'notify.min_severity cannot be "wrning"; did you mean "warning"?',
        ),
        ("min_severity = 'info'", 'notify has neither "command" nor "webhook": nothing is sent'),
    ],
)
def test_mistakes_in_the_table_are_sentences(lines: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(f"{DRIFT}[notify]\n{lines}\n", "parity.toml", {}, Path("/"))
    assert words in str(error.value)


def test_unset_variable_stops_only_the_watcher(tmp_path: Path) -> None:
    text = f'{DRIFT}[notify]\nwebhook = "https://h/${{HOOK_TOKEN}}"\n'
    write_config(tmp_path, text)
    code, _, error = finish(start("watch", "--config", "parity.toml", folder=tmp_path))
    assert (code, error) == (2, "parity.toml: notify: the variable HOOK_TOKEN is not set\n")
    assert finish(start("check", "--config", "parity.toml", folder=tmp_path))[0] == 3


def test_file_never_allowed_sends_nothing(tmp_path: Path) -> None:
    command = Command(tmp_path)
    text = f'{DRIFT}[notify]\ncommand = ["./tell"]\nwebhook = "https://hooks.example/${{HOOK_TOKEN}}"\n'
    write_config(tmp_path, text)
    with Watching(tmp_path, more={"HOOK_TOKEN": "to-ken-4711"}) as watching:
        watching.event("failed")
        watching.end()
    assert command.events() == []
    assert "so a watcher sends no events; it would run ./tell for events, " in watching.words
    assert "send events and the variable HOOK_TOKEN to hooks.example; if you trust it" in watching.words
    assert "to-ken-4711" not in watching.words
