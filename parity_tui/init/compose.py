"""A compose file -> one environment: images tell the type, ports the address, the app's own URLs the roles."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from parity_tui import config, services
from parity_tui.config import ConfigError
from parity_tui.config.dotenv import service_name, url_of
from parity_tui.init.drafts import EnvironmentDraft, ServiceDraft
from parity_tui.init.images import Image, image_of
from parity_tui.model import Target

_LARGEST = 1024 * 1024
"""bytes of a file that can be a compose file"""

_REFERENCE = re.compile(
    r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Za-z_]\w*)(?:(?P<how>:?[-?+])(?P<word>[^}]*))?\}|(?P<bare>[A-Za-z_]\w*))",
    re.ASCII,
)
_PORT = re.compile(r"(?:(?P<host>\[[^\]]*\]|[^:\[\]]*):)?(?:(?P<published>\d*):)?(?P<inside>\d+)(?:/\w+)?", re.ASCII)
_EVERYWHERE = ("", "0.0.0.0", "[::]", "::")  # noqa: S104 - looked for, not listened on


class Container(Struct, frozen=True):
    """One service of the file, with its variables filled in."""

    name: str
    image: str
    container: str
    """the name that `docker` knows it by"""
    variables: Mapping[str, str]
    command: str
    ports: Mapping[int, tuple[str, int]]
    """port in the container -> host and port on this machine"""

    def __repr__(self) -> str:
        return f"Container({self.name!r})"


def read(path: Path, environment: str) -> EnvironmentDraft:
    """Return the environment that a compose file describes, seen from the machine that runs it.

    Raises ConfigError.
    """
    folder = path.absolute().parent
    data = _mapping(_load(path))
    filler = _Filler({**_dotenv(folder / ".env"), **os.environ})
    project = filler.text(data.get("name")) or re.sub(r"[^a-z0-9_-]", "", folder.name.lower())
    containers = {
        name: _container(name, _mapping(service), project, filler)
        for name, service in _mapping(data.get("services")).items()
    }
    if not containers:
        raise ConfigError(f"{path}: there are no services in it")
    collected = _Collected(environment, folder, containers)
    for container in containers.values():
        collected.take_urls(container)
    for container in containers.values():
        collected.take_server(container)
    return EnvironmentDraft(environment, path.name, tuple(collected.roles.values()), tuple(collected.left_out))


class _Collected:
    """The roles found so far."""

    def __init__(self, environment: str, folder: Path, containers: Mapping[str, Container]) -> None:
        self.environment = environment
        self.folder = folder
        self.containers = containers
        self.roles: dict[str, ServiceDraft] = {}
        self.left_out: list[str] = []
        self._used: set[str] = set()

    def take_urls(self, container: Container) -> None:
        """Take the variables of an app that are URLs of services: they name the roles."""
        for variable, value in container.variables.items():
            url = url_of(value)
            if not url:
                continue
            origin = f"{variable} of {container.name}"
            try:
                target = config.target(self.environment, service_name(variable), url, self.folder)
            except ConfigError as error:
                self.left_out.append(f"{origin}: {error}")
                continue
            self._take_url(target, container, origin)

    def _take_url(self, target: Target, container: Container, origin: str) -> None:
        """Take one URL, as it is reached from here."""
        server, needs = self.containers.get(target.host), target.password is not None
        remark = ""
        if server is not None:
            self._used.add(server.name)
            remark = server.image
            if target.port not in server.ports:
                self.left_out.append(f"{origin}: {server.name} publishes no port {target.port} on this machine")
                return
            host, port = server.ports[target.port]
            image = image_of(server.image)
            target = replace(target, host=host, port=port, options={**_beside(image, server), **target.options})
        self._put(target, needs, origin, remark, container.name)

    def take_server(self, container: Container) -> None:
        """Take a server that no URL names: its image says what it is, its variables who may log in."""
        image = image_of(container.image)
        if image is None or container.name in self._used:
            return
        url = _url(image, container)
        if not url:
            self.left_out.append(f"{container.name}: {container.image} publishes no port on this machine")
            return
        origin = next((name for name in image.password if name in container.variables), "")
        needs = bool(origin or image.default_login or "requirepass" in container.command)
        where = f"{origin} of {container.name}" if origin else image.default_login if needs else ""
        try:
            target = config.target(self.environment, container.name, url, self.folder)
        except ConfigError as error:
            self.left_out.append(f"{container.name}: {error}")
            return
        target = replace(target, options=_beside(image, container))
        self._put(target, needs, where or f"the command of {container.name}", container.image, "")

    def _put(self, target: Target, needs: bool, origin: str, remark: str, owner: str) -> None:
        """Keep a role; one of the same name elsewhere is named after its app too."""
        name = target.service
        if name in self.roles:
            if self.roles[name].target.address == target.address or not owner:
                return
            name = f"{owner}_{name}"
        role = ServiceDraft(replace(target, service=name, password=None), needs, origin if needs else "", remark)
        self.roles.setdefault(name, role)


def _url(image: Image, container: Container) -> str:
    """Return the URL of a server as it is reached from here, without a password; "" where it cannot be."""
    if "+" in image.scheme:
        return f"{image.scheme}://{container.container}"
    service = services.kinds()[services.schemes()[image.scheme]]
    if service.port not in container.ports:
        return ""
    host, port = container.ports[service.port]
    user = _first(image.user, container) or image.default_user
    path = _first(image.path, container) or (user if "POSTGRES_DB" in image.path else "")
    login = f"{quote(user, safe='')}@" if user else ""
    return f"{image.scheme}://{login}{host}:{port}{'/' + quote(path, safe='') if path else ''}"


def _first(names: tuple[str, ...], container: Container) -> str:
    """Return the first of these variables that is set."""
    return next((value for name in names if (value := container.variables.get(name))), "")


def _beside(image: Image | None, container: Container) -> dict[str, str]:
    """Return the URLs over HTTP that are published too."""
    ports = {key: container.ports.get(inside) for key, inside in (image.beside if image else {}).items()}
    return {key: f"http://{place[0]}:{place[1]}" for key, place in ports.items() if place}


def _container(name: str, service: Mapping[str, Any], project: str, filler: _Filler) -> Container:
    """Return one service of the file."""
    command = service.get("command")
    words = command if isinstance(command, list) else [command]
    return Container(
        name=name,
        image=filler.text(service.get("image")),
        container=filler.text(service.get("container_name")) or f"{project}-{name}-1",
        variables=dict(_variables(service.get("environment"), filler)),
        command=" ".join(filler.text(word) for word in words),
        ports=dict(_ports(service.get("ports"), filler)),
    )


def _variables(written: Any, filler: _Filler) -> Iterator[tuple[str, str]]:
    """Yield the variables of a container, written as a table or as a list."""
    if isinstance(written, dict):
        yield from ((name, filler.text(value)) for name, value in written.items() if isinstance(name, str))
    for entry in written if isinstance(written, list) else ():
        name, equals, value = str(entry).partition("=")
        if equals:
            yield name, filler.text(value)


def _ports(written: Any, filler: _Filler) -> Iterator[tuple[int, tuple[str, int]]]:
    """Yield the ports that are published under a number of their own, in the short form or the long."""
    for entry in written if isinstance(written, list) else ():
        if isinstance(entry, dict):
            parts = [filler.text(entry.get(key)) for key in ("host_ip", "published", "target")]
        elif match := _PORT.fullmatch(filler.text(entry)):
            parts = [match["host"] or "", match["published"] or "", match["inside"]]
            if not match["published"] and parts[0].isdigit():  # "5433:5432": the first is no host
                parts = ["", parts[0], parts[2]]
        else:
            continue
        host, published, inside = parts
        if published.isdigit() and inside.isdigit():
            yield int(inside), ("localhost" if host in _EVERYWHERE else host, int(published))


class _Filler:
    """Fills the variables of a compose file in, as Docker does."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known

    def text(self, value: Any) -> str:
        """Return a value as text, "" for what is none.

        >>> _Filler({"A": "1", "B": ""}).text("$A ${A:-2} ${B:-3} ${B-4} ${C?no} ${A:+5} $$A")
        '1 1 3   5 $A'
        """
        if value is None or isinstance(value, dict | list):
            return ""
        return _REFERENCE.sub(self._fill, str(value))

    def _fill(self, match: re.Match[str]) -> str:
        """Return what one reference stands for."""
        if match["dollar"]:
            return "$"
        value, how, word = self._known.get(match["name"] or match["bare"]), match["how"] or "", match["word"] or ""
        is_set = bool(value) if how.startswith(":") else value is not None
        if how.endswith("+"):
            return word if is_set else ""
        return value or "" if is_set else word if how.endswith("-") else ""


def _dotenv(path: Path) -> dict[str, str]:
    """Return the variables of the file that Docker reads beside a compose file."""
    from dotenv import dotenv_values  # here: only a compose file needs it

    try:
        return {name: value or "" for name, value in dotenv_values(path, interpolate=False).items()}
    except (OSError, UnicodeDecodeError):
        return {}


def _mapping(data: Any) -> dict[str, Any]:
    """Return what has to be a table, empty where it is none."""
    return {str(key): value for key, value in data.items()} if isinstance(data, dict) else {}


def _load(path: Path) -> Any:
    """Return what a file of YAML holds; every plain word is a text."""
    import yaml  # here: nothing else reads YAML

    class Loader(yaml.SafeLoader):
        """Knows no numbers, days and truths: "22:22" is a port. Docker's own tags are read as nothing."""

    keep = ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
    Loader.yaml_implicit_resolvers = {
        sign: [rule for rule in rules if rule[0] in keep] for sign, rules in Loader.yaml_implicit_resolvers.items()
    }
    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ConfigError(f"{path}: too large for a compose file")
        return yaml.load(content, Loader)  # noqa: S506 - a SafeLoader, which makes no objects
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: this is no YAML") from None
