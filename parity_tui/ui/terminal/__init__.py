"""The terminal: capabilities, shutdown, partial updates, files written on request."""
