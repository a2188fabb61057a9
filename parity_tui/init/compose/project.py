"""Compose files -> the services of one project, with `include`, `extends` and override files followed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from parity_tui.config import ConfigError
from parity_tui.config.errors import InvalidValue
from parity_tui.config.variables import interpolate
from parity_tui.init.compose.documents import BYTES_A_VALUE, Documents, Override, mapping
from parity_tui.init.compose.merge import Service, merged, normalized, plain

DEFAULT_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_OVERRIDES = tuple(name.replace(".y", ".override.y") for name in DEFAULT_NAMES)
_MAX_CHAIN = 50
"""services that extend each other, and files that include each other"""


class Project(Struct, frozen=True):
    """The services of one project."""

    name: str
    files: tuple[Path, ...]
    services: Mapping[str, Service]
    variables: Mapping[str, str]
    """by which references were filled in"""
    remarks: tuple[str, ...]
    """what could not be followed, one sentence each"""


def read_project(paths: Sequence[Path], documents: Documents) -> Project:
    """Return the project of compose files, each of which overrides those before it. Raises ConfigError."""
    files = _files(paths)
    folder = files[0].parent
    reader = _Reader(documents)
    variables = reader.variables([folder / ".env"], os.environ)
    try:
        tops = [documents.yaml(path) for path in files]
    except OSError as error:
        raise ConfigError(f"{error.filename}: cannot be read: {error.strerror}") from None
    names = [fill(top["name"], variables) for top in tops if isinstance(top.get("name"), str)]
    name = variables.get("COMPOSE_PROJECT_NAME") or (names[-1] if names else "") or folder.name
    name = re.sub(r"[^a-z0-9_-]", "", name.lower()).lstrip("_-")
    scope = Scope(folder, {**variables, "COMPOSE_PROJECT_NAME": name})
    services = {key: _plain(service) for key, service in reader.services(files, scope, ()).items()}
    if not services:
        raise ConfigError(f"{paths[0]}: the file has no services")
    return Project(name, tuple(files), services, scope.variables, tuple(dict.fromkeys(reader.remarks)))


class Scope(Struct, frozen=True):
    """What the values of a file are relative to."""

    folder: Path
    variables: Mapping[str, str]


def _files(paths: Sequence[Path]) -> list[Path]:
    """Return the files of a project: those named, or the default file of a folder, with the override file beside it."""
    files = [path.absolute() for path in paths]
    if len(files) > 1:
        return files
    file = files[0]
    if file.is_dir():
        file = next((path for name in DEFAULT_NAMES if (path := file / name).exists()), file)
    overrides = [path for name in _OVERRIDES if (path := file.with_name(name)).exists()]
    return [file, *overrides[:1]] if file.name in DEFAULT_NAMES else [file]


class _Reader:
    """Reads the files of one project, and remembers what it could not follow."""

    def __init__(self, documents: Documents) -> None:
        self.remarks: list[str] = []
        self._documents = documents
        self._extended: dict[tuple[Path, str], Service] = {}
        self._read: set[tuple[Path, ...]] = set()

    def variables(self, env_files: Sequence[Path], known: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of `.env` files; those that are known already win. Raises ConfigError."""
        found: dict[str, str] = {}
        for path in env_files:
            try:
                found |= self._documents.variables(path, {**found, **known})
            except FileNotFoundError:
                continue
            except OSError as error:
                self.remarks.append(f"{path.name} cannot be read: {error.strerror}")
        return {**found, **known}

    def services(self, files: Sequence[Path], scope: Scope, chain: tuple[Path, ...]) -> dict[str, Service]:
        """Return the services of files that override each other, and of those that they include. Raises ConfigError."""
        result: dict[str, Service] = {}
        for path in files:
            top = self._yaml(path, "the compose file")
            for entry in top["include"] if isinstance(top.get("include"), list) else ():
                included = self._included(entry, scope, (*chain, path))
                result = {**included, **result}
            for name, raw in _services(top).items():
                service = self._service(name, raw, path, scope, ())
                result[name] = merged(result[name], service, self._documents) if name in result else service
        return result

    def _yaml(self, path: Path, what: str) -> dict[str, Any]:
        try:
            return self._documents.yaml(path)
        except OSError as error:
            self.remarks.append(f"{what} {_shown(path)} cannot be read: {error.strerror}")
            return {}

    def _included(self, entry: Any, scope: Scope, chain: tuple[Path, ...]) -> dict[str, Service]:
        """Return the services of one entry of `include`."""
        table = mapping(plain(self._fill({"path": entry} if isinstance(entry, str) else entry, scope)))
        names = [name for name in _list(table.get("path")) if isinstance(name, str) and name]
        if remote := [name for name in names if "://" in name or name.startswith("git@")]:
            self.remarks.append(f"include: {remote[0]} is not fetched")
            return {}
        files = [scope.folder / name for name in names]
        if not files:
            return {}
        if any(_same(path, known) for path in files for known in chain) or len(chain) >= _MAX_CHAIN:
            self.remarks.append(f"include: {names[0]} includes itself")
            return {}
        if tuple(files) in self._read:
            return {}
        self._read.add(tuple(files))
        directory = table.get("project_directory")
        folder = scope.folder / directory if isinstance(directory, str) and directory else files[0].parent
        env_files = [name for name in _list(table.get("env_file")) if isinstance(name, str)]
        env_paths = [scope.folder / name for name in env_files] or [folder / ".env"]
        return self.services(files, Scope(folder, self.variables(env_paths, scope.variables)), chain)

    def _service(self, name: str, raw: Any, path: Path, scope: Scope, chain: tuple[tuple[Path, str], ...]) -> Service:
        """Return one service of a file with what it extends. Raises ConfigError."""
        key = (path, name)
        if key in self._extended:
            return self._extended[key]
        service = _located(normalized(mapping(self._fill(raw, scope))), scope.folder)
        extends = mapping(service.pop("extends", None))
        of, file = extends.get("service"), extends.get("file")
        if isinstance(of, str) and of:
            base_path = scope.folder / file if isinstance(file, str) and file else path
            base = self._base(name, of, base_path, path, scope, (*chain, key))
            service = merged(base, service, self._documents)
        self._extended[key] = service
        return service

    def _base(
        self, name: str, of: str, base_path: Path, path: Path, scope: Scope, chain: tuple[tuple[Path, str], ...]
    ) -> Service:
        """Return the service that another one extends; an empty one, with a remark, where it cannot be followed."""
        if any(of == known and _same(base_path, file) for file, known in chain) or len(chain) >= _MAX_CHAIN:
            self.remarks.append(f"{name} extends {of}, which extends {name}: not followed")
            return {}
        raw = _services(self._yaml(base_path, f"{name} extends")).get(of)
        if raw is None:
            self.remarks.append(f"{name} extends {of}, which {base_path.name} does not have")
            return {}
        inner = scope if _same(base_path, path) else Scope(base_path.parent, scope.variables)
        return self._service(of, raw, base_path, inner, chain)

    def _fill(self, value: Any, scope: Scope) -> Any:
        """Return a value of YAML with the references of every text filled in. Raises ConfigError."""
        if isinstance(value, str):
            if "$" not in value:
                return value
            filled = fill(value, scope.variables)
            self._documents.spend(len(filled) // BYTES_A_VALUE)
            return filled
        if isinstance(value, list | dict):
            self._documents.spend(len(value))
        if isinstance(value, list):
            return [self._fill(item, scope) for item in value]
        if isinstance(value, dict):
            return {key: self._fill(item, scope) for key, item in value.items()}
        return Override(self._fill(value.value, scope)) if isinstance(value, Override) else value


def fill(text: str, variables: Mapping[str, str]) -> str:
    """Return a text with its references filled in: nothing for a variable that is not set. Raises ConfigError.

    >>> fill("$A ${A:-2} ${B:-3} ${B-4} ${C?no} ${A:+5} $$A", {"A": "1", "B": ""})
    '1 1 3   5 $A'
    """
    try:
        return interpolate(text, variables, bare=True).text
    except InvalidValue as error:
        raise ConfigError(f"a value of the compose project {error}") from None


def _services(top: Mapping[str, Any]) -> dict[str, Any]:
    """Return the services of a file, also of one from before they had a key of their own."""
    if "services" in top or "include" in top:
        return mapping(plain(top.get("services")))
    return {name: value for name, value in top.items() if isinstance(value, dict) and value.keys() & {"image", "build"}}


def _located(service: Service, folder: Path) -> Service:
    """Return a service whose files are absolute paths, for it may be merged with one from another folder."""
    result = dict(service)
    entries = plain(result.get("env_file"))
    if entries is not None:
        files = list(_env_files(_list(entries), folder))
        result["env_file"] = Override(files) if isinstance(result["env_file"], Override) else files
    volumes = plain(result.get("volumes"))
    if volumes is not None:
        mounts = list(_mounts(_list(volumes), folder))
        result["volumes"] = Override(mounts) if isinstance(result["volumes"], Override) else mounts
    build = plain(result.get("build"))
    build = {"context": build} if isinstance(build, str) else build
    if isinstance(build, dict):
        context = plain(build.get("context", "."))
        if isinstance(context, str) and "://" not in context:
            build = {**build, "context": str(folder / context)}
        result["build"] = Override(build) if isinstance(result["build"], Override) else build
    return result


def _env_files(entries: Sequence[Any], folder: Path) -> Iterator[dict[str, Any]]:
    for entry in entries:
        table = {"path": entry} if isinstance(entry, str) else mapping(entry)
        if isinstance(table.get("path"), str):
            yield {**table, "path": str(folder / table["path"])}


def _mounts(entries: Sequence[Any], folder: Path) -> Iterator[dict[str, str]]:
    """Yield the bind mounts: a source that begins with a dot, a slash or a tilde is a path, any other a volume."""
    for entry in entries:
        table = mapping(entry)
        source, target = table.get("source"), table.get("target")
        if isinstance(entry, str):
            source, _, target = entry.partition(":")
            target = target.partition(":")[0]
        if isinstance(source, str) and isinstance(target, str) and source[:1] in (".", "/", "~"):
            yield {"source": os.path.normpath(folder / Path(os.path.expanduser(source))), "target": target}


def _plain(service: Service) -> Service:
    return {key: plain(value) for key, value in service.items()}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _same(one: Path, other: Path) -> bool:
    return os.path.normpath(one) == os.path.normpath(other)


def _shown(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
