"""Tests of the watcher without a screen: `parity-tui watch`."""
