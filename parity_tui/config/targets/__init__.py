"""The entry of a service -> a target: its URL combined with the keys beside it.

- `entry.py`: the entry and its context
- `url_options.py`: the query of the URL, and the options of the kind
- `tls.py`: mode and files of TLS
- `unix_socket.py`: Unix sockets, and the part of the path that counts
- `this_machine.py`: targets that an ssh host would misplace
- `credentials.py`: the source of the password
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from parity_tui import services
from parity_tui.config.address import Address, check_host, check_user, parse_url, scheme_of
from parity_tui.config.errors import InvalidValue
from parity_tui.config.targets.credentials import PASSWORD_KEYS, password_source
from parity_tui.config.targets.entry import EntryContext, ServiceEntry
from parity_tui.config.targets.tls import MODES, merge_tls, tls_mode
from parity_tui.config.targets.unix_socket import complete_unix_socket, counted_path, with_unix_socket
from parity_tui.config.targets.url_options import merge_options, redacted, split_query
from parity_tui.model import Failure, Reason, Service, ServiceError, Target, TlsMode
from parity_tui.secrets import secrets_of
from parity_tui.transport.command import ENGINES, WAYS

__all__ = ["MODES", "EntryContext", "ServiceEntry", "as_nodes", "build"]


def build(context: EntryContext, entry: ServiceEntry, options: Mapping[str, str]) -> Target:
    """Return the target of an entry whose variables are filled in. Raises InvalidValue.

    Args:
        context: the names and the surroundings of the entry.
        entry: the keys that every kind has.
        options: the kind's own keys.
    """
    with secrets_of(context.environment):
        return _build(context, entry, options)


def _build(context: EntryContext, entry: ServiceEntry, options: Mapping[str, str]) -> Target:
    address = _address(entry.url, lenient=context.app)
    address = replace(address, scheme=services.canonical_scheme(address.scheme))
    if not context.app:
        address = replace(address, scheme=services.claimed_scheme(address.scheme, context.service, address.path))
    kind = services.schemes()[address.scheme]
    service = services.kinds()[kind]
    target = Target(
        environment=context.environment,
        service=context.service,
        kind=kind,
        scheme=address.scheme,
        host=address.host,
        port=address.port,
        path=address.path,
        user=address.user,
    )
    _check_sudo(entry, address.scheme, service)
    if address.scheme.rpartition("+")[2] in WAYS and "+" in address.scheme:
        return _command_target(target, entry, address, options)
    query = split_query(context, address, service)
    address = with_unix_socket(counted_path(context, query.address, service, entry.url), service)
    if address.host.startswith("/") and entry.tls not in ("", TlsMode.OFF, TlsMode.PREFER):
        raise InvalidValue(f'a Unix socket has no TLS, but tls is "{entry.tls}"', "tls")
    _container(entry, "")
    tls = merge_tls(entry, query.tls)
    target = replace(
        target,
        host=address.host,
        port=address.port,
        path=address.path,
        user=address.user,
        session=query.session,
        password=password_source(context, entry, address, service),
        tls=TlsMode(tls["tls"]),
        ca=tls["ca"],
        cert=tls["cert"],
        key=tls["key"],
        tls_name=entry.tls_name,
        options={name: redacted(value) for name, value in merge_options(query.options, options).items()},
    )
    return _complete(context, _with_client_config(context, target, service) if entry.auth else target, service)


def _address(url: str, *, lenient: bool) -> Address:
    """Return the parts of a URL. Raises InvalidValue, which explains the form of an app's client library."""
    try:
        return parse_url(url, services.schemes(), _listed_schemes(), lenient=lenient)
    except InvalidValue:
        scheme = scheme_of(url)
        if scheme in services.schemes():
            raise
        for kind in services.kinds().values():
            if reason := kind.unsupported_schemes.get(scheme):
                raise InvalidValue(f"{scheme}:// {reason}") from None
        if (ours := _url_of_library(url)) == "":
            raise
    beside = 'tls = "verify-full" and password_env' if ours.endswith("tls=true") else "password_env"
    form = f"{scheme_of(ours)}://USER@HOST:PORT/NAME"
    raise InvalidValue(f"this is the form of an app's client library: write {form}, and {beside} beside it")


def _url_of_library(url: str) -> str:
    from parity_tui.config.app_url import understand  # here: only a URL of no kind of ours needs its patterns

    try:
        understood = understand(url)
    except InvalidValue:
        return ""
    return understood.urls[0] if understood else ""


def _listed_schemes() -> Iterator[str]:
    """Yield the schemes that a message suggests: without the spellings of frameworks; it imports every kind."""
    aliases = {alias for service in services.kinds().values() for alias in service.scheme_aliases}
    yield from (scheme for scheme in services.schemes() if scheme not in aliases)


def _with_client_config(context: EntryContext, target: Target, service: Service) -> Target:
    """Return the target completed from the files of its own clients; invalid files fail this target alone."""
    assert service.client_config is not None  # noqa: S101 - checked with the source of the password
    try:
        completed = service.client_config(target, context.environ)
        check_host(completed.host)
        check_user(completed.user)
    except ServiceError as error:
        return replace(target, problem=Failure(error.reason, error.message))
    except InvalidValue as invalid:
        return replace(target, problem=Failure(Reason.CONFIG, f"of the files of its own clients: {invalid.message}"))
    return completed


def _complete(context: EntryContext, target: Target, service: Service) -> Target:
    """Return the target with the kind's defaults and with absolute paths. Raises InvalidValue."""
    if target.problem is None:
        _check_host_present(target, service)
    if target.is_unix_socket:
        return complete_unix_socket(target, service)
    usual = service.tls_port if service.tls_port and target.scheme in service.tls_schemes else service.port
    is_file = not service.port and target.path != ":memory:"
    return replace(
        target,
        port=target.port or service.scheme_ports.get(target.scheme, usual),
        path=context.file(target.path) if is_file else target.path,
        tls=tls_mode(target, service),
        ca="" if target.ca == "system" else context.file(target.ca),
        cert=context.file(target.cert),
        key=context.file(target.key),
    )


def as_nodes(targets: Sequence[Target]) -> tuple[Target, ...]:
    """Return the targets as nodes of one service, each named after its address. Raises InvalidValue."""
    kinds = sorted({target.kind for target in targets} - {""})
    if len(kinds) > 1:
        raise InvalidValue(f"all nodes must be of one kind of service, not {' and '.join(kinds)}")
    names = [target.address if target.problem is None else f"node {number}" for number, target in enumerate(targets, 1)]
    for name in names:
        if names.count(name) > 1:
            raise InvalidValue(f"{name} occurs twice")
    # The kind of a URL that is an unset variable is unknown: it is that of the other nodes.
    return tuple(
        replace(target, node=name, kind=target.kind or "".join(kinds))
        for target, name in zip(targets, names, strict=True)
    )


_PLACES = {"ssh": "ALIAS", "kube": "pod/NAME", **dict.fromkeys(ENGINES, "CONTAINER")}


def _command_target(target: Target, entry: ServiceEntry, address: Address, options: Mapping[str, str]) -> Target:
    """Return the target of a service that is read by running commands: KIND+WAY://HOST/PATH. Raises InvalidValue."""
    way = address.scheme.rpartition("+")[2]
    if way != "local" and not address.host:
        example = f"{address.scheme}://{_PLACES[way]}"
        raise InvalidValue(f"the URL names no place to run commands: {example}")
    if way != "ssh" and (address.user or address.port):
        raise InvalidValue(f"{address.scheme}:// has neither a user nor a port")
    query = dict(address.query)
    within = {"container": query.pop("container")} if way == "kube" and "container" in query else {}
    container = merge_options(within, _container(entry, way))
    if query:
        raise InvalidValue(f'unknown key "{next(iter(query))}" in the URL\'s query')
    for name in (*PASSWORD_KEYS, "tls", "ca", "cert", "key", "tls_name"):
        if getattr(entry, name) or (name == "password" and address.password is not None):
            raise InvalidValue(f'"{name}" has no effect here: commands log in as they do in your terminal', name)
    path = f"/{address.path}" if address.path else ""
    return replace(target, path=path, options={**options, **container}, sudo=entry.sudo)


def _check_sudo(entry: ServiceEntry, scheme: str, service: Service) -> None:
    """Raise InvalidValue where `sudo` would have no effect."""
    if entry.sudo and (service.sudo is None or scheme.rpartition("+")[2] not in ("local", "ssh")):
        able = [kind for kind, other in services.kinds().items() if other.sudo]
        schemes = ", ".join(f"{kind}+local, {kind}+ssh" for kind in able)
        raise InvalidValue(f'"sudo" has no effect here: it belongs to {schemes}', "sudo")


def _container(entry: ServiceEntry, way: str) -> dict[str, str]:
    if entry.container and way != "kube":
        raise InvalidValue('"container" belongs to KIND+kube://, where a pod has several', "container")
    return {"container": entry.container} if entry.container else {}


def _check_host_present(target: Target, service: Service) -> None:
    """Raise InvalidValue for a missing host, or for a host where the kind has none."""
    scheme = target.scheme
    if service.port and not target.host:
        raise InvalidValue(f"the URL names no host: {scheme}://HOST")
    if not service.port and (target.host or target.port or target.user or target.password):
        raise InvalidValue(
            f"{scheme}:// has no host: a file beside this one is {scheme}:///FILE, another {scheme}:////PATH/TO/FILE"
        )
