"""Imports the needed parts of large packages.

The ``__init__`` of a package imports all its modules. Of redis-py's 62, parity-tui needs a parser and a connection; the
others, aio-pika's robust connections, the package cryptography and importlib.metadata together cost 40 ms and 15 MB.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_METADATA = "importlib.metadata"
_FOLDER = ".dist-info"
_OWN_NAMES = ("__all__", "__version__")
"""dunder names that a package's __init__ defines"""


@contextmanager
def partial_import(*packages: str, unused: tuple[str, ...] = ()) -> Iterator[None]:
    """Import in this context only the modules that are named, and what they import themselves.

    Args:
        packages: whose ``__init__`` runs at the first use of a name that no module of the package has.
        unused: modules that run at the first use of one of their names.

    A module that was imported before stays as it is. A package or module that is not installed is passed by: its
    import fails where it is needed.
    """
    for name in packages:
        if spec := _spec(name):
            _register(name, spec, _PartialPackage)
    for name in unused:
        if (spec := _spec(name)) and spec.loader:
            spec.loader = importlib.util.LazyLoader(spec.loader)
            _register(name, spec)
    with _quick_versions():
        yield


def _spec(name: str) -> ModuleSpec | None:
    """Return how to import a module, None if it is imported or not installed. Its parents are imported."""
    if name in sys.modules:
        return None
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None


def _register(name: str, spec: ModuleSpec, kind: type[ModuleType] | None = None) -> None:
    module: ModuleType = importlib.util.module_from_spec(spec)
    if kind:
        module.__class__ = kind
    elif spec.loader:
        spec.loader.exec_module(module)
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)


class _PartialPackage(ModuleType):
    """A package whose modules can be imported while its ``__init__`` has not run."""

    def __getattr__(self, name: str) -> Any:
        """Return a module of the package by its name; run ``__init__`` for any other name."""
        if name.startswith("__") and name not in _OWN_NAMES:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if name not in _OWN_NAMES and importlib.util.find_spec(f"{self.__name__}.{name}"):
            return importlib.import_module(f"{self.__name__}.{name}")
        spec = self.__spec__
        if spec and spec.loader:
            super().__setattr__("__class__", ModuleType)
            spec.loader.exec_module(self)
        return getattr(self, name)


@contextmanager
def _quick_versions() -> Iterator[None]:
    """Let libraries that ask for their own version not wait for importlib.metadata, which imports 30 modules."""
    if _METADATA in sys.modules:
        yield
        return
    stand_in = _Metadata(_METADATA)
    sys.modules[_METADATA] = stand_in
    try:
        yield
    finally:
        if sys.modules.get(_METADATA) is stand_in:
            del sys.modules[_METADATA]


class _Metadata(ModuleType):
    """Stands in for importlib.metadata: reads versions off folders, and hands on everything else."""

    PackageNotFoundError = ModuleNotFoundError
    """the base of the real one"""

    def version(self, name: str) -> str:
        """Return the version of an installed distribution. Raises PackageNotFoundError."""
        found = _folders(f"{name.lower().replace('-', '_')}-")
        if len(found) == 1:
            return found[0].removesuffix(_FOLDER).split("-")[1]
        version: str = self.__getattr__("version")(name)
        return version

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if sys.modules.get(_METADATA) is self:
            del sys.modules[_METADATA]
        return getattr(importlib.import_module(_METADATA), name)


def _folders(start: str) -> list[str]:
    """Return the names of the folders of metadata on the path that begin like this."""
    found = []
    for folder in sys.path:
        with suppress(OSError):
            found += [name for name in os.listdir(folder or ".") if name.startswith(start) and name.endswith(_FOLDER)]
    return found
