"""`parity-tui init`: writes a parity.toml from dotenv files, compose files or answers, without any password.

- `compose.py`: a compose file -> an environment
- `questions.py`: answers at the terminal -> environments
- `images.py`: a container image -> what its kind declares about it
- `render.py`: environments -> the text of a parity.toml
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path

from parity_tui import config
from parity_tui.config import ConfigError
from parity_tui.config.parity_toml import NAMING
from parity_tui.drift.values import printable
from parity_tui.init import render
from parity_tui.init.drafts import EnvironmentDraft, ServiceDraft
from parity_tui.init.render import SCHEMA
from parity_tui.model import NAME, Target

__all__ = [
    "EnvironmentDraft",
    "ServiceDraft",
    "allow",
    "check_absent",
    "collect",
    "next_steps",
    "render_config",
    "save",
    "save_schema",
    "schema_text",
]


def collect(env_files: Sequence[tuple[str, Path]], compose_files: Sequence[tuple[str, Path]]) -> list[EnvironmentDraft]:
    """Return an environment for each (name, file); those of compose files first. Raises ConfigError."""
    names = [name for name, _ in (*compose_files, *env_files)]
    problems = [f'the environment "{name}" has two files' for name in dict.fromkeys(names) if names.count(name) > 1]
    problems += [f'"{name}" is not a valid name: {NAMING}' for name in names if not NAME.fullmatch(name)]
    if problems:
        raise ConfigError(*problems)
    environments = []
    if compose_files:
        from parity_tui.init import compose  # here: only compose files need the YAML parser

        environments = [compose.read(path, name) for name, path in compose_files]
    return [*environments, *_from_env_files(env_files)]


def render_config(environments: Sequence[EnvironmentDraft], name: str, folder: Path) -> str:
    """Return the text of a valid parity.toml for ``folder``. Raises ConfigError if no service is left."""
    drafts = [draft for environment in environments for draft in environment.services]
    if all(draft.target.problem is not None for draft in drafts):
        raise ConfigError("no service found: nothing written", *_left_out(environments))
    text = render.text(environments, folder)
    config.parse(text, name, os.environ, folder)
    return text


def next_steps(environments: Sequence[EnvironmentDraft], path: Path | None) -> str:
    """Return what a person has to do next; ``path`` is the new file, None where it was printed."""
    variables = render.variables(environments)
    lines = [f"wrote {path} (mode 600); editors check it by {SCHEMA}"] if path else []
    lines += _left_out(environments)
    if variables:
        lines.append("It contains no passwords. Set these variables first:")
        origins = {name: printable(draft.password_origin) for name, draft in variables.items()}
        lines += [f"    {name}{f'   ({origin})' if origin else ''}" for name, origin in origins.items()]
    if path:
        lines.append(f"Then: parity-tui{'' if path == Path(config.FILE) else f' --config {path}'}")
    return "\n".join(lines)


def _left_out(environments: Sequence[EnvironmentDraft]) -> Iterator[str]:
    for environment in environments:
        yield from (f"left out of {environment.name}: {printable(sentence)}" for sentence in environment.left_out)
        for target in (draft.target for draft in environment.services):
            if target.problem is not None:
                reason = printable(target.problem.message)
                yield f"left out of {environment.name}: {printable(target.service)}: {reason}"


def _from_env_files(env_files: Sequence[tuple[str, Path]]) -> list[EnvironmentDraft]:
    if not env_files:
        return []
    found = config.load(env_files=env_files)
    files = {name: path.name for name, path in env_files}
    return [
        EnvironmentDraft(
            environment.name,
            files[environment.name],
            tuple(
                _draft(list(nodes), files[environment.name])
                for _, nodes in groupby(
                    (target for target in found.targets if target.environment == environment.name),
                    key=lambda target: target.service,
                )
            ),
            tuple(f"{item.name}: {item.reason}" for item in found.left_out if item.environment == environment.name),
        )
        for environment in found.environments
    ]


def _draft(nodes: Sequence[Target], file: str) -> ServiceDraft:
    """Return the draft of one service of a dotenv file, which may have several nodes."""
    first = nodes[0]
    origin = f"{first.service} in {file}"
    return ServiceDraft(first, first.password is not None, origin, nodes=tuple(nodes) if first.node else ())


def check_absent(path: Path) -> None:
    """Raise ConfigError if the file exists, or is a link: no file is ever overwritten."""
    if path.is_symlink() or path.exists():
        raise ConfigError(f"{path} already exists; use -o FILE, or -o - to print")


def allow(path: Path) -> None:
    """Allow the new file to do what it names; where that cannot be remembered, its first use says so."""
    with suppress(ConfigError):
        config.allow(path)


def save_schema(folder: Path) -> None:
    """Write the JSON Schema that a parity.toml of the folder names; an existing file of this name stays.

    Without it only editors miss something, so an error is none.
    """
    path = folder / SCHEMA
    with suppress(ConfigError):
        check_absent(path)
        save(path, schema_text())


def schema_text() -> str:
    """Return the JSON Schema of a parity.toml."""
    from parity_tui.config.json_schema import as_text

    return as_text()


def save(path: Path, text: str) -> None:
    """Write a new file that only its owner may read. Raises ConfigError, and leaves no file behind then."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        check_absent(path)
        raise ConfigError(f"{path} already exists") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
    except BaseException as error:
        with suppress(OSError):
            path.unlink()
        if isinstance(error, OSError):
            raise ConfigError(f"{path} cannot be written: {error.strerror}") from None
        raise
