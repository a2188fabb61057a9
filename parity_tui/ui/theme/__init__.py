"""Symbols, colours and how a line is rendered."""
