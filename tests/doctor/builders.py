"""Targets on this machine, and their diagnoses."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from parity_tui.doctor import Diagnosis, Step, StepState, examine
from parity_tui.drift.policy import Policy
from parity_tui.model import Target
from parity_tui.secrets import Secret
from parity_tui.services import kinds

PASSWORD = "sw0rd-of-fish"


def target_at(kind: str, port: int, user: str = "", password: str = "", **more: Any) -> Target:
    """Return a target on this machine."""
    scheme = more.pop("scheme", kind)
    login = (lambda: Secret(password)) if password else None
    return Target("dev", "it", kind, scheme, more.pop("host", "127.0.0.1"), port, user=user, password=login, **more)


async def diagnose_all(*targets: Target, timeout: float = 20, policy: Policy | None = None) -> list[Diagnosis]:
    numbered = [replace(target, service=f"{target.service}{number}") for number, target in enumerate(targets)]
    diagnoses = examine(numbered, kinds(), policy or Policy(), timeout)
    async with asyncio.timeout(60):
        return [diagnosis async for diagnosis in diagnoses]


async def diagnose_one(target: Target, timeout: float = 20) -> tuple[Diagnosis, dict[str, Step]]:
    """Return the diagnosis of a target, and its steps by name."""
    (diagnosis,) = await diagnose_all(target, timeout=timeout)
    return diagnosis, {step.name: step for step in diagnosis.steps}


def states(steps: Mapping[str, Step]) -> dict[str, str]:
    return {name: step.state for name, step in steps.items()}


def failed_step(diagnosis: Diagnosis) -> Step:
    (step,) = [step for step in diagnosis.steps if step.state is StepState.FAILED]
    return step


def doctor(folder: Path, services: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """Run `parity-tui doctor` with these URLs by service."""
    lines = [f"{name} = {json.dumps(url)}" for name, url in services.items()]
    (folder / "parity.toml").write_text("\n".join(["[environments.dev.services]", *lines]))
    (folder / "parity.toml").chmod(0o600)
    return subprocess.run(
        [sys.executable, "-m", "parity_tui", "doctor", "--timeout", "20s", *options],
        cwd=folder, env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(Path.cwd())},
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
