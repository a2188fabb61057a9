"""Tests of Apache httpd."""
