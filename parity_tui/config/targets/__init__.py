"""One service of one environment: its URL and the keys beside it, put together into a target.

- `entry.py`: what is written, and where it stands
- `query.py`: the query of the URL, and the options of the kind
- `tls.py`: mode and files of TLS
- `login.py`: which of its sources gives the password
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from parity_tui import services
from parity_tui.config.address import Address, check_host, parse_url
from parity_tui.config.errors import InvalidValue
from parity_tui.config.targets.credentials import SOURCES, password_of
from parity_tui.config.targets.entry import EntryContext, ServiceEntry
from parity_tui.config.targets.tls import MODES, agreed_on, mode_of
from parity_tui.config.targets.url_options import merged, queried, redacted
from parity_tui.model import Failure, Reason, Service, ServiceError, Target, TlsMode

__all__ = ["MODES", "EntryContext", "ServiceEntry", "as_nodes", "build"]


def build(place: EntryContext, entry: ServiceEntry, options: Mapping[str, str]) -> Target:
    """Return the target of an entry whose variables are filled in. Raises Wrong."""
    address = parse_url(entry.url, services.schemes())
    kind = services.schemes()[address.scheme]
    service = services.kinds()[kind]
    written = Target(
        environment=place.environment,
        service=place.service,
        kind=kind,
        scheme=address.scheme,
        host=address.host,
        port=address.port,
        path=address.path,
        user=address.user,
    )
    if "+" in address.scheme:
        return _commanded(written, entry, address, options)
    own, tls = queried(address, service)
    settings = agreed_on(entry, tls)
    written = replace(
        written,
        password=password_of(place, entry, address, service),
        tls=TlsMode(settings["tls"]),
        ca=settings["ca"],
        cert=settings["cert"],
        key=settings["key"],
        options={name: redacted(value) for name, value in merged(own, options).items()},
    )
    return _settled(place, _native(place, written, service) if entry.auth else written, service)


def _native(place: EntryContext, written: Target, service: Service) -> Target:
    """Return the target with what the files of its own clients say; one that they say nothing right of fails alone."""
    assert service.client_config is not None  # noqa: S101 - looked at where the sources of a password are
    try:
        found = service.client_config(written, place.environ)
        check_host(found.host)
    except ServiceError as error:
        return replace(written, problem=Failure(error.reason, error.message))
    except InvalidValue as wrong:
        return replace(written, problem=Failure(Reason.CONFIG, f"of the files of its own clients: {wrong.message}"))
    return found


def _settled(place: EntryContext, written: Target, service: Service) -> Target:
    """Return the target with what nobody has said, and with the absolute names of files. Raises Wrong."""
    if written.problem is None:
        _check_place(written, service)
    return replace(
        written,
        port=written.port or _port(written.scheme, service),
        path=_path(place, written, service),
        tls=mode_of(written, service),
        ca="" if written.ca == "system" else place.file(written.ca),
        cert=place.file(written.cert),
        key=place.file(written.key),
    )


def as_nodes(targets: Sequence[Target]) -> tuple[Target, ...]:
    """Return the targets as nodes that fill a role together, each with its address for a name. Raises Wrong."""
    kinds = sorted({target.kind for target in targets} - {""})
    if len(kinds) > 1:
        raise InvalidValue(f"all nodes must be of one kind of service, not {' and '.join(kinds)}")
    names = [target.address if target.problem is None else f"node {at}" for at, target in enumerate(targets, 1)]
    for name in names:
        if names.count(name) > 1:
            raise InvalidValue(f"{name} stands there twice")
    # A URL that is a variable which is not set does not say its kind: the others do.
    return tuple(
        replace(target, node=name, kind=target.kind or "".join(kinds))
        for target, name in zip(targets, names, strict=True)
    )


def _commanded(written: Target, entry: ServiceEntry, address: Address, options: Mapping[str, str]) -> Target:
    """Return the target of a service that is read with commands: KIND+WAY://WHERE/PATH."""
    way = address.scheme.rpartition("+")[2]
    if way != "local" and not address.host:
        raise InvalidValue(f"the URL names no place: {address.scheme}://{'CONTAINER' if way == 'docker' else 'ALIAS'}")
    if way != "ssh" and (address.user or address.port):
        raise InvalidValue(f"{address.scheme}:// has neither a user nor a port")
    if address.query:
        raise InvalidValue(f'unknown key "{address.query[0][0]}" in the URL\'s query')
    for name in (*SOURCES, "tls", "ca", "cert", "key"):
        if getattr(entry, name) or (name == "password" and address.password is not None):
            raise InvalidValue(f'"{name}" means nothing here: commands log in as they do on your terminal', name)
    return replace(written, path=f"/{address.path}" if address.path else "", options=options)


def _check_place(written: Target, service: Service) -> None:
    """Refuse a URL without a host where there must be one, and one with a host where there can be none."""
    scheme = written.scheme
    if service.port and not written.host:
        raise InvalidValue(f"the URL names no host: {scheme}://HOST")
    if not service.port and (written.host or written.port or written.user or written.password):
        raise InvalidValue(
            f"{scheme}:// has no host: a file beside this one is {scheme}:///FILE, another {scheme}:////PATH/TO/FILE"
        )


def _port(scheme: str, service: Service) -> int:
    """Return the port where the URL says none."""
    return service.tls_port if service.tls_port and scheme in service.tls_schemes else service.port


def _path(place: EntryContext, written: Target, service: Service) -> str:
    """Return what follows the host, or the absolute name of the file where there is no host."""
    if service.port or written.path == ":memory:":
        return written.path
    return place.file(written.path)
