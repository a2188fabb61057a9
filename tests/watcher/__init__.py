"""Tests of the watcher with a made-up kind whose servers hang, fail and come back."""
