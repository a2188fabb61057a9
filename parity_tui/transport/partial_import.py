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
def partial_import(*names: str) -> Iterator[None]:
    """Import in this context only the modules that are named in it, and what they import themselves.

    Args:
        names: modules and packages whose own code runs at the first use of what it defines. Until then the modules of
            a package can be imported, and an unused module costs nothing.

    One that was imported before stays as it is. One that is not installed is passed by: its import fails where it is
    needed.
    """
    for name in names:
        if spec := _spec(name):
            module = importlib.util.module_from_spec(spec)
            module.__class__ = _DeferredModule
            sys.modules[name] = module
            _set_in_parent(name)
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


def _set_in_parent(name: str) -> None:
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, sys.modules[name])


class _DeferredModule(ModuleType):
    """A module whose code has not run; of a package, the modules can be imported all the same."""

    def __getattr__(self, name: str) -> Any:
        """Return a module of the package by its name; run the code for any other name."""
        if name.startswith("__") and name not in _OWN_NAMES:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if name not in _OWN_NAMES and "__path__" in vars(self):
            module = f"{self.__name__}.{name}"
            if importlib.util.find_spec(module):
                return importlib.import_module(module)
        self._run()
        return getattr(sys.modules[self.__name__], name)

    def _run(self) -> None:
        loader: Any = self.__loader__
        ModuleType.__setattr__(self, "__class__", ModuleType)
        try:
            loader.exec_module(self)
        except BaseException:  # the next use tries again, and fails with the same error
            ModuleType.__setattr__(self, "__class__", _DeferredModule)
            raise
        _set_in_parent(self.__name__)  # some modules replace themselves


@contextmanager
def _quick_versions() -> Iterator[None]:
    """Let libraries that ask for their own version not wait for importlib.metadata, which imports 30 modules."""
    if _METADATA in sys.modules:
        yield
        return
    stand_in = _Metadata(_METADATA)
    sys.modules[_METADATA] = stand_in
    _set_in_parent(_METADATA)
    try:
        yield
    finally:
        stand_in.leave()


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
        self.leave()
        return getattr(importlib.import_module(_METADATA), name)

    def leave(self) -> None:
        """Make room for importlib.metadata."""
        if sys.modules.get(_METADATA) is self:
            sys.modules.pop(_METADATA, None)
        if vars(importlib).get("metadata") is self:
            del importlib.metadata


def _folders(start: str) -> list[str]:
    """Return the names of the folders of metadata on the path that begin like this."""
    found = []
    for folder in sys.path:
        with suppress(OSError):
            found += [name for name in os.listdir(folder or ".") if name.startswith(start) and name.endswith(_FOLDER)]
    return found
