"""`parity-tui doctor`."""
