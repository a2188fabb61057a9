"""Every kind has the same shape, and no other module names one; both rules fail when they are broken."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from parity_tui.services import kinds

PACKAGE = Path(__file__).parents[2] / "parity_tui"

FILES = {
    "__init__", "queries", "connection", "parse", "normalize", "errors", "rules", "remediation", "client_config",
    "version", "timezone", "migrations",
}  # fmt: skip
"""the files, or folders, that the folder of a kind may have"""

COMMON_WORDS = {
    "age": "the time since something",
    "app": "the program that the services serve",
    "console": "the text that tools print",
    "env": "the program, and directives of web servers",
    "environment variables": "those of this process",
    "file": "a part of many names, keys and messages",
    "host": "a part of every address",
    "http": "the protocol of the APIs of several kinds",
    "https": "likewise",
    "sync": "a mode of databases",
    "runtime": "the OCI runtime that runs containers",
}
"""names of kinds and schemes that mean something else as well -> what they mean outside the kinds"""

_HUB = (
    "cli/history.py", "cli/options.py", "cli/shared.py", "config/json_schema.py", "config/parity_toml.py",
    "history/hub/connection.py",
)  # fmt: skip
_DSN = ("mariadb", "mysql", "pgsql", "postgresql", "sqlite")
_RELEASED = (
    "apache httpd", "mariadb", "memcached", "mysql", "nginx", "postgresql", "rabbitmq", "redis", "sqlite", "valkey",
)  # fmt: skip
ALLOWED = {
    ("init/questions.py", "postgresql"): "an example for a person who is asked for URLs",
    ("init/questions.py", "redis"): "likewise",
    ("services/_migrations/tools.py", "ecto"): "a tool for migrations, whatever the database",
    ("init/questions.py", "amqp"): "likewise",
    ("config/targets/__init__.py", "memory"): "`:memory:`, a path of a URL that is no file",
    ("init/render.py", "memory"): "likewise",
    ("cli/guardian.py", "memory"): "the RAM of this machine",
    ("transport/errors.py", "memory"): "likewise",
    ("config/json_schema.py", "rabbitmq"): "the only kind that has the key `management`",
    **{("config/dsn.py", name): "forms of connection texts that are no URLs" for name in _DSN},
    **{("drift/lifecycle.py", name): "products whose release lines end on known dates" for name in _RELEASED},
    ("config/json_schema.py", "apache"): "a kind that has the key `sudo`",
    ("config/json_schema.py", "nginx"): "likewise",
    ("history/location.py", "sqlite"): "the library that stores the history",
    **{(file, "postgresql"): "the database of a shared history" for file in _HUB},
    ("config/config.py", "postgres"): "likewise",
    ("history/hub/connection.py", "postgres"): "likewise",
    ("init/images.py", "pg"): "a part of the names of images",
    ("config/app_url.py", "mysql"): "the scheme of Go's connection texts, which name none",
    ("secrets/patterns.py", "mysql"): "a client program that takes the password as an argument",
    ("secrets/patterns.py", "mariadb"): "likewise",
}
"""(file, name) -> the reason for which the name may occur there"""

VARIABLES_OF_APPS = "config/dotenv_parts/"
"""the spellings of frameworks name kinds that they reach"""


def misshapen(package: Path) -> Iterator[str]:
    """Yield the files that the folder of a kind must not have, and the kinds without SERVICE."""
    for entry in sorted((package / "services").iterdir()):
        if entry.name.startswith(("_", ".")) or (entry.is_dir() and not list(entry.rglob("*.py"))):
            continue
        if entry.is_dir():
            children = [child for child in sorted(entry.iterdir()) if child.suffix == ".py" or child.is_dir()]
            yield from (f"{entry.name}/{child.name}" for child in children if child.stem not in {*FILES, "__pycache__"})
        module = ast.parse((entry / "__init__.py" if entry.is_dir() else entry).read_text("utf-8"))
        names = {target.id for node in module.body for target in assigned(node)}
        if "SERVICE" not in names:
            yield f"{entry.name}: no SERVICE"


def assigned(node: ast.stmt) -> Iterator[ast.Name]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return (target for target in targets if isinstance(target, ast.Name))


def names_of_kinds() -> set[str]:
    """Return every name, product and scheme of the built-in kinds, in lower case."""
    names: set[str] = set()
    for kind, service in kinds().items():
        products = re.split(r"\s*/\s*", service.title)
        images = [name for image in service.images for name in image.names]
        names |= {name.lower() for name in (kind, *products, *service.schemes, *service.scheme_aliases, *images)} - {
            "unix"
        }
    return names


def named_kinds(package: Path) -> Iterator[tuple[str, str]]:
    """Yield (file, name) for each name of a kind in a string outside services/KIND and demo/; docstrings are free."""
    names = sorted(names_of_kinds() - COMMON_WORDS.keys(), key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, names))})(?![\w-])", re.IGNORECASE)
    for path in sorted(package.rglob("*.py")):
        file = path.relative_to(package)
        if file.parts[0] == "demo" or (file.parts[0] == "services" and not file.parts[1].startswith("_")):
            continue
        for text in strings(ast.parse(path.read_text("utf-8"))):
            yield from ((str(file), match[0].lower()) for match in pattern.finditer(text))


def strings(tree: ast.AST) -> Iterator[str]:
    """Yield the string constants outside docstrings, those within f-strings too."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_every_kind_has_the_same_shape() -> None:
    assert list(misshapen(PACKAGE)) == []


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("services/teapot/words.py", "", "teapot/words.py"),
        ("services/teapot/parse/__init__.py", "", ""),
        ("services/teapot/utils/__init__.py", "", "teapot/utils"),
        ("services/kettle.py", "KIND = 1", "kettle.py: no SERVICE"),
    ],
)
def test_misshapen_kind_is_found(file: str, text: str, problem: str, tmp_path: Path) -> None:
    write(tmp_path / "services" / "teapot" / "__init__.py", "SERVICE = 1")
    write(tmp_path / file, text)
    assert list(misshapen(tmp_path)) == ([problem] if problem else [])


def test_no_module_names_a_kind() -> None:
    found = {(file, name) for file, name in named_kinds(PACKAGE) if not file.startswith(VARIABLES_OF_APPS)}
    assert found - ALLOWED.keys() == set()
    assert ALLOWED.keys() - found == set(), "no longer needed"


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("watcher.py", 'PORTS = {"rabbitmq": 5672}', "rabbitmq"),
        ("ui/view/labels.py", 'words = f"{count} of PostgreSQL"', "postgresql"),
        ("report/text.py", 'if scheme.startswith("rediss"): ...', "rediss"),
        ("services/__init__.py", 'FIRST = ("sqlite",)', "sqlite"),
        ("services/redis/__init__.py", 'NAME = "Redis"', ""),
        ("demo/servers.py", 'NAME = "Redis"', ""),
        ("watcher.py", '"""Reads MySQL too."""', ""),
    ],
)
def test_named_kind_is_found(file: str, text: str, name: str, tmp_path: Path) -> None:
    write(tmp_path / file, text)
    assert list(named_kinds(tmp_path)) == ([(file, name)] if name else [])


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
