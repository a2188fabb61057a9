"""Variables that hold the URL of a known kind, and the servers of URLs."""

from __future__ import annotations

from msgspec import Struct

from parity_tui import services
from parity_tui.config.address import Address, parse_url
from parity_tui.config.app_url import AppURL, understand
from parity_tui.config.dotenv_parts.names import Group
from parity_tui.config.errors import InvalidValue
from parity_tui.config.targets.tls import tls_word


class URLVariable(Struct, frozen=True):
    """A variable that holds the URL of a known kind."""

    variable: str
    understood: AppURL
    address: Address | None
    group: Group | None


def understood(value: str) -> AppURL | None:
    """Return the URLs of a value, None where it holds none that can be followed."""
    try:
        return understand(value)
    except InvalidValue:
        return None


def address_of(url: str) -> Address | None:
    """Return the parts of a URL, None where it is malformed."""
    try:
        return parse_url(url, services.schemes(), lenient=True)
    except InvalidValue:
        return None


def names_tls(address: Address, kind: str) -> bool:
    """Return whether a URL has a word on TLS; a file and a Unix socket need none."""
    service = services.kinds()[kind]
    named = any(tls_word(name, value, service) for name, value in address.query)
    return named or address.scheme in service.tls_schemes or not service.port or not address.host.strip("/")


def server_of(address: Address | None) -> tuple[str, int] | None:
    """Return host and port, with the default port of the kind."""
    if address is None:
        return None
    service = services.kinds()[services.schemes()[address.scheme]]
    return address.host, address.port or (
        service.tls_port if address.scheme in service.tls_schemes else 0
    ) or service.port


def shown(url: str) -> str:
    """Return the address of a URL as a person reads it, "" where it cannot be taken apart."""
    at = server_of(address_of(url))
    if at is None or at[0].startswith("/"):
        return at[0] if at else ""
    return f"[{at[0]}]:{at[1]}" if ":" in at[0] else f"{at[0]}:{at[1]}"
