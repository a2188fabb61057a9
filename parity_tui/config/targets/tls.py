"""The TLS mode and files of a target, given in its URL or beside it."""

from __future__ import annotations

from collections.abc import Mapping

from parity_tui.config.errors import InvalidValue, nearest
from parity_tui.config.targets.entry import ServiceEntry
from parity_tui.model import Service, Target, TlsMode

MODES = tuple(str(mode) for mode in TlsMode if mode)
MODE_ALIASES = {
    "disable": TlsMode.OFF,
    "none": TlsMode.REQUIRE,
    "cert_none": TlsMode.REQUIRE,
    "required": TlsMode.VERIFY_FULL,
    "cert_required": TlsMode.VERIFY_FULL,
}
"""a library's name of a mode -> ours"""
KEY_ALIASES = {
    "tls": "tls", "sslmode": "tls", "ssl": "tls", "ssl_cert_reqs": "tls",
    "ca": "ca", "sslrootcert": "ca", "ssl_ca_certs": "ca", "cafile": "ca",
    "cert": "cert", "sslcert": "cert", "ssl_certfile": "cert", "certfile": "cert",
    "key": "key", "sslkey": "key", "ssl_keyfile": "key", "keyfile": "key",
}  # fmt: skip
"""a library's key in the query of a URL -> ours"""


def merge_tls(entry: ServiceEntry, query: Mapping[str, str]) -> dict[str, str]:
    """Return tls, ca, cert and key of the entry and of its URL. Raises InvalidValue where the two differ."""
    merged = {}
    for key in ("tls", "ca", "cert", "key"):
        beside, within = getattr(entry, key), query.get(key, "")
        if beside and within and beside != within:
            raise InvalidValue(f'"{key}" differs from the URL', key)
        merged[key] = beside or within
    if merged["tls"] not in ("", *MODES):
        hint = nearest(merged["tls"], MODES)
        hint = hint if hint.endswith("?") else ""  # the sentence lists all modes anyway
        raise InvalidValue(f"tls must be one of {', '.join(MODES)}{hint}", "tls" if entry.tls else "")
    return merged


def tls_mode(target: Target, service: Service) -> TlsMode:
    """Return the TLS mode of a target. Raises InvalidValue where mode, scheme and files contradict each other."""
    scheme, secure = target.scheme, target.scheme in service.tls_schemes
    if secure and target.tls in (TlsMode.OFF, TlsMode.PREFER):
        raise InvalidValue(f'{scheme}:// means TLS, but tls is "{target.tls}"', "tls")
    if target.tls not in (TlsMode.UNSET, TlsMode.OFF) and not service.port:
        raise InvalidValue(f"{scheme}:// opens no connection: there is nothing to encrypt", "tls")
    mode = target.tls or (TlsMode.VERIFY_FULL if secure else service.tls)
    if target.ca and not mode.startswith("verify"):
        raise InvalidValue(f'"ca" has no effect with tls = "{mode}": write tls = "verify-full" or "verify-ca"', "ca")
    if target.cert and mode is TlsMode.OFF:
        raise InvalidValue('"cert" has no effect with tls = "off": write tls = "verify-full"', "cert")
    if target.key and not target.cert:
        raise InvalidValue('"key" has no effect without "cert"', "key")
    return mode
