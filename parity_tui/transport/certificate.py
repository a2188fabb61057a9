"""Properties of a certificate that Python's `ssl` does not name, from its DER form. Pure; any bytes give an answer."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

_SIGNATURES = {
    "2a864886f70d010105": "SHA-1 with RSA", "2a864886f70d01010b": "SHA-256 with RSA",
    "2a864886f70d01010c": "SHA-384 with RSA", "2a864886f70d01010d": "SHA-512 with RSA",
    "2a864886f70d01010a": "RSA-PSS", "2a8648ce3d0401": "SHA-1 with ECDSA", "2a8648ce3d040302": "SHA-256 with ECDSA",
    "2a8648ce3d040303": "SHA-384 with ECDSA", "2a8648ce3d040304": "SHA-512 with ECDSA", "2b6570": "Ed25519",
    "2b6571": "Ed448",
}  # fmt: skip
_CURVES = {"2a8648ce3d030107": "P-256", "2b81040022": "P-384", "2b81040023": "P-521"}
_TLS_FEATURE = bytes.fromhex("06082b06010505070118")
"""the extension by which a certificate demands OCSP stapling (RFC 7633)"""
_LONGEST_LENGTH = 4
"""bytes of a length in DER"""

_Item = tuple[int, int, int]
"""tag, start and end of a value"""


class Properties(Struct, frozen=True):
    """Properties of a certificate in words, "" where they are not understood."""

    key: str = ""
    """type and size of its public key"""
    signature: str = ""
    """algorithm of its authority's signature"""
    must_staple: bool = False


def properties(der: bytes) -> Properties:
    """Return the properties of a certificate.

    >>> properties(b""), properties(bytes([0x30, 0x84, 255, 255, 255, 255]))
    (Properties(key='', signature='', must_staple=False), Properties(key='', signature='', must_staple=False))
    """
    try:
        body, algorithm, *_ = _items(der, *_items(der, 0, len(der))[0][1:])
        fields = [item for item in _items(der, *body[1:]) if item[0] != 0xA0]  # without the version
        signature = _SIGNATURES.get(_text(der, _items(der, *algorithm[1:])[0]), "")
        return Properties(_key(der, fields[5]), signature, _TLS_FEATURE in der)
    except (IndexError, ValueError):
        return Properties()


def _items(der: bytes, start: int, end: int) -> list[_Item]:
    """Return the values between two places. Raises IndexError or ValueError for what is no DER."""
    found: list[_Item] = []
    while start < end:
        tag, length, at = der[start], der[start + 1], start + 2
        if length & 0x80:
            size = length & 0x7F
            if size > _LONGEST_LENGTH:
                raise ValueError
            length, at = int.from_bytes(der[at : at + size]), at + size
        start = at + length
        if start > end:
            raise ValueError
        found.append((tag, at, start))
    return found


def _text(der: bytes, item: _Item) -> str:
    return der[item[1] : item[2]].hex()


def _key(der: bytes, item: _Item) -> str:
    """Return type and size of a SubjectPublicKeyInfo."""
    algorithm, bits = _items(der, *item[1:])
    kind, *parameters = _items(der, *algorithm[1:])
    match _text(der, kind):
        case "2a864886f70d010101":
            sequence = _items(der, bits[1] + 1, bits[2])[0]  # after the number of unused bits
            modulus = _items(der, *sequence[1:])[0]
            return f"RSA, {int.from_bytes(der[modulus[1] : modulus[2]]).bit_length()} bits"
        case "2a8648ce3d0201":
            return f"EC, {_CURVES.get(_text(der, parameters[0]), 'another curve')}"
        case other:
            return _SIGNATURES.get(other, "")


def has_wildcard(certificate: Mapping[str, object]) -> bool:
    """Return whether a certificate, in the form of getpeercert, is one for all names of a domain.

    >>> has_wildcard({"subjectAltName": (("DNS", "*.shop.example"),)}), has_wildcard({})
    (True, False)
    """
    names = certificate.get("subjectAltName", ())
    return isinstance(names, tuple) and any(str(name[-1]).startswith("*.") for name in names)
