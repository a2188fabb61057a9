"""`tunnel` in an environment and in a service."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_tui import config
from parity_tui.config import ConfigError
from parity_tui.config.config import Config
from parity_tui.model import Target
from parity_tui.secrets import redact

SOCAT = '["socat", "UNIX-LISTEN:{socket},fork", "TCP:{host}:{target_port}"]'
FLY = '["fly", "proxy", "{port}:{target_port}", "{host}"]'
FIXED = '["fly", "proxy", "{port}:5432"]'


def parsed(environment: str, *services: str, **environ: str) -> Config:
    text = f"[environments.dev]\n{environment}\n[environments.dev.services]\n" + "\n".join(services)
    return config.parse(text, "parity.toml", environ, Path("/shop"))


def targets(environment: str, *services: str, **environ: str) -> dict[str, Target]:
    return {target.service: target for target in parsed(environment, *services, **environ).targets}


def words(target: Target) -> tuple[str, ...]:
    assert target.tunnel
    assert target.tunnel.folder == "/shop"
    return target.tunnel.argv


def problem(environment: str, *services: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parsed(environment, *services, **environ)
    return str(caught.value)


def test_service_overrides_the_tunnel_of_its_environment() -> None:
    found = targets(
        f"tunnel = {SOCAT}",
        'a = "redis://a"',
        f'b = {{ url = "redis://b", tunnel = {FLY} }}',
        'c = { url = "redis://c", tunnel = [] }',
    )
    assert words(found["a"])[0] == "socat"
    assert words(found["b"])[0] == "fly"
    assert found["c"].tunnel is None


def test_service_overrides_ssh_of_its_environment() -> None:
    found = targets(
        'ssh = "bastion"', f'a = {{ url = "redis://a", tunnel = {SOCAT} }}', 'b = { url = "redis://b", tunnel = [] }'
    )
    assert (found["a"].ssh, words(found["a"])[0]) == ("", "socat")
    assert found["a"].consent == ("run socat 'UNIX-LISTEN:{socket},fork' 'TCP:{host}:{target_port}'",)
    assert (found["b"].ssh, found["b"].tunnel) == ("bastion", None)


def test_variables_hold_no_placeholders() -> None:
    tunnel = '["x", "${JSON}", "${PORT:-{port}}", "$${{HOME}}", "{{literally}}", "${UNSET-}"]'
    found = targets(f"tunnel = {tunnel}", 'a = "redis://a"', JSON='{"port": {}}')
    assert words(found["a"]) == ("x", '{{"port": {{}}}}', "{port}", "${{HOME}}", "{{literally}}", "")


def test_unset_variable_fails_its_targets_only() -> None:
    found = targets(
        f'tunnel = {SOCAT[:-1]}, "${{NOT_SET}}"]', 'a = "redis://a"', 'b = { url = "redis://b", tunnel = [] }'
    )
    assert found["a"].problem
    assert found["a"].problem.message == "the variable NOT_SET is not set"
    assert found["b"].problem is None


def test_port_is_noted_once() -> None:
    found = targets(f"tunnel = {FLY}", 'a = "redis://a"', 'b = "redis://b"')
    assert [len(target.notes) for target in found.values()] == [1, 0]
    assert "other users of this machine can reach the tunnel's port" in found["a"].notes[0]
    assert targets(f"tunnel = {SOCAT}", 'a = "redis://a"')["a"].notes == ()


def test_nodes_lead_to_their_own_hosts() -> None:
    found = parsed(f"tunnel = {SOCAT}", 'a = { urls = ["redis://a", "redis://b"] }')
    assert all(target.tunnel for target in found.targets)


MISTAKES = {
    '["x", "{prot}"]': "has an unknown placeholder {prot}; did you mean {port}?",
    '["x", "{port}", "{targetport}"]': "has an unknown placeholder {targetport}; did you mean {target_port}?",
    '["x", "{port}", "{}"]': "has an unknown placeholder; known: {port}, {socket}, {host}, {target_port}",
    """["x", "{port}", '{"portNumber": ["5432"]}']""": "has an unknown placeholder; known: {port}",
    '["x", "{port}", "a}"]': 'has a single "}": write }} for the sign itself',
    '["x"]': "must have either {port} or {socket} in its words; the program listens there",
    '["x", "{{port}}"]': "must have either {port} or {socket} in its words; the program listens there",
    '["x", "{port}", "{socket}"]': "must have either {port} or {socket} in its words, not both",
    '["", "{port}"]': "names no program",
    '["{host}", "{port}"]': "names its program by a placeholder",
    '["x", "{port}", "\\u0000"]': "holds a null character",
    '["x", "{port}", "${A b}"]': "has a ${ that begins neither",
    '"socat {port}"': "must be a list in brackets, each value a text in quotes, not a text",
    '["x", "{port}", 5]': "must be a list in brackets, each value a text in quotes, not a list",
}


@pytest.mark.parametrize("tunnel", MISTAKES)
@pytest.mark.parametrize("own", [False, True])
def test_mistake_is_told_in_words(tunnel: str, own: bool) -> None:
    entry = f'a = {{ url = "redis://a", tunnel = {tunnel} }}' if own else 'a = "redis://a"'
    found = problem("" if own else f"tunnel = {tunnel}", entry)
    path = "environments.dev.services.a" if own else "environments.dev"
    assert f"{path}" in found
    assert MISTAKES[tunnel] in found
    assert "secret" not in found


def test_tunnel_and_ssh_exclude_each_other() -> None:
    assert "exclude each other: keep one" in problem(f'ssh = "bastion"\ntunnel = {SOCAT}', 'a = "redis://a"')


MISPLACED = (
    ('"runtime+local://python3"', "runtime+local:// means programs of this machine, where no tunnel leads"),
    ('"nginx+docker://web"', "nginx+docker:// means a container of this machine, where no tunnel leads"),
    ('"redis:///run/redis.sock"', "redis:// means a Unix socket of this machine, where no tunnel leads"),
)


@pytest.mark.parametrize(("url", "words"), MISPLACED)
def test_target_of_this_machine_goes_through_no_tunnel(url: str, words: str) -> None:
    found = problem(f"tunnel = {SOCAT}", f"a = {url}")
    assert f"{words}; if it is meant, write tunnel = [] beside the URL" in found
    assert targets(f"tunnel = {SOCAT}", f"a = {{ url = {url}, tunnel = [] }}")["a"].tunnel is None
    assert f"has no effect: {words}" in problem("", f"a = {{ url = {url}, tunnel = {SOCAT} }}")


WITHOUT = (('"nginx+ssh://web1"', "+ssh logs in by itself"), ('"sqlite:///a.db"', "sqlite:// connects to no host"))


@pytest.mark.parametrize(("url", "words"), WITHOUT)
def test_target_without_connection_needs_no_tunnel(url: str, words: str) -> None:
    assert targets(f"tunnel = {SOCAT}", f"a = {url}")["a"].tunnel is None
    assert f"has no effect: {words}" in problem("", f"a = {{ url = {url}, tunnel = {SOCAT} }}")


def test_file_is_noted_to_be_here() -> None:
    assert targets(f"tunnel = {SOCAT}", 'a = "sqlite:///a.db"')["a"].notes == (
        "the file is read on this machine, not on the far end of its tunnel",
    )


def test_one_program_leads_to_one_server() -> None:
    entries = ('a = "postgresql://a"', 'b = "postgresql://b"')
    found = problem(f"tunnel = {FIXED}", *entries)
    assert (
        "its tunnel leads to one server, but a:5432 and b:5432 are two: write {host} and {target_port} in it" in found
    )
    targets(f"tunnel = {FIXED}", 'a = "postgresql://a/one"', 'b = "postgresql://a/two"')
    targets(f"tunnel = {SOCAT}", *entries)


def test_secret_word_is_redacted_in_the_output() -> None:
    targets('tunnel = ["x", "{port}", "--token=${API_TOKEN}"]', 'a = "redis://a"', API_TOKEN="swordfish-4711")
    assert redact("unknown option --token=swordfish-4711") == "unknown option --token=•••"
