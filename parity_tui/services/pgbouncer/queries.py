"""The commands of the console that a reading takes, in their order."""

from __future__ import annotations

QUERIES = ("SHOW VERSION", "SHOW CONFIG", "SHOW DATABASES", "SHOW USERS")
