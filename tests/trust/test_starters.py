"""Everything that starts a program is known here, and needs the user's consent."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from parity_tui import config
from parity_tui.config.parity_toml import EnvironmentTable, FileTable
from parity_tui.config.targets import ServiceEntry
from parity_tui.config.trust.restriction import needs_consent, restricted
from parity_tui.model import Output, Reason, Service, ServiceError, Target
from parity_tui.services import kinds
from parity_tui.transport.command import WAYS
from parity_tui.transport.dialer import NetworkDialer
from tests.faults.program import ROOT

TUNNEL = '["socat", "UNIX-LISTEN:{socket}", "TCP:{host}:1"]'
SOCAT = "run socat 'UNIX-LISTEN:{socket}' 'TCP:{host}:1'"
ENTRY = '[environments.dev.services]\na = "redis://db"\n'

STARTS = {
    "repository": (f'repository = "/srv/shop"\n{ENTRY}', "run git in /srv/shop"),
    "notify": (f'[notify]\ncommand = ["tell", "ops"]\n{ENTRY}', "run tell ops for events"),
    "environments.ssh": (f'[environments.dev]\nssh = "bastion"\n{ENTRY}', "log in to bastion with ssh"),
    "environments.kube": (
        '[environments.dev]\nkube = "prod/shop"\n[environments.dev.services]\na = "redis://svc/db"\n',
        "run kubectl with the context prod",
    ),
    "environments.tunnel": (f"[environments.dev]\ntunnel = {TUNNEL}\n{ENTRY}", SOCAT),
    "services.tunnel": (f'[environments.dev.services]\na = {{ url = "redis://db", tunnel = {TUNNEL} }}', SOCAT),
    "history": (f'history = "postgresql://ann@hub"\n{ENTRY}', "send the history to hub:5432"),
    "services.password_command": (
        '[environments.dev.services]\na = { url = "redis://db", password_command = ["pass", "show"] }',
        "run pass show",
    ),
}
"""key -> a parity.toml with it, and its need"""

STARTS_NONE = {
    "baseline", "interval", "timeout", "migrations_age", "eol_data", "environments", "expect", "severity",
    "history", "history_keep",
    "environments.services", "environments.color", "services.url", "services.password", "services.password_env",
    "services.password_file", "services.password_keyring", "services.auth", "services.tls", "services.ca",
    "services.cert", "services.key", "services.tls_name", "services.container", "services.sudo",
    "environments.snapshot", "environments.environment",
}  # fmt: skip
"""all other keys; of the URL, each scheme that runs commands is tried below"""

MODULES = {
    "config/password.py": "password_command",
    "daemon/sinks.py": "notify.command",
    "init/kube/kubectl.py": "init --kube, which the user types",
    "transport/git.py": "repository",
    "transport/kube/pod_route.py": "kube: kubectl exec",
    "transport/kube/process.py": "kube: kubectl proxy",
    "transport/ssh/client.py": "ssh",
    "transport/ssh/hops.py": "ssh: its own configuration is asked for jump hosts",
    "transport/tunnel/program.py": "tunnel",
    "transport/tunnel/route.py": "tunnel",
    "transport/command.py": "KIND+local, +docker",
    "transport/supervised.py": "all of these",
    "ui/terminal/clipboard.py": "tmux, which no configuration names",
}
"""every module that starts a program -> the key that names it"""

STARTERS = {
    "Popen", "run", "call", "check_call", "check_output", "create_subprocess_exec", "create_subprocess_shell", "system",
    "popen", "execv", "execve", "execvp", "execvpe", "spawnv", "spawnvp", "posix_spawn", "posix_spawnp",
}  # fmt: skip
OWN_STARTERS = {"LocalProcess", "Program"}


def test_every_key_is_known_to_start_a_program_or_none() -> None:
    fields = set(FileTable.__struct_fields__)
    fields |= {f"environments.{name}" for name in EnvironmentTable.__struct_fields__}
    fields |= {f"services.{name}" for name in ServiceEntry.__struct_fields__}
    assert fields == STARTS.keys() | STARTS_NONE


@pytest.mark.parametrize("key", STARTS)
def test_key_that_starts_a_program_needs_consent(key: str) -> None:
    text, need = STARTS[key]
    found = config.parse(text, "parity.toml", {}, Path("/shop"))
    assert needs_consent(found) == (need,)
    left = restricted(found)
    assert (left.repository, left.notify) == ("", None)
    assert all(target.problem for target in left.targets if target.consent)


def commanded() -> Iterator[tuple[str, Service, str]]:
    """Yield each kind that is read with commands, with each way to run them."""
    for name, service in kinds().items():
        yield from ((name, service, way) for way in WAYS if any(s.endswith(f"+{way}") for s in service.schemes))
        if service.commands:
            yield from ((name, service, way) for way in WAYS)


@pytest.mark.parametrize(("kind", "way"), sorted({(kind, way) for kind, _, way in commanded()}))
def test_each_way_to_run_commands_needs_consent(kind: str, way: str) -> None:
    host = {"local": "", "kube": "pod/web1"}.get(way, "web1")
    route = '[environments.dev]\nkube = "prod/shop"\n' if way == "kube" else ""
    for path in ("", "/opt/program", "/1", "/x.service"):
        text = f'{route}[environments.dev.services]\na = "{kind}+{way}://{host}{path}"\n'
        (target,) = config.parse(text, "parity.toml", {}, Path("/shop")).targets
        if target.consent:
            assert target.consent[0].startswith(("run ", "log in to web1 with ssh"))
        else:  # the URL is incomplete
            assert way != "ssh"
            assert path in ("", "/opt/program")
            assert asyncio.run(started(target)) == []


async def started(target: Target) -> list[str]:
    """Read a target, and return the scripts that would run."""
    scripts: list[str] = []

    class NoShell(NetworkDialer):
        async def sh(self, script: str, cap: int = 0, *, outside: bool = False) -> Output:
            scripts.append(script)
            raise ServiceError(Reason.SERVER, "nothing runs")

    dialer = NoShell(target, 5)
    await dialer.open_tunnel()
    with pytest.raises(ServiceError):
        async with kinds()[target.kind].connect(target, dialer) as read:
            await read()
    return scripts


def test_every_module_that_starts_a_program_is_known() -> None:
    package = ROOT / "parity_tui"
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "demo" not in path.parts and starts_program(path)
    }
    assert found == MODULES.keys()


def starts_program(path: Path) -> bool:
    """Return whether a module starts a program."""
    for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
        match call.func:
            case ast.Attribute(value=ast.Name(id="subprocess" | "asyncio" | "os"), attr=name) if name in STARTERS:
                if not (isinstance(call.func.value, ast.Name) and (call.func.value.id, name) == ("asyncio", "run")):
                    return True
            case ast.Name(id=name) if name in OWN_STARTERS:
                return True
    return False
