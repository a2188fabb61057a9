"""Tests of nginx."""
