"""A server in a container, as its image declares it: login, database, port. Never a password."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from parity_tui import services
from parity_tui.init.images import image_by_port, image_of, is_runtime
from parity_tui.model import Image, Target

_PORT_ARGUMENT = re.compile(
    r"(?:^|\s)(?:(?P<tls>--tls-port[ =])|--port[ =]|-p ?|-c port ?= ?|--bind_port[ =])(?P<number>\d{1,5})(?!\S)",
    re.ASCII,
)
_LONGEST = 10_000
"""characters of a command that are looked at"""
_ARGUMENTS = ("_ARGS", "_FLAGS")
"""endings of variables that hold further arguments of a server"""


class Server(Struct, frozen=True):
    """A container that runs a server."""

    image: Image
    port: int
    """that it listens on, 0 for a kind that is read with commands"""
    variables: Mapping[str, str]
    command: str = ""

    def __repr__(self) -> str:
        return f"Server({self.image.scheme!r}, {self.port})"

    @property
    def kind(self) -> str:
        """The kind of its service."""
        return services.schemes()[self.image.scheme]

    @property
    def user_variable(self) -> str:
        """The variable that holds the user, "" for none."""
        return next((name for name in self.image.user if self.variables.get(name)), "")

    def url(self, host: str, port: int, *, login: bool = True) -> str:
        """Return the URL by which a server is reached at an address, without a password."""
        host = f"[{host}]" if ":" in host else host
        scheme, query = self._scheme()
        if not login:
            return f"{scheme}://{host}:{port}{query}"
        user = self.variables.get(self.user_variable) or self.image.default_user
        path = _first_set(self.image.path, self.variables) or self.image.default_path.replace("{user}", user)
        before = f"{quote(user, safe='')}@" if user else ""
        return f"{scheme}://{before}{host}:{port}{'/' + quote(path, safe='') if path else ''}{query}"

    def _scheme(self) -> tuple[str, str]:
        """Return the scheme of its URL and the query, with TLS where its port demands that."""
        scheme = self.image.scheme
        lines = (self.command, *(f"{name} {value}" for name, value in self.variables.items()))
        texts = [f" {' '.join(line[:_LONGEST].replace('=', ' ').split())} " for line in lines]
        alternatives = self.image.tls_arguments
        if not any(all(f" {each} " in text for each in words) for words in alternatives for text in texts):
            return scheme, ""
        secure = f"{scheme}s"
        return (secure, "") if secure in services.kinds()[self.kind].tls_schemes else (scheme, "?tls=true")

    def as_product(self, target: Target) -> Target:
        """Return a target of the same kind with the scheme of this product: MariaDB's for MySQL's."""
        tls = services.kinds()[target.kind].tls_schemes
        same = self.kind == target.kind and target.scheme not in tls
        return replace(target, scheme=self.image.scheme) if same else target

    def password_origin(self, name: str) -> str:
        """Return where the password of a server is set, in words; "" if it needs none."""
        variable = next((variable for variable in self.image.password if variable in self.variables), "")
        if variable:
            return f"{variable} of {name}"
        if self.image.default_login:
            return self.image.default_login
        argument = self.image.login_argument
        if argument and argument in self.command:
            return f"the command of {name}"
        arguments = (key for key, value in self.variables.items() if key.endswith(_ARGUMENTS) and argument in value)
        return f"{variable} of {name}" if argument and (variable := next(arguments, "")) else ""


def server_of(
    images: Iterable[str], ports: Collection[int], variables: Mapping[str, str], command: str, host: str = ""
) -> Server | None:
    """Return the server that a container runs, by its images, its name or its ports; None where none of them tells.

    Args:
        images: names of images, the most telling one first.
        ports: ports that the container publishes or exposes.
        variables: its environment variables.
        command: its command.
        host: the name by which others reach it: what a project calls redis is one.
    """
    names = tuple(images)
    declared = next((image for name in names if (image := image_of(name))), None)
    if declared is None and any(map(is_runtime, names)):
        return None
    declared = declared or image_of(host)
    if declared is None:
        found = image_by_port(frozenset(ports))
        return Server(found[0], found[1], variables, command) if found else None
    if "+" in declared.scheme:
        return Server(declared, 0, variables, command)
    return Server(declared, _listening_port(declared, variables, command, frozenset(ports)), variables, command)


def _listening_port(image: Image, variables: Mapping[str, str], command: str, ports: Collection[int]) -> int:
    """Return the port that a server listens on: of its command, of a variable, or its usual one.

    A server whose only port is the usual one of another kind has that: images of PgBouncer on 5432.
    """
    kinds = services.kinds()
    usual = kinds[services.schemes()[image.scheme]].port
    # A server with port 0 listens on that of TLS alone.
    written = [match for match in _PORT_ARGUMENT.finditer(command[:_LONGEST]) if int(match["number"])]
    argument = min(written, key=lambda match: bool(match["tls"]), default=None)
    number = argument["number"] if argument else _first_set(image.port, variables)
    if number.isascii() and number.isdigit() and 0 < int(number[:6]) < 65536:
        return int(number)
    if inside := next((port for port in image.ports if port in ports), 0):
        return inside
    others = {service.port for service in kinds.values() if service.images}
    return next(iter(ports)) if len(ports) == 1 and others.issuperset(ports) else usual


def _first_set(names: Iterable[str], variables: Mapping[str, str]) -> str:
    return next((value for name in names if (value := variables.get(name))), "")
