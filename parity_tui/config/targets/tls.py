"""The TLS mode and files of a target, given in its URL or beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from parity_tui.config.errors import InvalidValue, nearest
from parity_tui.config.targets.entry import ServiceEntry
from parity_tui.model import Service, Target, TlsMode

MODES = tuple(str(mode) for mode in TlsMode if mode)
ON, UNVERIFIED, UNNAMED = "on", "unverified", "unnamed"
"""words beside the modes: TLS as the library verifies it by default; without the certificate's or the name's check"""
WORDS = {
    "disable": "off", "disabled": "off", "false": "off", "0": "off", "no": "off",
    "preferred": "prefer",
    "true": ON, "1": ON, "yes": ON,
    "none": UNVERIFIED, "cert_none": UNVERIFIED, "no-verify": UNVERIFIED, "skip-verify": UNVERIFIED,
    "insecure": UNVERIFIED, "verify_none": UNVERIFIED, "trust": UNVERIFIED,
    "required": "verify-full", "cert_required": "verify-full", "verify_peer": "verify-full",
    "optional": "verify-full", "cert_optional": "verify-full", "strict": "verify-full",
}  # fmt: skip
"""a library's name of a mode -> ours"""
KEY_ALIASES = {
    "tls": "tls", "sslmode": "tls", "ssl": "tls", "ssl_cert_reqs": "tls",
    "ca": "ca", "sslrootcert": "ca", "ssl_ca_certs": "ca", "cafile": "ca",
    "cert": "cert", "sslcert": "cert", "ssl_certfile": "cert", "certfile": "cert",
    "key": "key", "sslkey": "key", "ssl_keyfile": "key", "keyfile": "key",
}  # fmt: skip
"""a library's key in the query of a URL -> ours"""


def tls_word(name: str, value: str, service: Service) -> tuple[str, str] | None:
    """Return what a key of a URL's query means: ("ca", file) or ("tls", mode or word); None for another key.

    An unknown mode is returned unchanged.
    """
    lower = value.lower()
    meaning = service.tls_options.get(name) or service.tls_options.get(name.lower()) or KEY_ALIASES.get(name)
    if meaning is None:
        return None
    if isinstance(meaning, Mapping):
        return "tls", meaning.get(lower, WORDS.get(lower, value) if lower not in ("false", "0", "no") else "")
    if meaning != "tls":
        return meaning, value
    if lower.startswith("{"):  # the options of Node.js as JSON
        compact = "".join(lower.split())
        return "tls", UNVERIFIED if '"rejectunauthorized":false' in compact else ON
    return "tls", WORDS.get(lower, value)


def query_mode(words: Collection[str], files: Mapping[str, str], service: Service, secure: bool) -> str:
    """Return the mode of a URL's query, never weaker than its libraries would take it; "" if it names none.

    Args:
        words: modes, and the further words of :func:`tls_word`.
        files: "ca", "cert" and "key", as far as the query has them.
        service: the kind.
        secure: whether the scheme itself means TLS, verified.

    Raises:
        InvalidValue: the query asks for TLS and for none.
    """
    modes = [word for word in words if word and word not in (ON, UNVERIFIED, UNNAMED)]
    if unknown := [mode for mode in modes if mode not in MODES]:
        return unknown[0]
    mode = max(modes, key=MODES.index, default="")
    if ON in words and mode in ("", "off", "prefer"):
        mode = _encrypted(mode, modes, "verify-full")
    if "off" in modes and mode != "off":
        _encrypted(mode, modes, mode)
    if mode == "off":
        return mode
    if UNVERIFIED in words:
        return "require"
    if UNNAMED in words and (mode.startswith("verify") or (not mode and (secure or "ca" in files))):
        return "verify-ca"
    if "ca" in files and mode in ("", "prefer", "require") and not (secure and not mode):
        return "verify-full" if files["ca"] == "system" else str(service.ca_mode)
    if ("cert" in files or "key" in files) and mode in ("", "prefer") and not secure:
        return "require" if service.tls is TlsMode.PREFER else "verify-full"
    return mode


def _encrypted(mode: str, modes: Sequence[str], wanted: str) -> str:
    if "off" in modes and (mode == "off" or mode in MODES[2:]):
        raise InvalidValue('the URL\'s query gives "tls" twice, and differently')
    return wanted


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
