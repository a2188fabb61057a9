"""Tests of PostgreSQL, on real servers of three versions."""
