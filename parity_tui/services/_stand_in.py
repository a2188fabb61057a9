"""Makes the kinds of what an app uses in place of a server: they have no address, no settings and no facts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Reading, ReadOnce, Service, Target


def stand_in(
    title: str, scheme: str, product: str, *, role: str, address: str, aliases: Mapping[str, str] | None = None
) -> Service:
    """Return a kind whose reading is its product alone: another product elsewhere is a difference of type.

    Args:
        title: the kind's title.
        scheme: of its URL, which needs no more than that.
        product: the reading's product.
        role: its usual name in an app.
        address: where it is, in words.
        aliases: spellings that frameworks use -> ``scheme``.
    """

    @asynccontextmanager
    async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
        async def read() -> Reading:
            return Reading(product=product, version="", facts={}, address=target.path or address)

        yield read

    return Service(
        title=title,
        schemes=(scheme,),
        scheme_aliases=aliases or {},
        connect=connect,
        privilege="none",
        rules=(),
        role=role,
    )
