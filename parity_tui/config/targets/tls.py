"""The mode and the files of TLS, said in the URL or beside it, and what contradicts itself."""

from __future__ import annotations

from collections.abc import Mapping

from parity_tui.config.errors import InvalidValue, nearest
from parity_tui.config.targets.entry import ServiceEntry
from parity_tui.model import Service, Target, TlsMode

MODES = tuple(str(mode) for mode in TlsMode if mode)
MODE_WORDS = {
    "disable": TlsMode.OFF,
    "none": TlsMode.REQUIRE,
    "cert_none": TlsMode.REQUIRE,
    "required": TlsMode.VERIFY_FULL,
    "cert_required": TlsMode.VERIFY_FULL,
}
"""what libraries call a mode, and what we do"""
KEYS = {
    "tls": "tls", "sslmode": "tls", "ssl": "tls", "ssl_cert_reqs": "tls",
    "ca": "ca", "sslrootcert": "ca", "ssl_ca_certs": "ca", "cafile": "ca",
    "cert": "cert", "sslcert": "cert", "ssl_certfile": "cert", "certfile": "cert",
    "key": "key", "sslkey": "key", "ssl_keyfile": "key", "keyfile": "key",
}  # fmt: skip
"""what libraries call it in a URL's query, and what we do"""


def agreed_on(entry: ServiceEntry, queried: Mapping[str, str]) -> dict[str, str]:
    """Return tls, ca, cert and key, which may be said beside the URL or in it, but not differently."""
    agreed = {}
    for key in ("tls", "ca", "cert", "key"):
        beside, within = getattr(entry, key), queried.get(key, "")
        if beside and within and beside != within:
            raise InvalidValue(f'"{key}" is something else in the URL', key)
        agreed[key] = beside or within
    if agreed["tls"] not in ("", *MODES):
        raise InvalidValue(f"tls must be one of {', '.join(MODES)}{_guess(agreed['tls'])}", "tls" if entry.tls else "")
    return agreed


def _guess(word: str) -> str:
    """Return the mode that may be meant, "" where none is near."""
    end = nearest(word, MODES)
    return end if end.endswith("?") else ""


def mode_of(written: Target, service: Service) -> TlsMode:
    """Return the mode of TLS, or say what contradicts itself."""
    wanted, scheme, secure = written.tls, written.scheme, written.scheme in service.tls_schemes
    if secure and wanted in (TlsMode.OFF, TlsMode.PREFER):
        raise InvalidValue(f'{scheme}:// means TLS, and tls says "{wanted}"', "tls")
    if wanted not in (TlsMode.UNSET, TlsMode.OFF) and not service.port:
        raise InvalidValue(f"{scheme}:// is no connection: there is nothing to encrypt", "tls")
    mode = wanted or (TlsMode.VERIFY_FULL if secure else service.tls)
    if written.ca and not mode.startswith("verify"):
        raise InvalidValue(f'"ca" means nothing with tls = "{mode}": write tls = "verify-full" or "verify-ca"', "ca")
    if written.cert and mode is TlsMode.OFF:
        raise InvalidValue('"cert" means nothing with tls = "off": write tls = "verify-full"', "cert")
    if written.key and not written.cert:
        raise InvalidValue('"key" means nothing without "cert"', "key")
    return mode
