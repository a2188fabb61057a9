"""Connections that the tests of MySQL share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from parity_tui.demo.mysql import MariaDB
from tests.services.mysql.builders import Superuser, superuser_of


@pytest.fixture
async def superuser(each_mariadb: MariaDB) -> AsyncIterator[Superuser]:
    """Connect to every version in turn."""
    async with superuser_of(each_mariadb) as connection:
        yield connection
