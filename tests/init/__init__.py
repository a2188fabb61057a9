"""`parity-tui init`."""
