"""A compose file -> its containers, with variables, ports and YAML read as Docker reads them."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from parity_tui.config import ConfigError
from parity_tui.config.errors import InvalidValue
from parity_tui.config.variables import interpolate
from parity_tui.transport.user_files import read_file

_MAX_BYTES = 256 * 1024
_MOST_VALUES = 100_000
"""values of a file once its anchors are followed"""

_PORT = re.compile(
    r"(?:(?P<address>\[[^\]]{0,300}\]|[^:\[\]]{0,300}):)?(?:(?P<published>\d{0,5}):)?(?P<inside>\d{1,5})(?:/\w{1,9})?",
    re.ASCII,
)
_NUMBER = re.compile(r"\d{1,5}", re.ASCII)
_ALL_INTERFACES = ("", "0.0.0.0", "[::]", "::")  # noqa: S104 - compared with, not listened on


class Container(Struct, frozen=True):
    """One service of a compose file, its variables filled in."""

    name: str
    image: str
    container: str
    """its name for `docker`"""
    variables: Mapping[str, str]
    command: str
    ports: Mapping[int, tuple[str, int]]
    """port in the container -> host and port on this machine"""

    def __repr__(self) -> str:
        return f"Container({self.name!r})"


def read_containers(path: Path) -> dict[str, Container]:
    """Return the containers of a compose file by the names of its services. Raises ConfigError."""
    folder = path.absolute().parent
    document = _mapping(_load(path))
    variables = Interpolation({**_dotenv(folder / ".env"), **os.environ})
    project = variables.fill(document.get("name")) or re.sub(r"[^a-z0-9_-]", "", folder.name.lower())
    try:
        containers = {
            name: _container(name, _mapping(service), project, variables)
            for name, service in _mapping(document.get("services")).items()
        }
    except InvalidValue as error:
        raise ConfigError(f"{path}: a value {error}") from None
    if not containers:
        raise ConfigError(f"{path}: the file has no services")
    return containers


class Interpolation:
    """Fills in the variables of a compose file, as Docker does."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def fill(self, value: Any) -> str:
        """Return a scalar as text, "" for a list, a mapping or nothing.

        >>> Interpolation({"A": "1", "B": ""}).fill("$A ${A:-2} ${B:-3} ${B-4} ${C?no} ${A:+5} $$A")
        '1 1 3   5 $A'
        """
        if value is None or isinstance(value, dict | list):
            return ""
        return interpolate(str(value), self._variables, bare=True).text


def _container(name: str, service: Mapping[str, Any], project: str, variables: Interpolation) -> Container:
    command = service.get("command")
    words = command if isinstance(command, list) else [command]
    return Container(
        name=name,
        image=variables.fill(service.get("image")),
        container=variables.fill(service.get("container_name")) or f"{project}-{name}-1",
        variables=dict(_environment(service.get("environment"), variables)),
        command=" ".join(variables.fill(word) for word in words),
        ports=dict(_published_ports(service.get("ports"), variables)),
    )


def _environment(entries: Any, variables: Interpolation) -> Iterator[tuple[str, str]]:
    """Yield the variables of a container, written as a mapping or as a list."""
    if isinstance(entries, dict):
        yield from ((name, variables.fill(value)) for name, value in entries.items() if isinstance(name, str))
    for entry in entries if isinstance(entries, list) else ():
        name, equals, value = entry.partition("=") if isinstance(entry, str) else ("", "", "")
        if equals:
            yield name, variables.fill(value)


def _published_ports(entries: Any, variables: Interpolation) -> Iterator[tuple[int, tuple[str, int]]]:
    """Yield the ports with a published number of their own, written in the short or the long form."""
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            parts = [variables.fill(entry.get(key)) for key in ("host_ip", "published", "target")]
        elif match := _PORT.fullmatch(variables.fill(entry)):
            parts = [match["address"] or "", match["published"] or "", match["inside"]]
            if not match["published"] and parts[0].isdigit():  # "5433:5432": the first part is no host
                parts = ["", parts[0], parts[2]]
        else:
            continue
        host, published, inside = parts
        if _NUMBER.fullmatch(published) and _NUMBER.fullmatch(inside):
            yield int(inside), ("localhost" if host in _ALL_INTERFACES else host, int(published))


def _dotenv(path: Path) -> dict[str, str]:
    """Return the variables of the `.env` beside a compose file, which Docker reads."""
    from dotenv import dotenv_values  # here: only a compose file needs it

    try:
        text = io.StringIO(read_file(path, _MAX_BYTES).decode())
        return {name: value or "" for name, value in dotenv_values(stream=text, interpolate=False).items()}
    except (OSError, UnicodeDecodeError):
        return {}


def _mapping(data: Any) -> dict[str, Any]:
    return {str(key): value for key, value in data.items()} if isinstance(data, dict) else {}


def _load(path: Path) -> Any:
    """Return the YAML document of a file; every plain scalar is text. Raises ConfigError."""
    import yaml  # here: nothing else reads YAML

    class Loader(yaml.SafeLoader):
        """Resolves no numbers, dates and booleans: "22:22" is a port. Docker's own tags become null."""

    resolved = ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
    Loader.yaml_implicit_resolvers = {
        first: [resolver for resolver in resolvers if resolver[0] in resolved]
        for first, resolvers in Loader.yaml_implicit_resolvers.items()
    }
    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    try:
        loader = Loader(read_file(path, _MAX_BYTES))
        node = loader.get_single_node()
        if _number_of_values(node, {}) > _MOST_VALUES:
            raise ConfigError(f"{path}: its anchors expand to more than {_MOST_VALUES:,} values")
        return loader.construct_document(node) if node else None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: this is not valid YAML") from None


def _number_of_values(node: Any, known: dict[int, int]) -> int:
    """Return the number of values below a node of YAML, shared ones each time; too many for one in itself."""
    if id(node) not in known:
        known[id(node)] = _MOST_VALUES + 1  # while it is counted
        children = node.value if isinstance(node.value if node else None, list) else ()
        parts = [part for child in children for part in (child if isinstance(child, tuple) else (child,))]
        known[id(node)] = min(1 + sum(_number_of_values(part, known) for part in parts), _MOST_VALUES + 1)
    return known[id(node)]
