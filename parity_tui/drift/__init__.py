"""Compares readings: pure functions without I/O, without a clock and without knowledge of a kind."""
