"""Files, processes, units and containers as sources of variables."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.model import Reading, Reason, ServiceError, State
from parity_tui.services import kinds
from parity_tui.transport.dialer import NetworkDialer
from tests.services.env.builders import first_on_path, process, read, target
from tests.services.roots import executable

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
VARIABLES = {"DEBUG": "on", "SECRET_KEY": "fish fish", "NOTE": "two\nA=lines", "EMPTY": ""}
SHAPES = {"DEBUG": "a switch", "SECRET_KEY": "text", "NOTE": "text", "EMPTY": "(empty)"}


def shapes(reading: Reading) -> dict[str, str | None]:
    return {name: fact.raw for name, fact in reading.facts.items() if not name.startswith("value of ")}


async def test_file_beside_the_configuration_and_elsewhere(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('DEBUG=on\nexport SECRET_KEY="fish fish"\nNOTE="two\nA=lines"\nEMPTY=\nUNSET\n')
    reading = await read("env:///.env", tmp_path)
    assert shapes(reading) == SHAPES
    assert await read(f"env:///{tmp_path}/.env") == reading


async def test_references_are_filled_in_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("HOST=db.example\nDATABASE_URL=redis://${HOST}/1\nOWN=$HOST_OF_SHELL\nPW='$HOST'\n")
    (tmp_path / "b").write_text("DATABASE_URL=redis://db.example/1\n")
    one, other = [await read(f"env:///{name}", tmp_path) for name in "ab"]
    assert one.facts["value of DATABASE_URL"] == other.facts["value of DATABASE_URL"]
    assert (one.facts["OWN"].raw, one.facts["value of OWN"].state) == ("a reference", State.UNKNOWN)
    assert one.facts["value of OWN"].note == "it refers to HOST_OF_SHELL, which the file does not set"
    assert one.facts["value of PW"].state is State.SECRET


async def test_malformed_line_is_named_without_its_text(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n= hunter2\n")
    assert (await read("env:///.env", tmp_path)).notes == ("line 2 cannot be understood and is left out",)


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [
        (None, Reason.SERVER, "there is no file"),
        (b"A=\xff\xfe", Reason.SERVER, "is not in UTF-8"),
        (b"A=" + b"x" * (1 << 20), Reason.SERVER, "larger than"),
    ],
)
async def test_unreadable_file_is_described(content: bytes | None, reason: Reason, words: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / ".env").write_bytes(content)
    with pytest.raises(ServiceError, match=words) as error:
        await read("env:///.env", tmp_path)
    assert error.value.reason is reason


@needs_linux
async def test_process_shows_its_own_environment() -> None:
    with process(VARIABLES) as pid:
        first, second = [await read(f"env+local:///{pid}") for _ in range(2)]
    assert (shapes(first), first) == (SHAPES, second)
    with process(VARIABLES) as other:
        again = await read(f"env+local:///{other}")
    assert again.facts == first.facts
    assert again.instance


@needs_linux
async def test_ended_process_is_named() -> None:
    with process(VARIABLES) as pid:
        pass
    with pytest.raises(ServiceError, match=f"there is no process {pid}"):
        await read(f"env+local:///{pid}")


@needs_linux
async def test_unit_means_its_main_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with process(VARIABLES) as pid:
        executable(tmp_path, "systemctl", f'[ "$5" = shop.service ] && echo MainPID={pid} || echo MainPID=0')
        monkeypatch.setenv("PATH", first_on_path(tmp_path))
        assert shapes(await read("env+local:///shop.service")) == SHAPES
        with pytest.raises(ServiceError, match=r"unit other\.service does not run"):
            await read("env+local:///other.service")


@needs_linux
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="takes root to become another user")
def test_process_of_another_user_is_forbidden() -> None:
    from parity_tui.services.env.parse import of_process
    from parity_tui.services.env.queries import process_script

    with process(VARIABLES) as pid:
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-s"]
        output = subprocess.run(
            nobody, input=process_script(str(pid), "@@7").encode(), capture_output=True, check=False
        )
    with pytest.raises(ServiceError, match="its own user and to root only") as error:
        of_process(output.stdout, output.stderr, "@@7", str(pid))
    assert error.value.reason is Reason.FORBIDDEN


@pytest.mark.parametrize("url", ["env+local:///a%20b", "env+local:///-x", "env+ssh://web1", "env+local:///$(id)"])
async def test_url_without_a_process_is_refused(url: str) -> None:
    with pytest.raises(ServiceError, match="names no process"):
        await read(url)


@pytest.mark.parametrize("engine", ["docker", "podman"])
async def test_container_is_asked_on_its_host(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items = json.dumps([f"{name}={value}" for name, value in VARIABLES.items()])
    (tmp_path / "answer").write_text(f'"2026-11-23T06:00:00Z" {items}\n')
    executable(
        tmp_path,
        engine,
        f'[ "$1 $7" = "inspect web" ] && exec cat {tmp_path}/answer\necho "Error: No such container: $7" >&2; exit 1',
    )
    monkeypatch.setenv("PATH", first_on_path(tmp_path))
    reading = await read(f"env+{engine}://web")
    assert (shapes(reading), reading.instance) == (SHAPES, "2026-11-23T06:00:00Z")
    with pytest.raises(ServiceError, match=f"{engine} has no container other"):
        await read(f"env+{engine}://other")
    (tmp_path / "answer").write_text("2026 [hunter2")
    with pytest.raises(ServiceError) as error:
        await read(f"env+{engine}://web")
    assert "hunter2" not in error.value.message


async def test_variables_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nFEATURE_X=1\nFEATURE_Y=\nB=2\n")
    where = replace(target("env:///.env", tmp_path), options={"without": "FEATURE_*, B"})
    async with kinds()["env"].connect(where, NetworkDialer(where, 20)) as read_once:
        assert shapes(await read_once()) == {"A": "a number"}


@pytest.mark.parametrize(
    ("url", "consent"),
    [
        ("env:///.env", ()),
        ("env+local:///17", ("run a shell that reads the environment of 17 on this machine",)),
        ("env+ssh://web1/shop.service", ("run a shell that reads the environment of shop.service on web1",)),
        ("env+docker://web", ("run docker inspect of the environment in the container web",)),
        ("env+podman://web", ("run podman inspect of the environment in the container web",)),
    ],
)
def test_programs_need_the_users_consent(url: str, consent: tuple[str, ...]) -> None:
    assert target(url).consent == consent
