"""Imports of parts of packages, each in a process of its own: this one has imported everything."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

DRIVERS = ("redis.connection", "rabbitmq.connection", "mysql.connection")
PREPARED = "from parity_tui.transport.partial_import import partial_import\n"


def printed(code: str, folder: Path | None = None) -> list[str]:
    """Return the lines that a program prints; modules of ``folder`` can be imported."""
    path = os.pathsep.join([str(folder)] if folder else [])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a folder with a package whose ``__init__`` prints its name, and a distribution of it."""
    folder = tmp_path / "large"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "print('all of large')\nfrom large.part import WORD\nfrom large.rest import OTHER\n__version__ = '1'\n"
    )
    (folder / "part.py").write_text("WORD = 'part'\n")
    (folder / "rest.py").write_text("print('the rest')\nOTHER = 'rest'\n")
    (tmp_path / "some_large-1.2.dist-info").mkdir()
    (tmp_path / "some_large-1.2.dist-info" / "METADATA").write_text("Name: some-large\nVersion: 1.2\n")
    return tmp_path


def test_drivers_leave_out_clients_and_cryptography() -> None:
    imports = "\n".join(f"import parity_tui.services.{name}" for name in DRIVERS)
    names = ("redis.client", "redis.commands", "aio_pika.robust_connection", "importlib.metadata", "_cffi_backend")
    code = f"import sys\n{imports}\nprint([name for name in {names} if name in sys.modules])"
    assert printed(code) == ["[]"]


@pytest.mark.parametrize(
    ("name", "of_module"),
    [
        ("redis.Redis", "redis.client"),
        ("redis.asyncio.Redis", "redis.asyncio.client"),
        ("aio_pika.connect_robust", "aio_pika.robust_connection"),
        ("asyncmy.auth.hashes.SHA1", "cryptography.hazmat.primitives.hashes"),
        ("asyncmy.auth.padding.OAEP", "cryptography.hazmat.primitives.asymmetric.padding"),
    ],
)
def test_left_out_names_are_there_when_needed(name: str, of_module: str) -> None:
    imports = "\n".join(f"import parity_tui.services.{driver}" for driver in DRIVERS)
    package = name.split(".")[0]
    assert printed(f"{imports}\nimport {package}\nprint({name}.__module__)") == [of_module]


@pytest.mark.parametrize(
    "name", ["aio_pika.__version__", "aiormq.connection.__version__", "asyncmy.version.__version__"]
)
def test_drivers_know_their_versions(name: str) -> None:
    imports = "\n".join(f"import parity_tui.services.{driver}" for driver in DRIVERS)
    package = name.split(".")[0]
    assert printed(f"{imports}\nimport {package}\nprint({name})") == [metadata.version(package)]


@pytest.mark.parametrize(
    ("use", "lines"),
    [
        ("from large.part import WORD; print(WORD)", ["part"]),
        ("from large import part; print(part.WORD)", ["part"]),
        ("from large import rest; print(rest.OTHER)", ["the rest", "rest"]),
        ("from large import OTHER; print(OTHER)", ["all of large", "the rest", "rest"]),
        ("import large.part; print(large.WORD, large.OTHER)", ["all of large", "the rest", "part rest"]),
        ("import large; print(large.__version__)", ["all of large", "the rest", "1"]),
        ("from large import *; print(OTHER)", ["all of large", "the rest", "rest"]),
        ("import large; print(hasattr(large, '__wrapped__'))", ["False"]),
        ("import large; print(hasattr(large, 'nothing'))", ["all of large", "the rest", "False"]),
    ],
)
def test_package_runs_as_late_as_it_can(package: Path, use: str, lines: list[str]) -> None:
    code = f"{PREPARED}with partial_import('large'):\n    import large\n{use}"
    assert printed(code, package) == lines


def test_package_runs_once(package: Path) -> None:
    code = f"{PREPARED}with partial_import('large'):\n    import large\nlarge.OTHER, large.WORD, large.OTHER"
    assert printed(code, package) == ["all of large", "the rest"]


def test_unused_module_runs_at_first_use(package: Path) -> None:
    code = (
        f"{PREPARED}with partial_import('large', 'large.rest'):\n    from large import rest\n"
        "print('before')\nprint(rest.OTHER)"
    )
    assert printed(code, package) == ["before", "the rest", "rest"]


def test_imported_package_stays_as_it_is(package: Path) -> None:
    code = f"{PREPARED}import large\nwith partial_import('large', 'large.rest'):\n    print(large.OTHER)"
    assert printed(code, package) == ["all of large", "the rest", "rest"]


def test_missing_package_is_passed_by(package: Path) -> None:
    code = (
        f"{PREPARED}with partial_import('no_such', 'no_such.part', 'large.no_such'):\n"
        "    try:\n        import no_such\n    except ModuleNotFoundError as error:\n        print(error)"
    )
    assert printed(code, package)[-1] == "No module named 'no_such'"


@pytest.mark.parametrize(
    ("name", "answer"), [("some-large", "1.2"), ("Some_Large", "1.2"), ("no-such", "PackageNotFoundError")]
)
def test_version_is_that_of_metadata(package: Path, name: str, answer: str) -> None:
    code = f"""{PREPARED}
with partial_import():
    from importlib.metadata import PackageNotFoundError, version
    try:
        print(version({name!r}))
    except PackageNotFoundError as error:
        print(type(error).__name__)
from importlib import metadata
print(metadata.__file__ is not None, metadata.version("some_large"))
"""
    assert printed(code, package) == [answer, "True 1.2"]


def test_two_versions_are_judged_by_metadata(package: Path) -> None:
    (package / "some_large-1.3.dist-info").mkdir()
    code = f"""{PREPARED}
with partial_import():
    from importlib.metadata import version
    found = version("some-large")
from importlib import metadata
print(found == metadata.version("some-large"))
"""
    assert printed(code, package) == ["True"]


def test_driver_can_encrypt_a_password() -> None:
    code = """
import parity_tui.services.mysql.connection
from asyncmy import auth
from cryptography.hazmat.primitives.asymmetric import rsa
public_key = rsa.generate_private_key(65537, 2048).public_key()
form = auth.serialization.PublicFormat.SubjectPublicKeyInfo
pem = public_key.public_bytes(auth.serialization.Encoding.PEM, form)
print(len(auth.sha2_rsa_encrypt(b"secret", b"s" * 20, pem)))
"""
    assert printed(code) == ["256"]


def test_module_that_replaces_itself_is_found(package: Path) -> None:
    (package / "large" / "moved.py").write_text(
        "import sys, types\nWORD = 'old'\nsys.modules[__name__] = types.SimpleNamespace(WORD='new', OLD=WORD)\n"
    )
    code = (
        f"{PREPARED}with partial_import('large', 'large.moved'):\n    from large import moved\n"
        "print(moved.OLD, moved.WORD)\nimport large.moved\nprint(large.moved.WORD)"
    )
    assert printed(code, package) == ["old old", "new"]


def test_failed_code_runs_again(package: Path) -> None:
    (package / "large" / "__init__.py").write_text("raise ImportError('broken')\n")
    code = f"""{PREPARED}
with partial_import("large"):
    import large
for _ in range(2):
    try:
        large.WORD
    except ImportError as error:
        print(error)
"""
    assert printed(code, package) == ["broken", "broken"]


def test_metadata_is_reached_by_its_parent(package: Path) -> None:
    code = f"""{PREPARED}
with partial_import():
    import importlib.metadata
    print(importlib.metadata.version("some_large"))
import importlib.metadata
print(importlib.metadata.version("some_large"), importlib.metadata.__file__ is not None)
"""
    assert printed(code, package) == ["1.2", "1.2 True"]


def test_metadata_has_all_its_names() -> None:
    code = (
        f"{PREPARED}with partial_import():\n    from importlib.metadata import Distribution, entry_points\n"
        "print(Distribution.__module__, bool(entry_points()))"
    )
    assert printed(code) == ["importlib.metadata True"]
