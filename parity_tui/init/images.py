"""Finds what the kinds of service declare about a container image."""

from __future__ import annotations

from parity_tui import services
from parity_tui.model import Image


def image_of(name: str) -> Image | None:
    """Return the declaration of a container image, None for an unknown one.

    Only the whole last part of the name counts, so that an exporter is not mistaken for its server.

    >>> image_of("oliver006/redis_exporter"), image_of("${IMAGE}")
    (None, None)
    """
    last = name.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()
    kinds = services.kinds()
    images = (image for kind in kinds.search_order() for image in kinds[kind].images)
    return next((image for image in images if last in image.names and image.scheme in services.schemes()), None)
