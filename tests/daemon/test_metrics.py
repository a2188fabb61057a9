"""`watch --metrics` and `--listen`: counts by environment and service, for Prometheus."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse

from parity_tui.demo.process import free_port
from parity_tui.demo.servers import Servers
from tests.daemon.program import Watching, two_environments
from tests.faults.program import CONFIG, finish, start, write_config

Series = dict[tuple[str, ...], float]
"""metric and labels -> value"""
NO_EXTRA = "import sys; sys.modules['prometheus_client'] = None"


def series(text: str, *, openmetrics: bool = False) -> Series:
    families = parse_open(text) if openmetrics else parse(text)  # type: ignore[no-untyped-call]
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value for family in families for sample in family.samples
    }


def scraped(port: int, accept: str = "", path: str = "/metrics") -> str:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return str(reply.read().decode())


def test_metrics_count_by_environment_and_service(servers: Servers, tmp_path: Path) -> None:
    dev = servers.valkey("9", settings={"maxmemory-policy": "allkeys-lru", "slowlog-max-len": "129"})
    production = servers.valkey("9")
    two_environments(tmp_path, dev, production)
    file, port = tmp_path / "parity.prom", free_port()
    before = time.time()
    with Watching(tmp_path, "--metrics", str(file), "--listen", str(port)) as watching:
        watching.begun()
        watching.until(lambda: "parity_drift" in file.read_text())
        found = series(file.read_text())
        production.kill()
        watching.event("failed")
        later = series(scraped(port))
        same = series(scraped(port, "application/openmetrics-text;version=1.0.0"), openmetrics=True)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            scraped(port, path="/")
        watching.end()
    assert found["parity_drift", "cache", "critical", "dev"] == 1
    assert found["parity_drift", "cache", "dev", "info"] == 1
    assert found["parity_drift", "cache", "critical", "production"] == 0
    assert found["parity_failed", "cache", "production"] == 0
    assert found["parity_environment_grade", "dev"] == found["parity_service_grade", "cache", "dev"] == 2
    assert 0 <= found["parity_reading_age_seconds", "cache", "dev"] < time.time() - before
    assert found["parity_watch_leading",] == 1
    assert len(found) == 2 + 2 * (3 + 1 + 1 + 1 + 1) + 2
    assert later["parity_failed", "cache", "production"] == 1
    assert later.keys() == same.keys()
    assert file.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.glob("*.prom*")] == ["parity.prom"]


def test_slow_scrapers_stall_nothing(servers: Servers, tmp_path: Path) -> None:
    dev, production = servers.valkey("9"), servers.valkey("9")
    two_environments(tmp_path, dev, production)
    port = free_port()
    with Watching(tmp_path, "--listen", f"127.0.0.1:{port}") as watching, ExitStack() as stack:
        watching.begun()
        for data in [b"GET /metrics HTTP/1.1\r\nHost: h\r\nX-Slow: ", b"", b"\x00\xff" * 5000, b"a" * 20_000] * 10:
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            slow.setblocking(False)
            slow.send(data[:4096] if data else b"")
        assert "parity_drift" in scraped(port)
        dev.do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        watching.event("new")
        assert watching.end() == 143
    assert "Traceback" not in watching.words


@pytest.mark.parametrize(
    ("options", "script", "words"),
    [
        (("--listen", "nowhere"), "", "--listen nowhere: must be a port, or HOST:PORT, such as 127.0.0.1:9187"),
        (("--listen", "9187"), NO_EXTRA, "--listen needs a package: pip install 'parity-tui[metrics]'"),
        (("--listen", "{used}"), "", "cannot listen on 127.0.0.1:{used}: address already in use"),
        (("--metrics", "no/such/file"), "", "--metrics no/such/file: must be a file in a folder that exists"),
    ],
)
def test_wrong_option_ends_with_a_sentence(options: tuple[str, str], script: str, words: str, tmp_path: Path) -> None:
    write_config(tmp_path, CONFIG)
    with socket.create_server(("127.0.0.1", 0)) as other:
        used = other.getsockname()[1]
        arguments = [option.format(used=used) for option in options]
        code, _, error = finish(start("watch", *arguments, folder=tmp_path, script=script))
    assert (code, error) == (2, f"{words.format(used=used)}\n")


def test_metrics_file_needs_no_extra(tmp_path: Path) -> None:
    write_config(tmp_path, CONFIG)
    process = start("watch", "--metrics", "m.prom", folder=tmp_path, script=NO_EXTRA)
    limit = time.monotonic() + 60
    while not (tmp_path / "m.prom").exists() and time.monotonic() < limit:
        time.sleep(0.02)
    process.terminate()
    assert finish(process)[0] == 143
    assert "parity_build_info" in (tmp_path / "m.prom").read_text()
