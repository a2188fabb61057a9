"""Reads facts on release lines: the shipped table, and newer facts from a file of the user (`eol_data`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from parity_tui.config.errors import InvalidValue
from parity_tui.config.variables import expand
from parity_tui.drift.lifecycle import Lifecycle, Lines, ReleaseLine
from parity_tui.transport.user_files import read_file

_SHIPPED = Path(__file__).with_name("eol.tsv")
_MAX_BYTES = 32 * 1024 * 1024
_WANTED = "it must be the JSON of endoflife.date's API v1: of a product, or of all (products/full)"


class _Latest(Struct):
    name: str
    date: str | None = None


class _Release(Struct, rename="camel"):
    name: str
    is_eol: bool
    eol_from: str | None = None
    latest: _Latest | None = None


class _Product(Struct):
    name: str
    releases: list[_Release] = []


class _Document(Struct):
    result: _Product | list[_Product]
    generated_at: datetime


@cache
def shipped() -> Lifecycle:
    """Return the facts that the package brings along."""
    first, *lines = _SHIPPED.read_text("utf-8").splitlines()
    as_of = date.fromisoformat(first.split()[3].rstrip("."))
    products: dict[str, list[ReleaseLine]] = {}
    for line in lines:
        if not line.startswith("#"):
            product, name, end, latest, latest_at = line.split("\t")
            ends = None if end in ("yes", "no") else _day(end)
            products.setdefault(product, []).append(ReleaseLine(name, ends, end == "yes", latest, _day(latest_at)))
    return Lifecycle({name: Lines(as_of, tuple(of_product)) for name, of_product in products.items()})


def newer(file: str, environ: Mapping[str, str], folder: Path) -> Lifecycle | None:
    """Return the shipped facts with those of a file, product by product, where the file's are newer.

    None for "". Raises InvalidValue and UnsetVariable.
    """
    if not file:
        return None
    try:
        content = read_file(folder / Path(expand(file, environ)).expanduser(), _MAX_BYTES)
    except (OSError, ValueError, RuntimeError) as error:  # the last one: a user without a home
        raise InvalidValue(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    known = dict(shipped().products)
    for name, lines in _decoded(content).items():
        if name not in known or lines.as_of >= known[name].as_of:
            known[name] = lines
    return Lifecycle(known)


def _decoded(content: bytes) -> Mapping[str, Lines]:
    try:
        document = msgspec.json.decode(content, type=_Document)
        products = document.result if isinstance(document.result, list) else [document.result]
        as_of = document.generated_at.date()
        return {product.name: Lines(as_of, tuple(_lines(product.releases))) for product in products}
    except (ValueError, RecursionError):  # msgspec's own errors are ValueErrors
        raise InvalidValue(f"cannot be understood: {_WANTED}") from None


def _lines(releases: Iterable[_Release]) -> Iterable[ReleaseLine]:
    for release in releases:
        latest = release.latest or _Latest("")
        ends = _day(release.eol_from)
        yield ReleaseLine(release.name, ends, release.is_eol and ends is None, latest.name, _day(latest.date))


def _day(text: str | None) -> date | None:
    """Return the day of a date or a time, None for none. Raises ValueError."""
    return date.fromisoformat(text[:10]) if text else None
