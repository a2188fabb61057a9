"""The exit codes of the program."""

from enum import IntEnum


class Exit(IntEnum):
    """An exit code."""

    PARITY = 0
    DRIFT = 1
    """at or above --fail-on"""
    USAGE = 2
    """wrong usage or configuration"""
    UNKNOWN = 3
    """no such drift, but something could not be read, or there was nothing to compare"""
    FAULT = 70
    """an error in our own code; a log is written"""
    UNWRITTEN = 74
    """stdout cannot be written: a full disk, for example"""
    HUNG_UP = 129
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143
