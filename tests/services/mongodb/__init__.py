"""Tests of the kind MongoDB: on a stand-in that speaks its protocol."""
