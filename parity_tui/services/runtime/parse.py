"""Output of a command → Reading."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from parity_tui.drift.policy import matches
from parity_tui.model import Fact, Reading, Reason, ServiceError, State, Target, ValueType
from parity_tui.services._timezone import zone_rule, zone_text
from parity_tui.services.runtime.normalize import fact
from parity_tui.transport.foreign import foreign

_PROPERTIES = {
    "java.version": "version", "java.vm.name": "vm", "java.vendor": "vendor", "os.arch": "arch",
    "file.encoding": "encoding", "native.encoding": "encoding.native", "user.timezone": "timezone",
    "user.language": "language", "java.class.version": "library.class_files",
}  # fmt: skip
"""property of Java -> name of its fact"""
_HOST_PROPERTY = re.compile(
    r"java\.(?!net\.|security\.|rmi\.|util\.|awt\.headless).*|(user\.(dir|home|name)|os|path|line|file\.separator)\b.*"
    r"|sun\.(arch|boot|cpu|desktop|io|java|jnu|management|os|std\w+)\..*|jdk\.(debug|vendor\..*)"
    r"|(com\.ibm|ibm|org\.graalvm)\..*(version|name)"
)
"""properties of Java that tell of the machine or of the build"""
_FLAG = re.compile(
    r"\s*(bool|u?intx?|u?int64_t|size_t|ccstr\w*|double)\s+(\w+)\s+:?=\s*(.*?)\s+\{.*?\}(?:\s+\{(.*)\})?"
)
_FOLLOWING = ("PrintFlagsFinal", "MinHeapSize", "ProfileInterpreter", "RequireSharedSpaces")
"""flags of Java that we set, or that follow from others"""
_GIVEN = ("command line", "environment", "management")
_COLLECTORS = ("SerialGC", "ParallelGC", "G1GC", "ZGC", "ShenandoahGC", "EpsilonGC", "ConcMarkSweepGC")
_OTHER_VARIABLE = re.compile(
    r"(?!SSL_CERT_|GEM_|(PYTHON|NODE_)PATH$|PYTHONHOME).*(HOME|PATH|_VERSION|HISTORY|_SHA256|_URL|CACHE|PREFIX|DIR|USERBASE|STARTUP)|PYTHON(DONTWRITEBYTECODE|HASHSEED|DEVMODE"
    r"|WARNINGS|OPTIMIZE|UTF8|VERBOSE|NOUSERSITE|SAFEPATH|INTMAXSTRDIGITS|DEBUG|INSPECT|WARNDEFAULTENCODING|_GIL)"
    r"|PYTHON(FAULTHANDLER|TRACEMALLOC)|NODE_(TLS_REJECT_UNAUTHORIZED|OPTIONS)|RUBY_YJIT_ENABLE"
)
"""variables that tell of the host, or whose effect is a fact of its own"""
_OWN_FACT = re.compile(
    r"-[DX]\S*|--(max-old-space-size|max-semi-space-size|tls-(min|max)-v\S*|tls-cipher-list|dns-result-order"
    r"|max-http-header-size|network-family-autoselection-attempt-timeout|(no-)?network-family-autoselection)(?![\w-])\S*"
    r"|-[EK]\S+"
)
"""options in a variable whose effect is a fact of its own"""
_COMPUTED = (
    "flag.ignore_environment",
    "flag.no_user_site",
    "flag.safe_path",
    "encoding.text",
    "verbose",
    "debug",
    "warnings.categories",
    "yjit",
    "frozen_string_literal",
    "schedulers",
    "threads",
)
"""facts that follow from options, or from other facts"""
_PRESENCE = re.compile(r"\w+_proxy|PYTHONPATH|PYTHONHOME|NODE_PATH|RUBYLIB|GEM_(HOME|PATH)", re.IGNORECASE)
"""variables whose value belongs to the host, and may hold a password: they are set, or not"""
_HOST_GO = re.compile(
    r"GO(BIN|CACHE|ENV|MODCACHE|PATH|ROOT|TMPDIR|TOOLDIR|MOD|WORK|VERSION|GCCFLAGS|TELEMETRYDIR|HOST\w+)"
)
_PHP_INFO = {"PHP Version": "version", "Debug Build": "debug_build", "Thread Safety": "thread_safe",
             "Default timezone": "timezone", "Server API": "server_api"}  # fmt: skip
_LINE = 2000
"""characters of a line that are looked at"""
_CLI = "settings of the command line: php-fpm has its own"
_OF_THE_LOGIN = "of the login shell, not of a service"


def parse(text: str, mark: str, program: str, target: Target) -> Reading:
    r"""Return the reading of a command's output, which :func:`script` encloses in lines with ``mark``.

    Raises ServiceError where the command is missing, was interrupted or prints no version.

    >>> output = "\n@@7\nproduct\tRuby\nversion\t3.3.1\nlibrary.zlib\t1.3\n\n@@7 0\n"
    >>> reading = parse(output, "@@7", "ruby", Target("dev", "app", "runtime"))
    >>> reading.product, reading.version, reading.facts["library.zlib"].raw
    ('Ruby', '3.3.1', '1.3')
    """
    text = f"\n{text}"
    if f"\n{mark} missing" in text:
        raise ServiceError(Reason.SERVER, f"no command {program}")
    body, _, code = text.partition(f"\n{mark}\n")[2].partition(f"\n{mark} ")
    if not code:
        last = _last_line(text) or "no output"
        raise ServiceError(Reason.PROTOCOL, f"the output of {program} is incomplete: {last}")
    lines = [line for line in body.replace("\r", "").split("\n") if line.strip()]
    if (code := code.strip()) != "0":
        raise ServiceError(Reason.SERVER, f"{program} {_end(code)}: {_last_line(body) or 'it says nothing'}")
    values = dict([pair for line in lines if (pair := _name_and_value(line))])
    values |= _java(lines) | _go(lines) | _php(lines)
    if "version" not in values:
        values |= _version_line([line for line in lines if not _name_and_value(line)], program)
    product = "Java" if "vm" in values else values.pop("product", "")
    version = values.pop("version")
    if not (product and version):
        raise ServiceError(Reason.WRONG_SERVICE, f"{program} does not report its version: {_last_line(body)}")
    unlisted = values.pop("no packages", "")
    facts = _facts(values, target.options.get("packages", ""), whole=not unlisted)
    hidden: tuple[tuple[str, str], ...] = ()
    if unlisted:
        why = "its packages cannot be listed"
        facts["packages"], hidden = Fact(state=State.HIDDEN, note=why), (("package.*", why),)
    notes = (_CLI,) if product == "PHP" and "server_api" not in facts else ()
    return Reading(product, version, facts, hidden, notes, address=_address(target, program))


def _end(code: str) -> str:
    """Return how a command ended, by its exit code.

    >>> _end("137"), _end("9")
    ('was killed by signal 9', 'ends with code 9')
    """
    killed = code.isdecimal() and 128 < int(code) < 160
    return f"was killed by signal {int(code) - 128}" if killed else f"ends with code {code[:20]}"


def _address(target: Target, program: str) -> str:
    return program if target.scheme.endswith("+local") else f"{target.host}:{program}"


def _last_line(text: str) -> str:
    return foreign(text.strip().split("\n")[-1], 200)


def _name_and_value(line: str) -> tuple[str, str] | None:
    """Return name and value of a line that our script printed, None for warnings and the like."""
    name, tab, value = line.partition("\t")
    return (name, value) if tab and name.isprintable() else None


def _java(lines: Sequence[str]) -> dict[str, str]:
    """Return the properties and the flags of Java: those that are set, the sizes of the heap, the collector."""
    values: dict[str, str] = {}
    for line in (line for line in lines if len(line) < _LINE):
        name, equals, value = line.strip().partition(" = ")
        if match := _FLAG.fullmatch(line):
            _, flag, value, origin = match.groups()
            if flag in ("MaxHeapSize", "MaxRAMPercentage"):
                values[f"flag.{flag}"] = value
                values |= {f"default.flag.{flag}": value} if origin in ("default", "ergonomic") else {}
            elif flag.removeprefix("Use") in _COLLECTORS:
                computed = {"default.gc": ""} if origin in ("default", "ergonomic") else {}
                values |= {"gc": flag.removeprefix("Use"), **computed} if value == "true" else {}
            elif (origin or "").split(",")[0] in _GIVEN and flag not in _FOLLOWING:
                values[f"flag.{flag}"] = value
        elif equals and name in _PROPERTIES:
            values[_PROPERTIES[name]] = value
        elif equals and re.fullmatch(r"[\w.-]{2,80}", name) and not _HOST_PROPERTY.fullmatch(name):
            values[f"property.{name}"] = value
    return values if "vm" in values else {}


def _go(lines: Sequence[str]) -> dict[str, str]:
    """Return the settings of `go env`."""
    if not any(line.startswith("go version go") for line in lines):
        return {}
    pairs = (re.fullmatch(r"(?:set )?([A-Z0-9_]+)=(['\"]?)(.*)\2", line) for line in lines)
    values = {pair[1]: pair[3] for pair in pairs if pair}
    native = all(values.get(f"GO{name}") == values.get(f"GOHOST{name}") for name in ("OS", "ARCH"))
    following = {
        *(name for name in ("GONOPROXY", "GONOSUMDB") if values.get(name) == values.get("GOPRIVATE")),
        *(["CGO_ENABLED"] if values.get("CGO_ENABLED") == str(int(native)) else []),
        "GOEXE",
    }
    return {
        **{f"go.{name}": value for name, value in values.items() if not _HOST_GO.fullmatch(name)},
        **{f"default.go.{name}": "" for name in following},
    }


def _php(lines: Sequence[str]) -> dict[str, str]:
    """Return what `php-fpm -i` prints: NAME => VALUE, and NAME => OURS => MASTER for settings."""
    if not any(line.startswith("PHP Version => ") for line in lines):
        return {}
    values = {"product": "PHP"}
    for line in lines:
        name, *rest = [part.strip() for part in line.split(" => ")]
        if len(rest) == 2 and name != "Directive":
            values[f"ini.{name}"] = "" if rest[1] == "no value" else rest[1]
        elif rest and name in _PHP_INFO:
            word = {"disabled": "0", "no": "0", "enabled": "1", "yes": "1"}.get(rest[0], rest[0])
            values.setdefault(_PHP_INFO[name], word)
    after = lines[lines.index("[PHP Modules]") + 1 :] if "[PHP Modules]" in lines else []
    return values | {f"extension.{name}": "there" for name in after if not name.startswith("[")}


def _version_line(lines: Sequence[str], program: str) -> dict[str, str]:
    """Return product and version from a line that names the program, or else the first one that holds a number.

    >>> _version_line(["Erlang/OTP 25 [erts-13.1.5]", "Elixir 1.14.0 (compiled with Erlang/OTP 24)"], "/opt/elixir")
    {'product': 'elixir', 'version': '1.14.0', 'library.erlang': '25'}
    """
    name = program.rpartition("/")[2]
    stem = re.escape(name.rstrip("0123456789.-") or name)
    own = re.compile(rf"(?<![a-z]){stem}(?![a-z]).*?(?<![\w.])(?:v|{stem})?[0-9]+\.[0-9]", re.IGNORECASE)
    for line in sorted(lines, key=lambda line: not own.search(line[:_LINE])):
        start = re.search(stem, line[:_LINE], re.IGNORECASE)
        text = line[start.start() :] if start and own.search(line[:_LINE]) else line
        if match := re.search(r"(?<![\w.])(?:v|go)?([0-9]++(?:\.[0-9]++)++[\w.+-]*+)", text[:_LINE], re.ASCII):
            platform = re.search(r"(?<![a-z])[a-z]++/(\w+)$", line) if name.startswith("go") else None
            under = re.search(r"^Erlang/OTP (\S+)", "\n".join(lines)[:_LINE], re.MULTILINE)
            return {
                "product": name,
                "version": match[1],
                **({"arch": platform[1]} if platform else {}),
                **({"library.erlang": under[1]} if under else {}),
            }
    last = _last_line(" ".join(lines)) or "no output"
    raise ServiceError(Reason.WRONG_SERVICE, f"{program} does not report its version: {last}")


def _facts(values: Mapping[str, str], wanted: str, *, whole: bool) -> dict[str, Fact]:
    """Return the facts; of packages those that match the globs in ``wanted``, all of them if it is empty."""
    globs = [_package_name(name) for name in re.split(r"[\s,]+", wanted) if name]
    facts: dict[str, Fact] = {}
    extensions: list[str] = []
    for name, value in values.items():
        sort, _, package = name.partition(".")
        if sort == "env" or name == "options":
            value = " ".join(word for word in value.split() if not _OWN_FACT.fullmatch(word))
        if sort == "env":
            if _PRESENCE.fullmatch(package):
                name, value = (f"env.{package.lower()}" if package.lower().endswith("_proxy") else name), "set"
            facts |= (
                {}
                if _OTHER_VARIABLE.fullmatch(package) or not value
                else {name: replace(fact(name, value), note=_OF_THE_LOGIN)}
            )
        elif sort not in ("package", "extension"):
            computed = f"default.{name}" in values or name in _COMPUTED or sort == "limit"
            facts |= {} if sort in ("zone", "default") else {name: replace(fact(name, value), default=computed or None)}
        else:
            package = _package_name(package)
            extensions += [package] if sort == "extension" else []
            if globs and not any(matches(glob, package) for glob in globs):
                continue
            facts[f"{sort}.{package}"] = Fact(value, ValueType.SET if ", " in value else ValueType.TEXT)
    if extensions:
        facts["extensions"] = Fact(", ".join(sorted(extensions)), ValueType.SET)
    for name in globs if whole else ():
        if "*" not in name and "?" not in name and f"extension.{name}" not in facts:
            facts.setdefault(f"package.{name}", Fact("not installed"))
    return _with_zone(facts, values)


def _with_zone(facts: dict[str, Fact], values: Mapping[str, str]) -> dict[str, Fact]:
    """Return the facts with the zone in force: the language's own, or else that of TZ or of the machine."""
    own = values.get("timezone", "")
    name = own or values.get("zone.login", "") if "vm" in values else own
    if not name and "zone.name" in values:
        name = values["zone.name"].rpartition("zoneinfo/")[2]
        rule = values.get("zone.rule") or ("UTC0" if "zone.login" not in values else "")
        rule = rule or (name if re.search("[0-9]", name) else "UTC0")  # without a file the C library uses UTC
        name = name or rule
    else:
        rule = zone_rule(name)
    note = _OF_THE_LOGIN if not own and "zone.login" in values else ""
    zone = {"timezone": Fact(name, canonical=zone_text(rule), note=note)} if name else {}
    return {**facts, **zone}


def _package_name(name: str) -> str:
    """Return a package's name in one spelling: Flask_Login and flask-login are the same package."""
    return re.sub(r"[_.]+", "-", name).lower()
