"""Containers: a `docker` that evaluates nothing but the templates of the question, as docker prints them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from parity_tui.model import ServiceError, Target
from parity_tui.services.app.queries import container_script
from tests import builders
from tests.services.app.builders import ONE, only, raws, read
from tests.services.roots import executable

STARTED = "2026-11-23T06:00:00.123456789Z"
PREFIX = "org.opencontainers.image"


def container(name: str) -> Target:
    """Return the target of a container."""
    return builders.target(service="app", kind="app", scheme="app+docker", host=name, port=0)


def docker(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    labels: Mapping[str, str],
    variables: Sequence[str],
    running: bool = True,
) -> None:
    """Put a `docker` on PATH that has one container, shop-web; it notes its arguments."""
    text = container_script("shop-web", "docker")
    template = text[text.index("--format '") + len("--format '") : text.index("' -- ")]
    filled = re.sub(
        r'\{\{json \(index \.Config\.Labels "([^"]*)"\)\}\}', lambda m: json.dumps(labels.get(m[1], "")), template
    )
    filled = re.sub(
        r"\{\{range \.Config\.Env\}\}(.*?)\{\{end\}\}",
        lambda m: "".join(m[1].replace("{{json .}}", json.dumps(each)) for each in variables),
        filled,
        flags=re.DOTALL,
    )
    for field, value in (
        (".State.StartedAt", STARTED),
        (".State.Running", running),
        (".Image", "sha256:0123456789abcdef"),
    ):
        filled = filled.replace(f"{{{{json {field}}}}}", json.dumps(value))
    (folder / "answer").write_text(filled + "\n")
    executable(
        folder / "bin",
        "docker",
        f"""printf '%s\\n' "$@" >>{folder}/asked
for last; do :; done
if [ "$last" = shop-web ]; then cat {folder}/answer
else echo "Error response from daemon: No such container: $last" >&2; exit 1; fi""",
    )
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")


async def test_labels_name_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = {
        f"{PREFIX}.revision": ONE,
        f"{PREFIX}.created": "2026-11-20T10:00:00Z",
        f"{PREFIX}.version": "v1.4.2",
        f"{PREFIX}.source": "https://git.example/shop.git",
    }
    docker(monkeypatch, tmp_path, labels, ["GIT_SHA=89e6c98d"])
    reading = await read(container("shop-web"))
    assert raws(reading) == {
        "revision": ONE,
        "release": "1.4.2",
        "built": "2026-11-20T10:00:00Z",
        "source": "git.example/shop",
        "image": "sha256:0123456789ab",
        "running since": "2026-11-23T06:00:00Z",
    }
    assert reading.facts["revision"].source == f"label {PREFIX}.revision"


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        (f"GIT_SHA={ONE}", {"revision": ONE}),
        (f"SOURCE_COMMIT={ONE[:12]}", {"revision": ONE[:12]}),
        ("SENTRY_RELEASE=shop@1.4.2", {"release": "1.4.2"}),
        (f"KAMAL_VERSION={ONE}_uncommitted_0123abcd", {"revision": f"{ONE}-dirty", "uncommitted changes": "yes"}),
        (f'SOURCE_VERSION="{ONE}', {}),
    ],
)
async def test_listed_variable_names_the_build(
    variable: str, expected: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker(monkeypatch, tmp_path, {}, ["PATH=/bin", variable, "DATABASE_URL=postgresql://app:fish@db/app"])
    if not expected:
        with pytest.raises(ServiceError, match="names no build"):
            await read(container("shop-web"))
        return
    values = raws(await read(container("shop-web")))
    assert {name: values.get(name) for name in expected} == expected


async def test_no_other_variable_leaves_the_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from parity_tui.transport.dialer import NetworkDialer

    planted = ["SECRET_KEY=fish\nGIT_SHA=fish", "MY_GIT_SHA=fish", "GIT_SHA_TOKEN=fish"]
    docker(monkeypatch, tmp_path, {"password": "fish"}, [*planted, f"GIT_SHA={ONE}"])
    target = container("shop-web")
    output = await NetworkDialer(target, 20).sh(container_script("shop-web", "docker"), outside=True)
    assert b"fish" not in output.out
    assert ONE.encode() in output.out
    assert (tmp_path / "asked").read_text().startswith("container\ninspect\n--format\n")


async def test_stopped_missing_and_silent_container_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker(monkeypatch, tmp_path, {f"{PREFIX}.revision": ONE}, [], running=False)
    stopped = await read(container("shop-web"))
    assert (stopped.notes, "running since" in stopped.facts) == (("the container is not running",), False)
    with pytest.raises(ServiceError, match="docker has no container other"):
        await read(container("other"))
    docker(monkeypatch, tmp_path, {}, ["PATH=/bin"])
    with pytest.raises(ServiceError, match="names no build: neither the label"):
        await read(container("shop-web"))


async def test_missing_docker_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, tmp_path / "programs", "sh", "cat", "grep", "sleep", "rm")
    with pytest.raises(ServiceError, match="the command docker is not installed here"):
        await read(container("shop-web"))
