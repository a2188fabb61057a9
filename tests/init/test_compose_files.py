"""Compose files after the patterns of real projects, each with the services that a person would expect of it.

The first lines of a file are its expectations: `#= NAME KIND ADDRESS`, `#= NAME KIND docker CONTAINER`, or
`#= NAME KIND ! words of the reason` for a service that is written commented out.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_tui import init, services
from parity_tui.init import EnvironmentDraft, compose, render
from parity_tui.init.drafts import ServiceDraft
from tests.init.builders import read

FILES = sorted((Path(__file__).parent / "compose_files").glob("*.yaml"))


def expectations(file: Path) -> list[tuple[str, str]]:
    """Return (name, expected rest) for each service."""
    lines = [line[3:] for line in file.read_text().splitlines() if line.startswith("#= ")]
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]


def description(draft: ServiceDraft) -> str:
    target = draft.target
    if draft.obstacle:
        return f"{target.scheme} ! {draft.obstacle[0]}"
    if "+docker" in target.scheme:
        return f"{target.kind} docker {target.host}"
    return f"{target.scheme} {target.address}"


def is_as_expected(draft: ServiceDraft | None, expected: str) -> bool:
    if draft is None:
        return False
    kind, _, reason = expected.partition(" ! ")
    found = description(draft).replace("postgresql ", "postgres ", 1).replace("amqp ", "rabbitmq ", 1)
    if reason:
        return found.startswith(f"{kind} ! ") and reason in found
    return found == expected


def collect(file: Path) -> EnvironmentDraft:
    return compose.read([file], "dev")


def test_most_services_are_written_rightly() -> None:
    missing, total, count = [], 0, 0
    for file in FILES:
        drafts = {draft.target.service: draft for draft in collect(file).services}
        expected = expectations(file)
        assert expected, file
        total += len(expected)
        for name, rest in expected:
            draft = drafts.get(name)
            if is_as_expected(draft, rest):
                count += 1
            else:
                missing.append(f"{file.name}: {name}: {rest}, not {description(draft) if draft else list(drafts)}")
    assert len(FILES) >= 40
    assert count / total >= 0.9, "\n".join(missing)
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_gives_a_valid_configuration(file: Path, tmp_path: Path) -> None:
    environment = collect(file)
    text = init.render_config([environment], "parity.toml", tmp_path)
    assert "s3cr" not in text
    assert "s3cr" not in init.next_steps([environment], tmp_path / "parity.toml")
    names = {draft.target.service for draft in environment.services}
    assert names == {name for name, _ in expectations(file)}
    uncommented = "\n".join(
        line.removeprefix("# ") if line.startswith(("# [env", "# url", "# pass", "# tls", "# manage")) else line
        for line in text.splitlines()
    )
    found = read(uncommented, tmp_path)
    assert {target.service for target in found.targets} == names
    assert {target.kind for target in found.targets} <= set(services.kinds())
    assert render.is_active(environment) == any(not draft.obstacle for draft in environment.services)
