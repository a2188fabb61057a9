"""In-process memory: a product without facts."""

from parity_tui.model import Target
from parity_tui.services.memory import SERVICE
from parity_tui.transport.dialer import NetworkDialer


async def test_reading_has_a_product_and_no_facts() -> None:
    """The product makes another one elsewhere drift."""
    target = Target("dev", "cache", "memory")
    async with SERVICE.connect(target, NetworkDialer(target, 3)) as read:
        reading = await read()
    assert reading.product == "in-process memory"
    assert reading.facts == {}
