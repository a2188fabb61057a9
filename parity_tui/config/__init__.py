"""The configuration: parity.toml or dotenv files -> :class:`Config`; errors with file, line and nearest name."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from parity_tui.config import dotenv, parity_toml
from parity_tui.config.config import Config, Environment, coloured, in_order
from parity_tui.config.duration import duration
from parity_tui.config.errors import ConfigError, InvalidValue
from parity_tui.config.targets import EntryContext, ServiceEntry, build
from parity_tui.model import Target

__all__ = ["Config", "ConfigError", "Environment", "duration", "find", "load", "parse", "target"]

FILE = "parity.toml"
VARIABLE = "PARITY_CONFIG"

_LARGEST = 4 * 1024 * 1024
"""bytes of a file that can be a configuration"""

_BEGIN = f"""\
begin with the dotenv files that the app has:
    parity-tui --env-file dev=.env.dev --env-file production=.env.production
or write ./{FILE}:
    [environments.dev.services]
    database = "postgresql://app@localhost/app"

    [environments.production.services.database]
    url = "postgresql://parity@db.example.com/app"
    password_env = "PROD_DB_PASSWORD"
or see it with servers of its own first:
    parity-tui demo"""


def load(
    path: Path | None = None,
    env_files: Sequence[tuple[str, Path]] = (),
    environ: Mapping[str, str] = os.environ,
) -> Config:
    """Return the configuration of a file (None: where :func:`find` finds one), or of (environment, dotenv file).

    Raises ConfigError.
    """
    if env_files:
        if path is not None:
            raise ConfigError("--config and --env-file do not go together: give one of them")
        return _from_env_files(env_files, environ)
    path = find(path, environ)
    begin = f"\nto write one: parity-tui init -o {shlex.quote(str(path))}"
    config, holds_password = parity_toml.read(_read(path, begin), str(path), environ, _folder(path))
    return replace(config, files=(path.absolute(),)).noting(*_exposed(path, holds_password))


def parse(text: str, name: str, environ: Mapping[str, str], folder: Path) -> Config:
    """Return what the text of a parity.toml says. ``name`` is shown in errors; names of files begin at ``folder``.

    Raises ConfigError.
    """
    return parity_toml.read(text, name, environ, folder)[0]


def target(environment: str, service: str, url: str, folder: Path, environ: Mapping[str, str] = os.environ) -> Target:
    """Return the target of one URL that stands in no file. Raises ConfigError, which shows nothing of the URL."""
    try:
        return build(EntryContext(environment, service, folder, environ, {}), ServiceEntry(url=url), {})
    except InvalidValue as wrong:
        raise ConfigError(wrong.message) from None


def find(explicit: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the file that counts: the one named, $PARITY_CONFIG, ./parity.toml, the user's own.

    Raises ConfigError where there is none, with how to begin.
    """
    if explicit is not None:
        return explicit
    if environ.get(VARIABLE):
        return Path(environ[VARIABLE])
    places = (Path(FILE), *_own())
    for path in places:
        if path.is_file():
            return path
    lacking = f"there is neither ./{FILE} nor {places[1]}" if places[1:] else f"there is no ./{FILE}"
    raise ConfigError(f"no configuration: ${VARIABLE} is not set, and {lacking}\n{_BEGIN}")


def _own() -> tuple[Path, ...]:
    """Return the user's own file; none where the user has no home, as in a container."""
    import platformdirs  # here: most starts name a file or stand beside one

    try:
        return (platformdirs.user_config_path("parity-tui") / FILE,)
    except RuntimeError:
        return ()


def _from_env_files(env_files: Sequence[tuple[str, Path]], environ: Mapping[str, str]) -> Config:
    """Return an environment for each dotenv file."""
    names = [name for name, _ in env_files]
    problems = [f'the environment "{name}" has two files' for name in dict.fromkeys(names) if names.count(name) > 1]
    problems += [f'"{name}" is no name: {parity_toml.NAMING}' for name in names if not parity_toml.NAME.fullmatch(name)]
    if problems:
        raise ConfigError(*problems)
    found = []
    for name, path in env_files:
        try:
            found.append(dotenv.read(_read(path), str(path), name, environ, _folder(path)))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(*problems)
    targets = tuple(target for one in found for target in one.targets)
    config = Config(
        name=", ".join(str(path) for _, path in env_files),
        environments=coloured([(name, "") for name in names]),
        services=in_order(targets),
        targets=targets,
        files=tuple(path.absolute() for _, path in env_files),
    )
    return config.noting(
        *(warning for one in found for warning in one.warnings),
        *(w for (_, path), one in zip(env_files, found, strict=True) for w in _exposed(path, one.holds_password)),
    )


def _folder(path: Path) -> Path:
    """Return the folder of a file, absolute."""
    return path.absolute().parent


def _read(path: Path, begin: str = "") -> str:
    """Return the text of a file, or say why it cannot be read: ``begin`` where there is none."""
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {_why(error)}{begin if isinstance(error, FileNotFoundError) else ''}") from None
    if len(content) > _LARGEST:
        raise ConfigError(f"{path}: too large for a configuration")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: this line is not in UTF-8: save the file as UTF-8") from None


def _why(error: Exception) -> str:
    """Return why a file cannot be read, in words."""
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case IsADirectoryError():
            return "this is a folder, not a file"
        case PermissionError():
            return "you may not read this file"
        case _:
            return f"cannot be read: {getattr(error, 'strerror', None) or error}"


def _exposed(path: Path, holds_password: bool) -> list[str]:
    """Return a warning where a file holds a password and others can read it."""
    try:
        status = path.stat()
    except OSError:
        return []
    if not holds_password or not stat.S_ISREG(status.st_mode) or not status.st_mode & 0o077:
        return []
    return [f"{path} holds a password and can be read by others: chmod 600 {path}"]
