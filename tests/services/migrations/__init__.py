"""Ledgers of migration tools: real ones, recorded ones, and bad ones."""
