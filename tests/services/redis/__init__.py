"""Tests of the kind Redis: on real servers of every product and version, and on scripted peers."""
