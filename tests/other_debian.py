"""Servers of another Debian, for a second version of what no wheel has."""

PRODUCTS = ("rabbitmq", "memcached", "redis")
"""What is taken from there."""


def prepare() -> str:
    """Make the other Debian's servers available; why not, where it cannot be done."""
    return "not yet"
