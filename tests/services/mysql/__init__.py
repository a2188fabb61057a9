"""Tests of MySQL: MariaDB as real servers of two versions, MySQL and its relatives as scripted ones."""
