"""The nginx of this machine, which `nginx+local` runs."""

from __future__ import annotations

import shutil

import pytest

from tests.conftest import missing


@pytest.fixture
def installed_nginx() -> None:
    """Skip a test if nginx is not installed."""
    if not shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"):
        missing("nginx is not installed")
