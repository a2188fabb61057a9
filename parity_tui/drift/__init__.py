"""Comparing: pure functions, no I/O, no clock, no kind of service known by name."""
