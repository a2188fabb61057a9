"""`parity-tui init`: writes a parity.toml from dotenv files, compose files or answers, without any password.

- `compose/`: compose files -> an environment
- `kube/`: a namespace of Kubernetes -> an environment
- `questions.py`: answers at the terminal -> environments
- `images.py`, `servers.py`: a container -> the server that it runs, as its kind declares it
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
from parity_tui.config.config import Origin
from parity_tui.config.parity_toml import NAMING
from parity_tui.drift.values import printable
from parity_tui.init import render
from parity_tui.init.drafts import EnvironmentDraft, ServiceDraft
from parity_tui.init.render import SCHEMA
from parity_tui.model import NAME, Target
from parity_tui.snapshot.file import UnwrittenError

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


def collect(
    env_files: Sequence[tuple[str, Path]],
    compose_files: Sequence[tuple[str, Path]],
    namespaces: Sequence[tuple[str, str]] = (),
) -> list[EnvironmentDraft]:
    """Return the environments of compose files, namespaces of Kubernetes and dotenv files. Raises ConfigError.

    Args:
        env_files: (environment, dotenv file).
        compose_files: (environment, compose file); several of one name are one project, each overrides those before it.
        namespaces: (environment, context/namespace).
    """
    projects: dict[str, list[Path]] = {}
    for name, path in compose_files:
        projects.setdefault(name, []).append(path)
    names = [*projects, *(name for name, _ in (*namespaces, *env_files))]
    problems = [f'the environment "{name}" has two files' for name in dict.fromkeys(names) if names.count(name) > 1]
    problems += [f'"{name}" is not a valid name: {NAMING}' for name in names if not NAME.fullmatch(name)]
    if problems:
        raise ConfigError(*problems)
    environments = []
    if compose_files:
        from parity_tui.init import compose  # here: only compose files need the YAML parser

        environments = [compose.read(paths, name) for name, paths in projects.items()]
    if namespaces:
        from parity_tui.init import kube  # here: likewise

        environments += [kube.read(namespace, name, Path.cwd()) for name, namespace in namespaces]
    return [*environments, *_from_env_files(env_files)]


def render_config(environments: Sequence[EnvironmentDraft], name: str, folder: Path) -> str:
    """Return the text of a parity.toml for ``folder``. Raises ConfigError if no service was recognized.

    It is valid, unless every service of it is commented out.
    """
    drafts = [draft for environment in environments for draft in environment.services]
    if all(draft.target.problem is not None for draft in drafts):
        raise ConfigError("no service found: nothing written", *_left_out(environments))
    text = render.text(environments, folder)
    if any(map(render.is_active, environments)):
        config.parse(text, name, os.environ, folder)
    return text


def next_steps(environments: Sequence[EnvironmentDraft], path: Path | None) -> str:
    """Return what a person has to do next; ``path`` is the new file, None where it was printed."""
    variables = render.to_set(render.variables(environments))
    lines = [f"wrote {path} (mode 600); editors check it by {SCHEMA}"] if path else []
    lines += _left_out(environments)
    if variables:
        lines.append("It contains no passwords. Set these variables first:")
        lines += [f"    {name}{f'   ({printable(origin)})' if origin else ''}" for name, origin in variables.items()]
    lines += _commented_out(environments)
    if path and any(map(render.is_active, environments)):
        lines.append(f"Then: parity-tui{'' if path == Path(config.FILE) else f' --config {path}'}")
    return "\n".join(lines)


def _commented_out(environments: Sequence[EnvironmentDraft]) -> Iterator[str]:
    """Yield the services that cannot be reached yet, and the reasons."""
    for environment in environments:
        blocked = [draft for draft in environment.services if draft.obstacle]
        if blocked:
            yield f"Commented out in {environment.name}, for they cannot be reached from here yet; the file says more:"
            for draft in blocked:
                reason = draft.obstacle[0].partition(";")[0]
                yield f"    {printable(draft.target.service)} ({draft.target.kind}): {printable(reason)}"


def _left_out(environments: Sequence[EnvironmentDraft]) -> Iterator[str]:
    for environment in environments:
        yield from (f"left out of {environment.name}: {printable(sentence)}" for sentence in environment.left_out)
        for draft in environment.services:
            before, problem = f"left out of {environment.name}: {printable(draft.target.service)}", draft.target.problem
            if problem is not None:
                yield f"{before}: {printable(problem.message)}"
                continue
            for name in render.omitted_options(draft):
                yield f'{before}: "{name}" of the URL, which may hold a secret; add it as {name}=${{VARIABLE}}'


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
                _draft(list(nodes), files[environment.name], found.origins)
                for _, nodes in groupby(
                    (target for target in found.targets if target.environment == environment.name),
                    key=lambda target: target.service,
                )
            ),
            tuple(f"{item.name}: {item.reason}" for item in found.left_out if item.environment == environment.name),
        )
        for environment in found.environments
    ]


def _draft(nodes: Sequence[Target], file: str, origins: Sequence[Origin]) -> ServiceDraft:
    """Return the draft of one service of a dotenv file, which may have several nodes."""
    first = nodes[0]
    names = (first.environment, first.service)
    described = next((each for each in origins if (each.environment, each.service) == names), None)
    origin = (described.password if described else "") or f"{first.service} in {file}"
    return ServiceDraft(
        first,
        first.password is not None,
        origin,
        described.sentence if described else "",
        nodes=tuple(nodes) if first.node else (),
    )


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
    with suppress(ConfigError, UnwrittenError):
        check_absent(path)
        save(path, schema_text())


def schema_text() -> str:
    """Return the JSON Schema of a parity.toml."""
    from parity_tui.config.json_schema import as_text

    return as_text()


def save(path: Path, text: str) -> None:
    """Write a new file that only its owner may read; an error leaves no file behind.

    Raises ConfigError where it exists already or has no folder, UnwrittenError where it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        check_absent(path)
        raise ConfigError(f"{path} already exists") from None
    except OSError as error:
        raise _unwritten(path, error) from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
    except BaseException as error:
        with suppress(OSError):
            path.unlink()
        if isinstance(error, OSError):
            raise _unwritten(path, error) from None
        raise


def _unwritten(path: Path, error: OSError) -> ConfigError | UnwrittenError:
    message = f"{path} cannot be written: {str(error.strerror).lower()}"
    is_usage = isinstance(error, (FileNotFoundError, NotADirectoryError))  # the name is wrong, not the disk
    return ConfigError(message) if is_usage else UnwrittenError(message)
