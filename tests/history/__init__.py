"""Tests of the history: records, state, file and thread."""
