"""How the program ends."""

from enum import IntEnum


class Exit(IntEnum):
    """How the program ends."""

    PARITY = 0
    DRIFT = 1
    """at or above --fail-on"""
    USAGE = 2
    """wrong usage or configuration"""
    UNKNOWN = 3
    """no such drift, but something could not be read, or there was nothing to compare it with"""
    FAULT = 70
    """of our own: a log is written"""
    UNWRITTEN = 74
    """the disk is full, or the output is gone in another way"""
    HUNG_UP = 129
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143
