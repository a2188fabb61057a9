"""The shared history, on a real PostgreSQL."""
