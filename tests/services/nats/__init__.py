"""Tests of the kind NATS: on real servers of two versions, and on scripted peers."""
