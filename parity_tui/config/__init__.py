"""The configuration: parity.toml or dotenv files -> :class:`Config`; errors with file, line and nearest name.

- `parity_toml.py`: parity.toml -> Config; `decisions.py`: its [[expect]] and [severity]
- `toml_document.py`, `toml_decode.py`: lines and problems of a TOML file, and its tables as structs
- `append.py`: adds a table to a parity.toml
- `dotenv.py`, `dotenv_values.py`, `dotenv_targets.py`: a dotenv file -> an environment, its variables, its targets
- `dotenv_parts/`: DB_HOST, DB_PORT, … -> a service
- `app_url.py`: the URLs of frameworks and client libraries
- `targets/`, `address.py`: a service's entry and its URL -> a target
- `password.py`: the sources of a password
- `trust/`: a file that others can write is refused; one that was never allowed starts no program
- `pairs.py`: services with different names that probably are one
- `variables.py`, `duration.py`: references and durations within values
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from parity_tui.config import parity_toml
from parity_tui.config.append import append_table
from parity_tui.config.config import Config, Environment, LeftOut, coloured, service_names
from parity_tui.config.duration import duration
from parity_tui.config.errors import ConfigError, InvalidValue
from parity_tui.config.pairs import pair_notes
from parity_tui.config.parity_toml import hub_at
from parity_tui.config.targets import EntryContext, ServiceEntry, build
from parity_tui.config.trust import permission
from parity_tui.config.trust.exposure import exposure
from parity_tui.config.trust.restriction import needs_consent, restricted
from parity_tui.model import NAME, Target
from parity_tui.transport.user_files import read_file

__all__ = [
    "Config",
    "ConfigError",
    "Environment",
    "LeftOut",
    "allow",
    "append_table",
    "coloured",
    "duration",
    "find",
    "hub_at",
    "load",
    "pair_notes",
    "parse",
    "service_names",
    "target",
]

FILE = "parity.toml"
VARIABLE = "PARITY_CONFIG"

_MAX_BYTES = 1024 * 1024

_GETTING_STARTED = f"""\
to write ./{FILE} from dotenv files, from a compose file, from Kubernetes, or from your answers:
    parity-tui init --env-file dev=.env.dev --env-file production=.env.production
    parity-tui init --compose docker-compose.yml dev
    parity-tui init --kube CONTEXT/NAMESPACE production
    parity-tui init
to compare dotenv files without writing anything:
    parity-tui --env-file dev=.env.dev --env-file production=.env.production
to see it with servers of its own first:
    parity-tui demo"""


def load(
    path: Path | None = None,
    env_files: Sequence[tuple[str, Path]] = (),
    environ: Mapping[str, str] = os.environ,
) -> Config:
    """Return the configuration of a parity.toml, or of dotenv files.

    Args:
        path: the parity.toml; None searches for one as :func:`find` does.
        env_files: (environment, dotenv file), instead of a parity.toml.
        environ: the variables that a file may refer to.

    Raises:
        ConfigError: a file cannot be read, or is invalid.
    """
    if env_files:
        if path is not None:
            raise ConfigError("--config and --env-file do not go together: give one of them")
        return _from_env_files(env_files, environ)
    named = path is not None or bool(environ.get(VARIABLE))
    path = find(path, environ)
    if reason := exposure(path, named=named):
        raise ConfigError(reason)
    hint = f"\nto write one: parity-tui init -o {shlex.quote(str(path))}"
    text = _read(path, hint)
    config, holds_password = parity_toml.read(text, str(path), environ, _folder(path))
    config = replace(config, files=(path.absolute(),)).with_warnings(*_exposure_warnings(path, holds_password))
    if named or path != Path(FILE) or not needs_consent(config) or permission.is_allowed(path, text):
        return config
    return restricted(config)


def allow(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> tuple[Path, tuple[str, ...]]:
    """Remember that the user allows a file as it is now; return its path and what it starts and sends.

    Args:
        path: the file; None for ./parity.toml.
        environ: the variables that the file may refer to.

    Raises:
        ConfigError: others can write the file, it is invalid, or the permission cannot be kept.
    """
    path = path or Path(FILE)
    if reason := exposure(path, named=path != Path(FILE)):
        raise ConfigError(reason)
    text = _read(path)
    config, _ = parity_toml.read(text, str(path), environ, _folder(path))
    try:
        permission.allow(path, text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be allowed: {(error.strerror or str(error)).lower()}") from None
    return path, needs_consent(config)


def parse(text: str, name: str, environ: Mapping[str, str], folder: Path) -> Config:
    """Return the configuration of the text of a parity.toml. Raises ConfigError.

    Args:
        text: content of the file.
        name: name of the file, for messages.
        environ: variables that the file may refer to.
        folder: relative paths begin here.
    """
    return parity_toml.read(text, name, environ, folder)[0]


def target(
    environment: str,
    service: str,
    url: str,
    folder: Path,
    environ: Mapping[str, str] = os.environ,
    *,
    app: bool = False,
) -> Target:
    """Return the target of a URL from outside any file. Raises ConfigError, which does not show the URL.

    With ``app`` the URL is an app's, whose query may hold keys of its client library.
    """
    try:
        return build(EntryContext(environment, service, folder, environ, {}, app), ServiceEntry(url=url), {})
    except InvalidValue as invalid:
        raise ConfigError(invalid.message) from None


def find(explicit: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the first of: the file named, $PARITY_CONFIG, ./parity.toml, the user's own.

    Raises ConfigError if none of them exists, with instructions to begin.
    """
    if explicit is not None:
        return explicit
    if environ.get(VARIABLE):
        return Path(environ[VARIABLE])
    candidates = (Path(FILE), *_user_files())
    for path in candidates:
        if path.is_file():
            return path
    missing = f"neither ./{FILE} nor {candidates[1]} exists" if candidates[1:] else f"./{FILE} does not exist"
    raise ConfigError(f"no configuration: ${VARIABLE} is not set, and {missing}\n{_GETTING_STARTED}")


def _user_files() -> tuple[Path, ...]:
    """Return the user's own file; nothing for a user without a home, as in a container."""
    import platformdirs  # here: most starts name a file or find one in the current folder

    try:
        return (platformdirs.user_config_path("parity-tui") / FILE,)
    except RuntimeError:
        return ()


def _from_env_files(env_files: Sequence[tuple[str, Path]], environ: Mapping[str, str]) -> Config:
    from parity_tui.config import dotenv  # here: most starts read a parity.toml

    names = [name for name, _ in env_files]
    problems = [f'the environment "{name}" has two files' for name in dict.fromkeys(names) if names.count(name) > 1]
    problems += [f'"{name}" is no valid name: {parity_toml.NAMING}' for name in names if not NAME.fullmatch(name)]
    if problems:
        raise ConfigError(*problems)
    results = []
    for name, path in env_files:
        try:
            results.append(dotenv.read(_read(path), str(path), name, environ, _folder(path)))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(*problems)
    files = {name: (path, result) for (name, path), result in zip(env_files, results, strict=True)}
    targets = (*(target for result in results for target in result.targets), *dotenv.of_variables(files))
    warnings = [warning for result in results for warning in result.warnings]
    for (_, path), result in zip(env_files, results, strict=True):
        warnings += _exposure_warnings(path, result.holds_password)
    return Config(
        name=", ".join(str(path) for _, path in env_files),
        environments=coloured([(name, "") for name in names]),
        services=service_names(targets),
        targets=targets,
        files=tuple(path.absolute() for _, path in env_files),
        warnings=tuple(warnings),
        left_out=tuple(item for result in results for item in result.left_out),
        origins=tuple(origin for result in results for origin in result.origins),
    )


def _folder(path: Path) -> Path:
    return path.absolute().parent


def _read(path: Path, missing_hint: str = "") -> str:
    """Return the text of a file. Raises ConfigError, with the hint where the file does not exist."""
    try:
        content = read_file(path, _MAX_BYTES)
    except (OSError, ValueError) as error:
        hint = missing_hint if isinstance(error, FileNotFoundError) else ""
        raise ConfigError(f"{path}: {_in_words(error)}{hint}") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: this line is not in UTF-8: save the file as UTF-8") from None


def _in_words(error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case IsADirectoryError():
            return "this is a folder, not a file"
        case PermissionError():
            return "you may not read this file"
        case _:
            return f"cannot be read: {getattr(error, 'strerror', None) or error}"


def _exposure_warnings(path: Path, holds_password: bool) -> list[str]:
    """Return a warning about a file that holds a password and that others can read."""
    try:
        status = path.stat()
    except OSError:
        return []
    if not holds_password or not stat.S_ISREG(status.st_mode) or not status.st_mode & 0o077:
        return []
    return [f"{path} holds a password and can be read by others: chmod 600 {path}"]
