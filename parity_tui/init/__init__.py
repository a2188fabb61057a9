"""`parity-tui init`: a parity.toml out of what there is already, without a password in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from parity_tui import config
from parity_tui.config import ConfigError
from parity_tui.config.parity_toml import NAME, NAMING
from parity_tui.drift.values import printable
from parity_tui.init import render
from parity_tui.init.drafts import EnvironmentDraft, ServiceDraft

__all__ = ["EnvironmentDraft", "ServiceDraft", "farewell", "free", "gather", "save", "written"]


def gather(env_files: Sequence[tuple[str, Path]], compose_files: Sequence[tuple[str, Path]]) -> list[EnvironmentDraft]:
    """Return an environment for each (name, file); those of compose files first. Raises ConfigError."""
    names = [name for name, _ in (*compose_files, *env_files)]
    twice = [f'the environment "{name}" has two files' for name in dict.fromkeys(names) if names.count(name) > 1]
    twice += [f'"{name}" is no name: {NAMING}' for name in names if not NAME.fullmatch(name)]
    if twice:
        raise ConfigError(*twice)
    found = []
    if compose_files:
        from parity_tui.init import compose  # here: it needs a reader of YAML

        found = [compose.read(path, name) for name, path in compose_files]
    return [*found, *_from_env_files(env_files)]


def written(deploys: Sequence[EnvironmentDraft], name: str, folder: Path) -> str:
    """Return the text of a parity.toml that will be in ``folder``, and that can be read. Raises ConfigError."""
    if not any(role.target.problem is None for deploy in deploys for role in deploy.roles):
        raise ConfigError("no service was found: nothing is written", *_left_out(deploys))
    words = render.text(deploys, folder)
    config.parse(words, name, os.environ, folder)
    return words


def farewell(deploys: Sequence[EnvironmentDraft], path: Path | None) -> str:
    """Return what a person has to know now; ``path`` is the new file, None where it was printed."""
    names = render.variables(deploys)
    lines = [f"{path} is written: nobody but you may read it"] if path else []
    lines += _left_out(deploys)
    if names:
        lines.append("No password is in it. Set these variables before you start:")
        lines += [
            f"    {name}{f'   ({printable(role.origin)})' if role.origin else ''}" for name, role in names.items()
        ]
    if path:
        lines.append(f"Then: parity-tui{'' if path == Path(config.FILE) else f' --config {path}'}")
    return "\n".join(lines)


def _left_out(deploys: Sequence[EnvironmentDraft]) -> Iterator[str]:
    """Yield what was there and could not be written."""
    for deploy in deploys:
        yield from (f"left out of {deploy.name}: {printable(words)}" for words in deploy.left_out)
        for target in (role.target for role in deploy.roles):
            if target.problem is not None:
                yield f"left out of {deploy.name}: {printable(target.service)}: {printable(target.problem.message)}"


def _from_env_files(env_files: Sequence[tuple[str, Path]]) -> list[EnvironmentDraft]:
    """Return an environment for each (name, dotenv file). Raises ConfigError."""
    if not env_files:
        return []
    found = config.load(env_files=env_files)
    files = {name: path.name for name, path in env_files}
    return [
        EnvironmentDraft(
            environment.name,
            files[environment.name],
            tuple(
                ServiceDraft(target, target.password is not None, f"{target.service} in {files[environment.name]}")
                for target in found.targets
                if target.environment == environment.name
            ),
        )
        for environment in found.environments
    ]


def free(path: Path) -> None:
    """Refuse a file that is there already: it may hold what nobody remembers. Raises ConfigError."""
    if path.is_symlink() or path.exists():
        raise ConfigError(f"{path} is there already and is left as it is: name another with -o FILE, or -o - to print")


def save(path: Path, words: str) -> None:
    """Write a new file that its owner alone may read. Raises ConfigError; then there is no file."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        free(path)
        raise ConfigError(f"{path} is there already") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(words)
    except BaseException as error:
        with suppress(OSError):
            path.unlink()
        if isinstance(error, OSError):
            raise ConfigError(f"{path} cannot be written: {error.strerror}") from None
        raise
