"""Tests of the kind Memcached: on real servers of every version, and on scripted peers."""
