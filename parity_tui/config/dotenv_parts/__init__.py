"""Variables that give an address in parts (DB_HOST, DB_PORT, …) -> services.

- `names.py`: the name of a variable -> its part and its group
- `kinds.py`: the kind, where the name of the group is no product
- `address.py`: the variables of a group -> a URL
- `url_variables.py`: variables that hold a URL
- `finder.py`, `found.py`: groups -> the services

A group is the beginning of names: DB, ORDERS_DB, SPRING_DATA_REDIS. A group without a host is no client: it configures
the image of a server, or completes another group.
"""

from __future__ import annotations

from collections.abc import Mapping

from parity_tui.config.dotenv_parts.finder import Finder
from parity_tui.config.dotenv_parts.found import Login, PartLeftOut, Parts, PartService

__all__ = ["Login", "PartLeftOut", "PartService", "Parts", "services_from"]


def services_from(variables: Mapping[str, str]) -> Parts:
    """Return the services that variables describe in parts; those of a URL variable are left to the URL.

    >>> [service.explanation for service in services_from({"DB_CONNECTION": "pgsql", "DB_HOST": "db"}).services]
    ['DB_HOST, DB_CONNECTION: postgres at db:5432']
    """
    return Finder(variables).result()
