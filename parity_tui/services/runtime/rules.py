"""Severity, type and reason of every setting."""

from __future__ import annotations

from parity_tui.model import Rule, Severity, ValueType

_LIBRARY = "Bugs, features and what it accepts change with the library that it is linked with."

RULES = (
    Rule("version", Severity.CRITICAL, "Syntax, standard library and defaults come and go with it."),
    Rule("arch", Severity.CRITICAL, "Compiled packages of one do not run on the other."),
    Rule("bits", Severity.CRITICAL, "Sizes of numbers, and compiled packages.", type=ValueType.NUMBER),
    Rule("library.openssl", Severity.WARNING, "Protocols, ciphers and what is refused as too weak."),
    Rule("library.sqlite", Severity.WARNING, "UPSERT, RETURNING and JSON functions came one by one."),
    Rule("library.icu", Severity.WARNING, "How text sorts and dates are written."),
    Rule("library.modules", Severity.WARNING, "Compiled packages are made for one number."),
    Rule("library.*", Severity.INFO, _LIBRARY),
    Rule("timezone", Severity.CRITICAL, "Local times and days begin at another moment."),
    Rule("encoding*", Severity.WARNING, "Text that one reads and writes is an error for the other."),
    Rule("utf8_mode", Severity.WARNING, "Files open as UTF-8 whatever the locale.", type=ValueType.BOOL),
    Rule("intl", Severity.WARNING, "Without it all the world is American."),
    Rule("gil", Severity.WARNING, "Without it threads run at once, and races appear.", type=ValueType.BOOL),
    Rule("debug_build", Severity.WARNING, "Slower, stricter, other compiled packages.", type=ValueType.BOOL),
    Rule("optimize", Severity.WARNING, "Assertions are left out.", type=ValueType.NUMBER),
    Rule("thread_safe", Severity.WARNING, "Extensions are made for one or the other.", type=ValueType.BOOL),
    Rule("module.*", Severity.WARNING, "Built without it, an import fails.", type=ValueType.BOOL),
    Rule("ini.*", Severity.WARNING, "Limits and defaults of every script."),
    Rule("vm", Severity.WARNING, "Another virtual machine has other speed and memory."),
    Rule("vendor", Severity.INFO, "Who built it: patches and certificates of its own."),
    Rule("package.*", Severity.WARNING, "Another version has other features, defaults and bugs.", explained_by=""),
)
