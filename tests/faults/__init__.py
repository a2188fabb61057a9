"""Misbehaving servers, networks, terminals and files; README.md is the index."""
