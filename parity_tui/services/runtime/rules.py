"""Severity, type and reason of every setting."""

from __future__ import annotations

from parity_tui.model import Rule, Severity, ValueType

_LIBRARY = "Bugs, features and what it accepts change with the library that it is linked with."

_HOST_INI = ("extension_dir", "include_path", "error_log", "session.save_path", "sys_temp_dir", "upload_tmp_dir",
             "sendmail_path", "opcache.lockfile_path", "opcache.error_log", "mail.log", "open_basedir", "doc_root",
             "cli.*", "highlight.*", "user_dir", "browscap")  # fmt: skip
_LIMITS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("memory_limit", "Scripts that need more end in the middle.", "B", {"-1": "no limit"}),
    ("max_execution_time", "Scripts that take longer end in the middle.", "s", {"0": "no limit"}),
    ("upload_max_filesize", "Larger uploads are dropped.", "B", {}),
    ("post_max_size", "Larger requests arrive empty.", "B", {"0": "no limit"}),
)
_INI = (
    ("date.timezone", Severity.IGNORED, "Compared as the zone in force."),
    ("display_errors", Severity.CRITICAL, "Visitors see file names and queries."),
    ("error_reporting", Severity.WARNING, "Other problems are reported, or none."),
    ("opcache.validate_timestamps", Severity.WARNING, "New files take effect at once, or after a reload."),
    ("disable_functions", Severity.CRITICAL, "Calls of these functions are errors."),
    ("zend.assertions", Severity.WARNING, "Assertions are checked, skipped, or left out."),
    ("expose_php", Severity.INFO, "Tells the version to everybody."),
)

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
    Rule("utf8_mode", Severity.IGNORED, "Where it changes anything, the encoding of text differs too."),
    Rule("encoding*", Severity.WARNING, "Text that one reads and writes is an error for the other."),
    Rule("language", Severity.WARNING, "Numbers, dates and messages are written in another language."),
    Rule("locale", Severity.WARNING, "Numbers, dates and sorting follow another language."),
    Rule("intl", Severity.WARNING, "Without it only American English is known."),
    Rule("gil", Severity.WARNING, "Without it threads run at once, and races appear.", type=ValueType.BOOL),
    Rule("debug_build", Severity.WARNING, "Slower, stricter, other compiled packages.", type=ValueType.BOOL),
    Rule("optimize", Severity.WARNING, "Assertions are left out.", type=ValueType.NUMBER),
    Rule("thread_safe", Severity.WARNING, "Extensions are made for one or the other.", type=ValueType.BOOL),
    Rule("module.*", Severity.WARNING, "Built without it, an import fails.", type=ValueType.BOOL),
    Rule("hash_seed", Severity.WARNING, "A fixed seed can be guessed by clients, and hides bugs that depend on order."),
    Rule("warnings.categories", Severity.WARNING, "More warnings are printed.", derived=True, explained_by="options"),
    Rule("warnings", Severity.WARNING, "A warning is shown, hidden, or ends the program."),
    Rule("recursion_limit", Severity.WARNING, "Deeper calls fail on one side only.", type=ValueType.NUMBER),
    Rule("flag.dev_mode", Severity.WARNING, "Slower, with extra checks and warnings.", type=ValueType.BOOL),
    Rule(
        "flag.MaxRAMPercentage",
        Severity.WARNING,
        "The heap takes another share of the machine's memory.",
        type=ValueType.NUMBER,
    ),
    Rule(
        "flag.MaxHeapSize",
        Severity.WARNING,
        "The program runs out of memory, or the machine does.",
        type=ValueType.SIZE,
        capacity=True,
        derived=True,
        explained_by="flag.MaxRAMPercentage",
    ),
    Rule("flag.*", Severity.WARNING, "A switch of the runtime that somebody has set.", explained_by=""),
    Rule("property.*", Severity.WARNING, "A property that somebody has set; libraries obey it.", explained_by=""),
    Rule("gc", Severity.WARNING, "Pauses and use of memory are those of the collector.", explained_by=""),
    Rule(
        "heap_limit",
        Severity.WARNING,
        "The program runs out of memory on one side only.",
        type=ValueType.SIZE,
        capacity=True,
    ),
    Rule("tls.verify", Severity.CRITICAL, "Where it is off, anybody can pose as any server.", type=ValueType.BOOL),
    Rule("tls.ciphers", Severity.WARNING, "Peers that share no cipher are refused by one, not by the other."),
    Rule("tls.*", Severity.WARNING, "Peers with old protocols or ciphers are refused by one, not by the other."),
    Rule("fips", Severity.WARNING, "MD5 and other algorithms fail where it is on.", type=ValueType.BOOL),
    Rule("dns.order", Severity.WARNING, "IPv6 or IPv4 is tried first."),
    Rule("happy_eyeballs*", Severity.WARNING, "How soon the other address of a name is tried."),
    Rule("max_header_size", Severity.WARNING, "Requests with large cookies are refused.", type=ValueType.SIZE),
    Rule("verbose", Severity.WARNING, "More warnings are printed.", derived=True, explained_by="options"),
    Rule("debug", Severity.WARNING, "Debug output and checks.", derived=True, explained_by="options"),
    Rule("yjit", Severity.INFO, "Speed and memory: code is compiled, or not.", derived=True, explained_by="options"),
    Rule("jit", Severity.INFO, "Speed and memory: code is compiled, or not."),
    Rule("options", Severity.WARNING, "Options that every start of the runtime gets.", explained_by=""),
    Rule("env.NODE_ENV", Severity.CRITICAL, "Frameworks choose caches, logs and error pages by it.", explained_by=""),
    Rule("env.*", Severity.WARNING, "A variable that the runtime obeys.", explained_by=""),
    Rule("go.GOTOOLCHAIN", Severity.WARNING, "Another compiler is fetched and used.", explained_by=""),
    Rule("go.CGO_ENABLED", Severity.WARNING, "Programs use the system's libraries, or their own name resolution."),
    Rule("go.GO*", Severity.WARNING, "Programs are built for something else, or from elsewhere."),
    Rule("go.*", Severity.INFO, "How programs are built."),
    Rule("server_api", Severity.INFO, "Limits of the command line are not those of FPM."),
    Rule(
        "extensions",
        Severity.WARNING,
        "Functions of an extension that is missing are errors.",
        type=ValueType.SET,
        explained_by="",
    ),
    Rule(
        "extension.*",
        Severity.WARNING,
        "Another version has other features, defaults and bugs.",
        explained_by="extensions",
    ),
    *(Rule(f"ini.{name}", Severity.IGNORED, "Paths belong to the host.") for name in _HOST_INI),
    *(
        Rule(
            f"ini.{name}", Severity.CRITICAL, why, unit=unit, special=special, safer="higher", explained_by="extensions"
        )
        for name, why, unit, special in _LIMITS
    ),
    *(Rule(f"ini.{name}", severity, why, explained_by="extensions") for name, severity, why in _INI),
    Rule("ini.*", Severity.WARNING, "Limits and defaults of every script.", explained_by="extensions"),
    Rule("packages", Severity.WARNING, "Packages that cannot be listed may be of any version."),
    Rule("vm", Severity.WARNING, "Another virtual machine has other speed and memory."),
    Rule("vendor", Severity.INFO, "Who built it: patches and certificates of its own."),
    Rule("package.*", Severity.WARNING, "Another version has other features, defaults and bugs.", explained_by=""),
)
