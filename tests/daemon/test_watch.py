"""`parity-tui watch` on real servers: its events, its signals, its exit codes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from parity_tui.daemon.line_writer import MAX_LINES, LineWriter
from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from parity_tui.history import Sighting, history_path, open_for_reading
from tests.daemon.program import Watching, two_environments
from tests.faults.program import shell, write_config

KEYS = {
    "time", "kind", "environment", "service", "setting", "before", "after", "severity", "why", "text", "node",
    "environments", "reason", "seconds", "not_before", "id", "schema",
}  # fmt: skip


@pytest.fixture(scope="module")
def caches(servers: Servers) -> tuple[Redis, Redis]:
    """Return two equal servers; each test leaves them so."""
    return servers.valkey("9"), servers.valkey("9")


def test_changed_setting_is_an_event_and_a_drift(caches: tuple[Redis, Redis], tmp_path: Path) -> None:
    dev, _ = caches
    two_environments(tmp_path, *caches)
    with Watching(tmp_path) as watching:
        watching.begun()
        dev.do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        changed = watching.event("setting", setting="maxmemory-policy")
        new = watching.event("new", setting="maxmemory-policy")
        dev.do("CONFIG", "SET", "maxmemory-policy", "noeviction")
        resolved = watching.event("resolved", setting="maxmemory-policy")
        assert watching.end() == 143
    assert all(set(event) == KEYS and event["schema"] == 1 for event in watching.events)
    assert (changed["before"], changed["after"]) == ("noeviction", "allkeys-lru")
    assert (new["before"], new["after"], new["environment"]) == ("noeviction", "allkeys-lru", "dev")
    assert changed["why"]
    assert new["severity"] == resolved["severity"] == changed["severity"] != "info"
    assert watching.kinds(setting="maxmemory-policy") == ["setting", "new", "setting", "resolved"]


def test_outage_and_its_end_are_events(servers: Servers, tmp_path: Path) -> None:
    dev, production = servers.valkey("9"), servers.valkey("9")
    two_environments(tmp_path, dev, production)
    with Watching(tmp_path) as watching:
        watching.begun()
        dev.kill()
        failed = watching.event("failed", environment="dev")
        dev.start()
        recovered = watching.event("recovered", environment="dev")
        assert watching.end(signal.SIGINT) == 130
    assert (failed["service"], failed["severity"], failed["reason"]) == ("cache", "critical", "refused")
    assert failed["why"] == "refused the connection"
    assert recovered["seconds"] > 0
    assert watching.kinds(environment="production") == []


def test_drift_is_announced_once_across_restarts(servers: Servers, tmp_path: Path) -> None:
    dev, production = servers.valkey("9", settings={"maxmemory-policy": "allkeys-lru"}), servers.valkey("9")
    two_environments(tmp_path, dev, production)
    with Watching(tmp_path) as watching:
        watching.event("new", setting="maxmemory-policy")
        watching.end()
    with Watching(tmp_path) as watching:
        watching.begun()
        dev.do("CONFIG", "SET", "maxmemory-policy", "noeviction")
        watching.event("resolved", setting="maxmemory-policy")
        watching.end()
    assert watching.kinds(kind="new") == []
    dev.do("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
    with Watching(tmp_path) as watching:
        missed = watching.event("setting", setting="maxmemory-policy")
        watching.event("new", setting="maxmemory-policy")
        watching.end(signal.SIGKILL)
    assert (missed["before"], missed["after"]) == ("noeviction", "allkeys-lfu")


def test_hangup_reloads_and_keeps_a_valid_configuration(caches: tuple[Redis, Redis], tmp_path: Path) -> None:
    config = two_environments(tmp_path, *caches)
    valid = config.read_text()
    with Watching(tmp_path) as watching:
        watching.begun()
        config.write_text(valid.replace("baseline", "nonsense"))
        watching.send_signal(signal.SIGHUP)
        watching.until(lambda: "the previous one stays in use" in watching.words)
        assert 'unknown key "nonsense"' in watching.words
        config.write_text(valid + 'queue = "memory://"\n[environments.staging.services]\ncache = "memory://"\n')
        watching.send_signal(signal.SIGHUP)
        new = watching.event("new", setting="product")
        assert watching.end() == 143
    assert new["environment"] == "staging"
    assert "Traceback" not in watching.words


def test_second_watcher_waits_and_takes_over(caches: tuple[Redis, Redis], tmp_path: Path) -> None:
    two_environments(tmp_path, *caches)
    with Watching(tmp_path) as first, Watching(tmp_path) as second:
        first.until(lambda: "waits" in first.words + second.words)
        leader, other = (second, first) if "waits" in first.words else (first, second)
        leader.begun().end(signal.SIGKILL)
        other.begun()
        assert "this watcher asks the servers now" in other.words
        assert other.end() == 143


def test_history_names_the_watcher(
    caches: tuple[Redis, Redis], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    path = history_path([two_environments(tmp_path, *caches)])

    def watcher() -> Sighting | None:
        if (store := open_for_reading(path)) is None:
            return None
        try:
            return store.watch_status(time.time()).watcher
        finally:
            store.close()

    with Watching(tmp_path) as watching:
        watching.begun()
        assert watching.until(watcher).pid == watching.process.pid
        watching.end()
    assert watcher() is None


def test_reader_that_stalls_stalls_nothing() -> None:
    reading, writing = os.pipe()
    words, lines = list[str](), [b"x" * 99 + b"\n"] * (MAX_LINES + 5000)
    writer = LineWriter(writing, words.append, lambda error: None)
    for line in lines:
        writer.write(line)
    assert words == [f"the events are not read: more than {MAX_LINES:,} wait, and the oldest are dropped"]
    writer.close()
    os.close(reading)  # ends the thread


def test_unwritable_folder_is_a_sentence(caches: tuple[Redis, Redis], tmp_path: Path) -> None:
    dev, _ = caches
    two_environments(tmp_path, *caches)
    (tmp_path / "file").touch()
    with Watching(tmp_path, more={"XDG_STATE_HOME": str(tmp_path / "file")}) as watching:
        watching.begun()
        dev.do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        watching.event("new")
        dev.do("CONFIG", "SET", "maxmemory-policy", "noeviction")
        watching.event("resolved")
        assert watching.end() == 143
    assert watching.words.count("after a restart events may be announced twice") == 1
    assert "Traceback" not in watching.words


@pytest.mark.parametrize(
    ("text", "words", "kept"),
    [("[" * 100_000, "is damaged", False), ('{"schema": 9}', "was written by a newer parity-tui", True)],
)
def test_unusable_state_is_a_sentence(text: str, words: str, kept: bool, tmp_path: Path) -> None:
    write_config(tmp_path, DRIFT)
    with Watching(tmp_path) as watching:
        watching.event("failed")
        watching.end()
    (file,) = tmp_path.rglob("*.watch.json")
    file.write_text(text)
    with Watching(tmp_path) as watching:
        watching.event("failed")
        assert watching.end() == 143
    assert f"{words}: what stands is announced once more" in watching.words
    assert (file.read_text() == text) is kept


def test_gone_reader_ends_the_watcher(tmp_path: Path) -> None:
    write_config(tmp_path, DRIFT)
    code, _, error = shell("$P watch --interval 100ms | true; exit ${PIPESTATUS[0]}", tmp_path)
    assert (code, "Traceback" in error) == (141, False)


def test_full_disk_is_a_sentence(tmp_path: Path) -> None:
    write_config(tmp_path, DRIFT)
    code, _, error = shell("$P watch --interval 100ms >/dev/full", tmp_path)
    assert code == 74
    assert error.endswith("cannot write: no space left on device\n")


def test_watcher_never_imports_the_screen(tmp_path: Path) -> None:
    write_config(tmp_path, DRIFT)
    with Watching(tmp_path, more={"PYTHONPROFILEIMPORTTIME": "1"}) as watching:
        watching.event("failed")
        watching.end()
    modules = {line.rpartition("|")[2].strip().partition(".")[0] for line in watching.words.splitlines()}
    assert "msgspec" in modules
    assert modules.isdisjoint({"textual", "rich"})


DRIFT = """\
[environments.dev.services]
cache = "memory://"
[environments.production.services]
cache = "redis://127.0.0.1:1"
"""
"""two environments that differ"""
