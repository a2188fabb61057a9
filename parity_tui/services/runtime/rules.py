"""Severity, type and reason of every setting."""

from __future__ import annotations

from parity_tui.model import Rule, Severity, ValueType

_LIBRARY = "Bugs, features and accepted input depend on the linked library version."

_HOST_INI = ("extension_dir", "include_path", "error_log", "session.save_path", "sys_temp_dir", "upload_tmp_dir",
             "sendmail_path", "opcache.lockfile_path", "opcache.error_log", "mail.log", "open_basedir", "doc_root",
             "cli.*", "highlight.*", "user_dir", "browscap")  # fmt: skip
_LIMITS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("memory_limit", "Scripts that need more memory are aborted.", "B", {"-1": "no limit"}),
    ("max_execution_time", "Scripts that run longer are aborted.", "s", {"0": "no limit"}),
    ("upload_max_filesize", "Larger uploads are dropped.", "B", {}),
    ("post_max_size", "Larger requests arrive empty.", "B", {"0": "no limit"}),
)
_INI = (
    ("date.timezone", Severity.IGNORED, "Compared as the effective zone."),
    ("display_errors", Severity.CRITICAL, "Visitors see file names and queries."),
    ("error_reporting", Severity.WARNING, "Different errors are reported, or none."),
    ("opcache.validate_timestamps", Severity.WARNING, "New files take effect at once, or after a reload."),
    ("disable_functions", Severity.CRITICAL, "Calls to these functions fail."),
    ("zend.assertions", Severity.WARNING, "Assertions are checked, skipped or compiled out."),
    ("expose_php", Severity.INFO, "Exposes the version to every client."),
)

_ERLANG = ("env.ERL_AFLAGS", "env.ERL_ZFLAGS", "env.ELIXIR_ERL_OPTIONS", "env.ERL_MAX_PORTS", "env.ERL_MAX_ETS_TABLES")
_MODES = ("NODE_ENV", "RAILS_ENV", "RACK_ENV", "APP_ENV", "APP_DEBUG", "MIX_ENV", "FLASK_ENV", "FLASK_DEBUG")
_ARCHITECTURES = ("386", "AMD64", "ARM", "ARM64", "MIPS", "MIPS64", "PPC64", "RISCV64", "WASM")

RULES = (
    Rule("version", Severity.CRITICAL, "Syntax, standard library and defaults change with the version."),
    Rule("arch", Severity.CRITICAL, "Compiled packages are not compatible between the two."),
    Rule("bits", Severity.CRITICAL, "Integer sizes and compiled packages differ.", type=ValueType.NUMBER),
    Rule("library.openssl", Severity.WARNING, "Protocols, ciphers and the minimum strength differ."),
    Rule("library.sqlite", Severity.WARNING, "UPSERT, RETURNING and JSON functions need a recent version."),
    Rule("library.icu", Severity.WARNING, "Text sorts differently and dates are formatted differently."),
    Rule("library.modules", Severity.WARNING, "Compiled packages work with one ABI version only."),
    Rule("library.*", Severity.INFO, _LIBRARY),
    Rule("timezone", Severity.CRITICAL, "Local times and day boundaries differ."),
    Rule("utf8_mode", Severity.IGNORED, "It can change the default text encoding."),
    Rule(
        "encoding.text",
        Severity.WARNING,
        "Text that one side reads and writes is an error on the other.",
        derived=True,
        explained_by="encoding.files",
    ),
    Rule("encoding*", Severity.WARNING, "Text that one side reads and writes is an error on the other."),
    Rule("language", Severity.WARNING, "Numbers, dates and messages are formatted in a different language."),
    Rule("locale", Severity.WARNING, "Numbers, dates and sorting follow a different language."),
    Rule("intl", Severity.WARNING, "Without it only American English is known."),
    Rule("gil", Severity.WARNING, "Without it threads run at once, and races appear.", type=ValueType.BOOL),
    Rule(
        "debug_build",
        Severity.WARNING,
        "A debug build is slower, stricter and needs its own compiled packages.",
        type=ValueType.BOOL,
    ),
    Rule("optimize", Severity.WARNING, "Assertions are not checked.", type=ValueType.NUMBER),
    Rule("thread_safe", Severity.WARNING, "Extensions are built for one or the other.", type=ValueType.BOOL),
    Rule("module.*", Severity.WARNING, "Imports fail where the runtime was built without it.", type=ValueType.BOOL),
    Rule("hash_seed", Severity.WARNING, "A fixed seed is predictable for clients and hides bugs that depend on order."),
    Rule(
        "warnings.categories",
        Severity.WARNING,
        "More warnings are printed.",
        derived=True,
        explained_by="options",
        computed_from=("verbose",),
    ),
    Rule(
        "frozen_string_literal",
        Severity.WARNING,
        "Programs that change a text of their source fail.",
        type=ValueType.BOOL,
        derived=True,
        explained_by="options",
    ),
    Rule("warnings", Severity.WARNING, "A warning is shown, hidden, or ends the program."),
    *(
        Rule(
            f"flag.{name}",
            Severity.WARNING,
            "The program starts without what its environment sets.",
            derived=True,
            explained_by="flag.isolated",
        )
        for name in ("ignore_environment", "no_user_site", "safe_path")
    ),
    Rule(
        "limit.*",
        Severity.WARNING,
        "Processes, connections or tables cannot be made at the limit.",
        type=ValueType.NUMBER,
        derived=True,
        explained_by="env.ERL_FLAGS",
        computed_from=_ERLANG,
    ),
    Rule(
        "schedulers",
        Severity.INFO,
        "Work that runs at once; by default as many as processors.",
        type=ValueType.NUMBER,
        capacity=True,
        derived=True,
        explained_by="env.ERL_FLAGS",
        computed_from=_ERLANG,
    ),
    Rule(
        "threads",
        Severity.INFO,
        "Threads for files and drivers.",
        type=ValueType.NUMBER,
        derived=True,
        explained_by="env.ERL_FLAGS",
        computed_from=_ERLANG,
    ),
    Rule("recursion_limit", Severity.WARNING, "Deep recursion fails on one side only.", type=ValueType.NUMBER),
    Rule("flag.dev_mode", Severity.WARNING, "Slower, with extra checks and warnings.", type=ValueType.BOOL),
    Rule(
        "flag.MaxRAMPercentage",
        Severity.WARNING,
        "The heap takes a different share of the machine's memory.",
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
    Rule("flag.*", Severity.WARNING, "A runtime flag was set explicitly.", explained_by=""),
    Rule("property.*", Severity.WARNING, "A system property was set explicitly; libraries read it.", explained_by=""),
    Rule(
        "gc",
        Severity.WARNING,
        "Pauses and memory use depend on the garbage collector.",
        derived=True,
        explained_by="flag.ActiveProcessorCount",
    ),
    Rule(
        "heap_limit",
        Severity.WARNING,
        "The program runs out of memory on one side only.",
        type=ValueType.SIZE,
        capacity=True,
    ),
    Rule(
        "tls.verify",
        Severity.CRITICAL,
        "When off, TLS certificates are not verified: any server can be impersonated.",
        type=ValueType.BOOL,
    ),
    Rule("tls.ciphers", Severity.WARNING, "Peers that share no cipher are refused by one, not by the other."),
    Rule("tls.*", Severity.WARNING, "Peers with old protocols or ciphers are refused by one, not by the other."),
    Rule("fips", Severity.WARNING, "MD5 and other algorithms fail where it is on.", type=ValueType.BOOL),
    Rule("dns.order", Severity.WARNING, "IPv6 or IPv4 is tried first."),
    Rule("happy_eyeballs*", Severity.WARNING, "How soon the next address of a name is tried."),
    Rule("max_header_size", Severity.WARNING, "Requests with large cookies are refused.", type=ValueType.SIZE),
    Rule("verbose", Severity.WARNING, "More warnings are printed.", derived=True, explained_by="options"),
    Rule(
        "debug",
        Severity.WARNING,
        "Debug output and checks are enabled on one side only.",
        derived=True,
        explained_by="options",
    ),
    Rule("yjit", Severity.INFO, "Speed and memory: code is compiled, or not.", derived=True, explained_by="options"),
    Rule("jit", Severity.INFO, "Speed and memory: code is compiled, or not."),
    Rule("options", Severity.WARNING, "Options applied to every start of the runtime.", explained_by=""),
    *(
        Rule(
            f"env.{name}",
            Severity.CRITICAL,
            "Frameworks use it to choose caches, logging and error pages.",
            explained_by="",
        )
        for name in _MODES
    ),
    Rule("env.*", Severity.WARNING, "An environment variable that changes the runtime.", explained_by=""),
    Rule("go.GOTOOLCHAIN", Severity.WARNING, "A different compiler is downloaded and used.", explained_by=""),
    Rule(
        "go.CGO_ENABLED",
        Severity.WARNING,
        "Programs use the system's libraries, or their own name resolution.",
        derived=True,
        explained_by="go.GOOS",
        computed_from=("go.GOARCH",),
    ),
    *(
        Rule(f"go.{name}", Severity.WARNING, "Modules come from another source.", derived=True, explained_by=cause)
        for name, cause in (("GONOPROXY", "go.GOPRIVATE"), ("GONOSUMDB", "go.GOPRIVATE"), ("GOEXE", "go.GOOS"))
    ),
    *(
        Rule(f"go.GO{name}", Severity.WARNING, "Programs use other instructions.", explained_by="go.GOARCH")
        for name in _ARCHITECTURES
    ),
    Rule("go.GO*", Severity.WARNING, "Programs are built for a different target or from different sources."),
    Rule("go.*", Severity.INFO, "Build options differ."),
    Rule("server_api", Severity.INFO, "Command-line limits differ from those of FPM."),
    Rule(
        "extensions",
        Severity.WARNING,
        "Calls to functions of a missing extension fail.",
        type=ValueType.SET,
        explained_by="",
    ),
    Rule(
        "extension.*",
        Severity.WARNING,
        "Features, defaults and bugs differ between versions.",
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
    Rule("ini.*", Severity.WARNING, "Limits and defaults of every script differ.", explained_by="extensions"),
    Rule("packages", Severity.WARNING, "Package versions could not be listed; they may differ."),
    Rule("vm", Severity.WARNING, "Speed and memory use differ between virtual machines."),
    Rule("vendor", Severity.INFO, "Each vendor adds its own patches and certificates."),
    Rule("package.*", Severity.WARNING, "Features, defaults and bugs differ between versions.", explained_by=""),
)
