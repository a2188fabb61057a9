"""Unix sockets in URLs, and the part of an app's URL path that counts."""

from __future__ import annotations

import re
from getpass import getuser
from urllib.parse import unquote

from msgspec.structs import replace

from parity_tui.config.address import Address, check_host, path_of
from parity_tui.config.errors import InvalidValue
from parity_tui.config.targets.entry import EntryContext
from parity_tui.model import Service, Target, TlsMode


def with_unix_socket(address: Address, service: Service) -> Address:
    """Return the address with the path of its Unix socket as host, if the URL names one. Raises InvalidValue."""
    if service.unix_socket is None:
        if address.host.startswith("/"):
            raise InvalidValue(f"{service.title} is not reached through a Unix socket")
        return address
    if not address.host and service.unix_socket.in_path and not re.fullmatch(r"\d*", address.path):
        socket, _, number = address.path.rpartition("/")
        has_number = bool(socket) and number.isdecimal()  # redis:///run/redis.sock/2
        path = socket if has_number else address.path
        address = replace(address, host=f"/{path.lstrip('/')}", path=number if has_number else "")
        check_host(address.host)
    return address


def counted_path(context: EntryContext, address: Address, service: Service, url: str) -> Address:
    """Return the address of an app's URL without the end of its path that only the app's library understands.

    Args:
        context: gets a remark on what is ignored.
        address: the parts of the URL, decoded.
        service: the kind.
        url: the URL, in whose path an encoded slash is still told from one that separates.
    """
    in_path = not address.host and service.unix_socket is not None and service.unix_socket.in_path
    if not context.app or in_path:
        return address
    if service.path_pattern:
        match = re.match(rf"(?:{service.path_pattern})(?=/|$)", address.path)
        path = match[0] if match else ""
        ignored = address.path[len(path) :]
    elif service.path_is_segment:
        first, _, rest = path_of(url).removeprefix("/").partition("/")
        path, ignored = (unquote(first), unquote(rest)) if first and rest else (address.path, "")
    else:
        return address
    if ignored:
        context.remarks.append(f"/{ignored.lstrip('/')} at the end of its path is ignored")
    return replace(address, path=path)


def _own_user() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return ""


def complete_unix_socket(target: Target, service: Service) -> Target:
    """Return a target behind a Unix socket with the file of the socket, its user and no TLS. Raises InvalidValue."""
    if target.scheme in service.tls_schemes:
        raise InvalidValue(f"{target.scheme}:// means TLS, and a Unix socket has none")
    socket, host = service.unix_socket, target.host
    assert socket is not None  # noqa: S101 - checked with the address
    if socket.file and socket.file.partition("{")[0] not in host:
        host = f"{host.rstrip('/')}/{socket.file.format(port=target.port or service.port)}"
    user = target.user or (_own_user() if socket.peer_login else "")
    return replace(target, host=host, port=0, user=user, tls=TlsMode.OFF, ca="", cert="", key="")
