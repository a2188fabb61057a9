"""A service of a compose project -> a container: names, variables, ports, and the reason why it does not run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from parity_tui.init.compose.dockerfile import Base, base_of
from parity_tui.init.compose.documents import Documents, mapping
from parity_tui.init.compose.merge import Service, build_arguments, normalized
from parity_tui.init.compose.ports import Published, exposed_ports, published_ports
from parity_tui.init.compose.project import Project

_LONGEST_IMAGE = 300
"""characters of an image's name"""


class Container(Struct, frozen=True):
    """One service of a compose project."""

    name: str
    image: str
    """as written, else the base of its Dockerfile"""
    base: str
    """the base of its Dockerfile, "" without one"""
    container: str
    """its name for `docker`"""
    variables: Mapping[str, str]
    command: str
    ports: tuple[Published, ...]
    exposed: tuple[int, ...]
    network: str
    """ "host", "none", "service:NAME" or "" """
    names: frozenset[str]
    """the hosts by which other containers reach it"""
    links: Mapping[str, str]
    """names for this container alone -> service"""
    extra_hosts: Mapping[str, str]
    """names for this container alone -> address"""
    mounts: Mapping[str, str]
    """folder or file in the container -> where it is on this machine"""
    stopped: str
    """why it does not run: "it runs only with the profile debug"; "" for one that runs"""

    def __repr__(self) -> str:
        return f"Container({self.name!r})"

    def on_this_machine(self, path: str) -> str:
        """Return where a file of the container is on this machine, "" for one that no volume has there."""
        inside = [target for target in self.mounts if Path(path).is_relative_to(target)]
        if not inside:
            return ""
        target = max(inside, key=len)
        return os.path.normpath(Path(self.mounts[target]) / Path(path).relative_to(target))

    def published(self, inside: int) -> Published | None:
        """Return where a port is published, one of a fixed number before one that is chosen at each start."""
        found = [port for port in self.ports if port.inside == inside]
        return next((port for port in found if port.port), found[0] if found else None)


def read_containers(project: Project, documents: Documents) -> tuple[dict[str, Container], list[str]]:
    """Return the containers of a project by the names of its services, and what could not be read of them."""
    remarks: list[str] = []
    reader = _Reader(project, documents, remarks)
    return {name: reader.container(name, service) for name, service in project.services.items()}, remarks


class _Reader:
    """Makes the containers of one project."""

    def __init__(self, project: Project, documents: Documents, remarks: list[str]) -> None:
        self._project = project
        self._documents = documents
        self._remarks = remarks
        self._variables: dict[str, dict[str, str]] = {}
        profiles = project.variables.get("COMPOSE_PROFILES", "")
        self._profiles = {profile.strip() for profile in profiles.split(",")}

    def container(self, name: str, service: Service) -> Container:
        service = normalized(service)
        ports = tuple(published_ports(service.get("ports")))
        exposed = tuple(exposed_ports(service.get("expose")))
        self._documents.spend(len(ports) + len(exposed))
        base = self._base(name, service)
        image = _text(service.get("image"))[:_LONGEST_IMAGE]
        container = _text(service.get("container_name")) or f"{self._project.name}-{name}-1"
        return Container(
            name=name,
            image=image or base.image[:_LONGEST_IMAGE],
            base=base.image[:_LONGEST_IMAGE],
            container=container,
            variables=self._environment(name, service),
            command=" ".join((*_words(service.get("entrypoint")), *_words(service.get("command")))),
            ports=ports,
            exposed=(*exposed, *exposed_ports(list(base.exposed))),
            network=_text(service.get("network_mode")),
            names=frozenset(_names(name, container, service)),
            links=dict(_links(service.get("links"))),
            extra_hosts=dict(_extra_hosts(service.get("extra_hosts"))),
            mounts=dict(_mounts(service.get("volumes"))),
            stopped=self._stopped(service),
        )

    def _environment(self, name: str, service: Service) -> dict[str, str]:
        """Return the variables of a container: `environment` wins over `env_file`."""
        found: dict[str, str] = {}
        for entry in service.get("env_file") or ():
            found |= self._env_file(name, mapping(entry))
        own = mapping(service.get("environment"))
        self._documents.spend(len(own))
        for variable, value in own.items():
            passed = self._project.variables.get(variable) if value is None else value
            if isinstance(passed, str):
                found[variable] = passed
            else:
                found.pop(variable, None)
        return found

    def _env_file(self, name: str, entry: Mapping[str, Any]) -> dict[str, str]:
        path = _text(entry.get("path"))
        if not path:
            return {}
        if path not in self._variables:
            try:
                self._variables[path] = self._documents.variables(Path(path), self._project.variables)
            except OSError as error:
                self._variables[path] = {}
                if _text(entry.get("required")).lower() != "false" or not isinstance(error, FileNotFoundError):
                    self._remarks.append(f"{_shown(path)} of {name} cannot be read: {error.strerror}")
        self._documents.spend(len(self._variables[path]))
        return self._variables[path]

    def _base(self, name: str, service: Service) -> Base:
        """Return what the Dockerfile of a service says; nothing where it has none, or where it is elsewhere."""
        build = mapping(service.get("build"))
        context = _text(build.get("context"))
        inline = _text(build.get("dockerfile_inline"))
        if not context or (not inline and ("://" in context or context.startswith("git@"))):
            return Base()
        path = Path(context) / (_text(build.get("dockerfile")) or "Dockerfile")
        try:
            text = inline or self._documents.text(path)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                self._remarks.append(f"{_shown(str(path))} of {name} cannot be read: {error.strerror}")
            return Base()
        passed = self._project.variables
        arguments = {
            key: passed.get(key, "") if value is None else _text(value)
            for key, value in build_arguments(service).items()
        }
        return base_of(text, arguments, _text(build.get("target")))

    def _stopped(self, service: Service) -> str:
        profiles = [profile for profile in service.get("profiles") or () if isinstance(profile, str)]
        if profiles and not self._profiles & {*profiles, "*"}:
            return f"it runs only with the profile {profiles[0]}"
        deploy = mapping(service.get("deploy"))
        if _text(deploy.get("replicas")) == "0" or _text(service.get("scale")) == "0":
            return "it has 0 replicas"
        return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _words(value: Any) -> Iterator[str]:
    yield from (word for word in (value if isinstance(value, list) else [value]) if isinstance(word, str))


def _names(name: str, container: str, service: Service) -> Iterator[str]:
    yield from (name.lower(), container.lower())
    for key in ("hostname", "container_name"):
        if host := _text(service.get(key)).lower():
            yield host
            if domain := _text(service.get("domainname")).lower():
                yield f"{host}.{domain}"
    for network in mapping(service.get("networks")).values():
        yield from (alias.lower() for alias in _words(mapping(network).get("aliases")))


def _links(entries: Any) -> Iterator[tuple[str, str]]:
    for entry in _words(entries):
        service, colon, alias = entry.partition(":")
        if colon:
            yield alias.lower(), service


def _extra_hosts(entries: Any) -> Iterator[tuple[str, str]]:
    """Yield (name, address), written as a mapping, or as a list of NAME:ADDRESS or NAME=ADDRESS."""
    if isinstance(entries, dict):
        yield from ((str(name).lower(), address) for name, address in entries.items() if isinstance(address, str))
        return
    for entry in _words(entries):
        separator = "=" if "=" in entry else ":"
        name, _, address = entry.partition(separator)
        yield name.lower(), address.strip("[]")


def _mounts(entries: Any) -> Iterator[tuple[str, str]]:
    """Yield (path in the container, absolute path on this machine) for each bind mount."""
    for entry in entries if isinstance(entries, list) else ():
        source, target = _text(mapping(entry).get("source")), _text(mapping(entry).get("target"))
        if target.startswith("/") and source.startswith("/"):
            yield target, source


def _shown(path: str) -> str:
    return os.path.relpath(path) if Path(path).is_relative_to(Path.cwd()) else path
