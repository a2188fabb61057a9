"""Tests of the kind PgBouncer: on real servers of two versions, and on scripted peers."""
