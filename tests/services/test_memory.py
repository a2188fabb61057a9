"""In-process memory: a type of service, and nothing to read."""

from parity_tui.model import Target
from parity_tui.services.memory import SERVICE
from parity_tui.transport.dialer import NetworkDialer


async def test_it_says_what_it_is_and_nothing_more() -> None:
    """The reading has a product, so that another product elsewhere is drift of type, and no facts."""
    target = Target("dev", "cache", "memory")
    async with SERVICE.connect(target, NetworkDialer(target, 3)) as read:
        reading = await read()
    assert reading.product == "in-process memory"
    assert reading.facts == {}
