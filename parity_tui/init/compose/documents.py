"""Reads the files of a compose project: each once, within limits that hold for all of them together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from parity_tui.config import ConfigError
from parity_tui.config.dotenv_values import variables
from parity_tui.transport.user_files import read_file

_MAX_BYTES = 256 * 1024
_MAX_BYTES_TOGETHER = 4 * 1024 * 1024
_MAX_FILES = 500
_MOST_VALUES = 100_000
"""values of a file once its anchors are followed"""
_MOST_VALUES_TOGETHER = 250_000
"""values of all services once `extends` and env files are followed"""

BYTES_A_VALUE = 32
"""characters of an env file, or of references that are filled in, that count as a value"""


class Override(Struct, frozen=True):
    """A value with the tag `!override`: it replaces that of the file before. `!reset` is one of None."""

    value: Any = None


class Documents:
    """The files of one project."""

    def __init__(self) -> None:
        self._files: dict[Path, bytes | OSError] = {}
        self._documents: dict[Path, Any] = {}
        self._bytes_left = _MAX_BYTES_TOGETHER
        self._values_left = _MOST_VALUES_TOGETHER

    def spend(self, values: int) -> None:
        """Count values that a service gets from elsewhere. Raises ConfigError once there are too many."""
        self._values_left -= values
        if self._values_left < 0:
            raise ConfigError(f"the compose project expands to more than {_MOST_VALUES_TOGETHER:,} values")

    def text(self, path: Path) -> str:
        """Return the text of a file. Raises OSError, whose ``strerror`` is a phrase, or ConfigError for too many."""
        if path not in self._files:
            if len(self._files) >= _MAX_FILES or self._bytes_left <= 0:
                raise ConfigError(f"the compose project has more than {_MAX_FILES} files, or more than 4 MB of them")
            self._files[path] = self._read(path)
        content = self._files[path]
        if isinstance(content, OSError):
            raise content
        return content.decode("utf-8-sig", "replace")

    def _read(self, path: Path) -> bytes | OSError:
        try:
            content = read_file(path, _MAX_BYTES)
        except ValueError:  # a null byte
            return FileNotFoundError(2, "No such file or directory", str(path))
        except OSError as error:
            return error
        self._bytes_left -= len(content)
        return content

    def variables(self, path: Path, known: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of an env file, with references filled in. Raises as :meth:`text` does."""
        text = self.text(path)
        self.spend(len(text) // BYTES_A_VALUE)
        found, _ = variables(text, str(path), known)
        return {variable.name: variable.value for variable in found}

    def yaml(self, path: Path) -> dict[str, Any]:
        """Return the top level of a compose file; every plain scalar is text. Raises OSError or ConfigError."""
        if path not in self._documents:
            self._documents[path] = _parse(self.text(path), path)
        document: dict[str, Any] = self._documents[path]
        return document


def mapping(data: Any) -> dict[str, Any]:
    """Return a mapping with its keys as text, an empty one for any other value."""
    return {str(key): value for key, value in data.items()} if isinstance(data, dict) else {}


def _parse(text: str, path: Path) -> dict[str, Any]:
    import yaml  # here: nothing else reads YAML

    class Loader(yaml.SafeLoader):
        """Resolves no numbers, dates and booleans: "22:22" is a port."""

    resolved = ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
    Loader.yaml_implicit_resolvers = {
        first: [resolver for resolver in resolvers if resolver[0] in resolved]
        for first, resolvers in Loader.yaml_implicit_resolvers.items()
    }
    Loader.add_constructor("!override", _override)
    Loader.add_constructor("!reset", lambda loader, node: Override())
    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    try:
        loader = Loader(text)
        found: dict[str, Any] = {}
        values = 0
        while loader.check_node():
            node = loader.get_node()
            values += _number_of_values(node, {})
            if values > _MOST_VALUES:
                raise ConfigError(f"{path}: its anchors expand to more than {_MOST_VALUES:,} values")
            found = _with(found, mapping(loader.construct_document(node)))
        return found
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: this is not valid YAML") from None


def _with(found: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return the top level of a file with that of its next document."""
    tables = {key: mapping(found.get(key)) | value for key, value in document.items() if isinstance(value, dict)}
    return found | document | tables


def _override(loader: Any, node: Any) -> Override:
    if isinstance(node.value, str):
        return Override(node.value)
    is_mapping = any(isinstance(item, tuple) for item in node.value)
    construct = loader.construct_mapping if is_mapping else loader.construct_sequence
    return Override(construct(node, deep=True))


def _number_of_values(node: Any, known: dict[int, int]) -> int:
    """Return the number of values below a node of YAML, shared ones each time; too many for one in itself."""
    if id(node) not in known:
        known[id(node)] = _MOST_VALUES + 1  # while it is counted
        children = node.value if isinstance(node.value if node else None, list) else ()
        parts = [part for child in children for part in (child if isinstance(child, tuple) else (child,))]
        known[id(node)] = min(1 + sum(_number_of_values(part, known) for part in parts), _MOST_VALUES + 1)
    return known[id(node)]
