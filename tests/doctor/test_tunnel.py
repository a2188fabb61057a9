"""The doctor's route through a tunnel program."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping

from msgspec.structs import replace

from parity_tui.demo.redis import Redis
from parity_tui.model import Tunnel
from tests.conftest import missing
from tests.doctor.builders import diagnose_one, failed_step, states, target_at


async def test_route_is_told_with_the_words_of_its_program(valkey_servers: Mapping[str, Redis]) -> None:
    if not shutil.which("socat"):
        missing("socat is not installed here")
    script = 'echo "Opening tunnel 7"; exec "$@"'
    argv = ("sh", "-c", script, "sh", "socat", "UNIX-LISTEN:{socket},fork", "TCP:{host}:{target_port}")
    target = replace(target_at("redis", valkey_servers["9"].port), tunnel=Tunnel(argv, "/"))
    diagnosis, steps = await diagnose_one(target)
    assert diagnosis.state == "ok"
    assert states(steps) == {"route": "ok", "TCP": "ok", "TLS": "skipped", "login": "ok", "rights": "ok"}
    assert steps["route"].words.startswith("tunnel sh listens at /")
    assert steps["route"].words.endswith('/s; it prints "Opening tunnel 7"')
    assert steps["TCP"].words == f"tunnel sh accepts the connection to 127.0.0.1:{target.port}"


async def test_failing_program_is_a_failing_route() -> None:
    argv = (sys.executable, "-c", "raise SystemExit('no credentials')", "{port}")
    diagnosis, steps = await diagnose_one(replace(target_at("redis", 1), tunnel=Tunnel(argv, "/")))
    assert failed_step(diagnosis).name == "route"
    assert steps["route"].words.endswith(': ended with exit code 1: "no credentials"')
    assert steps["TCP"].words == "not tried"


async def test_missing_folder_is_told() -> None:
    _, steps = await diagnose_one(replace(target_at("redis", 1), tunnel=Tunnel(("sh", "{port}"), "/no/such")))
    assert steps["route"].words == "via tunnel sh: cannot be started: No such file or directory"
