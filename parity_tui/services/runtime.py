"""A language's runtime: its version, what it was built with, and the packages that it finds.

`runtime+local://python3.11` is a command on PATH, `runtime+local:///opt/app/bin/python` a file; elsewhere it follows
the place: `runtime+docker://web/python3`, `runtime+ssh://app1.prod/opt/app/bin/python`. Which language it is the
command's name says; of a command with another name the first line of `--version` is compared.

One script of the POSIX shell runs the command once. It changes nothing; the runtime loads what it loads at every
start. `packages = "django, celery"` (globs) compares those packages only.

Least privilege: to run the command.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from shlex import quote

from parity_tui.drift.policy import matches
from parity_tui.model import (
    Dialer,
    Fact,
    Reading,
    ReadOnce,
    Reason,
    Rule,
    Service,
    ServiceError,
    Severity,
    Target,
    ValueType,
)

_PYTHON = r"""
import sys
def tell(name, value):
    print("%s\t%s" % (name, " ".join(str(value).split())))
tell("product", {"cpython": "CPython", "pypy": "PyPy"}.get(sys.implementation.name, sys.implementation.name))
tell("version", sys.version.split()[0])
tell("encoding", sys.getdefaultencoding()); tell("encoding.files", sys.getfilesystemencoding())
tell("utf8_mode", getattr(sys.flags, "utf8_mode", 0)); tell("bits", 64 if sys.maxsize > 2**32 else 32)
tell("optimize", sys.flags.optimize); tell("debug_build", int(hasattr(sys, "gettotalrefcount")))
def of(name, module, attribute):
    try: tell(name, getattr(__import__(module), attribute))
    except Exception: tell(name, "not there")
of("library.openssl", "ssl", "OPENSSL_VERSION"); of("library.sqlite", "sqlite3", "sqlite_version")
of("library.zlib", "zlib", "ZLIB_RUNTIME_VERSION"); of("library.expat", "pyexpat", "EXPAT_VERSION")
try:
    import platform, locale, sysconfig
    tell("arch", platform.machine()); tell("encoding.text", locale.getpreferredencoding(False))
    tell("gil", int(not sysconfig.get_config_var("Py_GIL_DISABLED")))
except Exception: pass
for name in ("lzma", "bz2", "ctypes", "readline"):
    try: __import__(name); tell("module." + name, 1)
    except Exception: tell("module." + name, 0)
try:
    from importlib.metadata import distributions
    seen = set()
    for each in distributions():
        name = each.metadata["Name"] or ""
        if name and name not in seen: seen.add(name); tell("package." + name, each.version)
except Exception: tell("no packages", "yes")
"""

_NODE = r"""
const tell = (name, value) => console.log(name + "\t" + String(value).replace(/\s+/g, " "));
tell("product", process.versions.bun ? "Bun" : "Node.js");
tell("version", (process.versions.bun || process.versions.node));
tell("arch", process.arch);
for (const name of ["v8", "openssl", "icu", "tz", "unicode", "uv", "zlib", "modules"])
  if (process.versions[name]) tell("library." + name, process.versions[name]);
const built = (process.config && process.config.variables) || {};
tell("intl", built.icu_small ? "English only" : typeof Intl === "object" ? "full" : "none");
try { tell("timezone", Intl.DateTimeFormat().resolvedOptions().timeZone); } catch (e) {}
const fs = require("fs"), path = require("path");
const home = path.resolve(process.execPath, "../../lib/node_modules");
let found = []; try { found = fs.readdirSync(home); } catch (e) {}
for (const name of found.flatMap(n => n[0] === "@" ? fs.readdirSync(path.join(home, n)).map(m => n + "/" + m) : [n]))
  try { tell("package." + name, JSON.parse(fs.readFileSync(path.join(home, name, "package.json"))).version); }
  catch (e) {}
"""

_RUBY = r"""
def tell(name, value) puts "#{name}\t#{value.to_s.split.join(' ')}" end
tell "product", {"ruby" => "Ruby", "jruby" => "JRuby"}.fetch(RUBY_ENGINE, RUBY_ENGINE)
tell "version", RUBY_VERSION
tell "arch", RUBY_PLATFORM.split("-")[0]
tell "encoding", Encoding.default_external
begin; require "openssl"; tell "library.openssl", OpenSSL::OPENSSL_LIBRARY_VERSION; rescue LoadError; end
begin; require "zlib"; tell "library.zlib", Zlib.zlib_version; rescue LoadError; end
begin; require "psych"; tell "library.yaml", Psych::LIBYAML_VERSION; rescue LoadError; end
Gem::Specification.map { |g| [g.name, g.version] }.group_by(&:first).each do |name, all|
  tell "package.#{name}", all.map { |g| g[1].to_s }.uniq.sort.join(", ")
end
"""

_PHP = r"""
function tell($name, $value) { echo $name, "\t", preg_replace('/\s+/', ' ', (string) $value), "\n"; }
tell("product", "PHP"); tell("version", PHP_VERSION); tell("arch", php_uname("m")); tell("bits", PHP_INT_SIZE * 8);
tell("thread_safe", PHP_ZTS ? "1" : "0"); tell("debug_build", PHP_DEBUG ? "1" : "0");
foreach (["memory_limit", "max_execution_time", "default_charset", "precision", "serialize_precision",
  "upload_max_filesize", "post_max_size", "max_input_vars", "opcache.enable", "short_open_tag"] as $name)
  if (ini_get($name) !== false) tell("ini." . $name, ini_get($name));
tell("timezone", date_default_timezone_get());
if (defined("OPENSSL_VERSION_TEXT")) tell("library.openssl", OPENSSL_VERSION_TEXT);
if (defined("INTL_ICU_VERSION")) tell("library.icu", INTL_ICU_VERSION);
foreach (get_loaded_extensions() as $name)
  tell("package." . $name, in_array(phpversion($name), [false, PHP_VERSION]) ? "there" : phpversion($name));
"""

_LANGUAGES = (
    ("python", f"-c {quote(_PYTHON)}"), ("pypy", f"-c {quote(_PYTHON)}"), ("node", f"-e {quote(_NODE)}"),
    ("bun", f"-e {quote(_NODE)}"), ("ruby", f"-e {quote(_RUBY)}"), ("php", f"-r {quote(_PHP)}"),
    ("java", "-XshowSettings:properties -version"), ("go", "version"),
)  # fmt: skip
"""how the command of a language begins, and what makes it tell of itself"""

_SCRIPT = """{{
PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE
PATH=$PATH:/usr/local/bin:/opt/homebrew/bin
cd /
if command -v {program} >/dev/null 2>&1; then printf '\\n%s\\n' {mark}; {program} {arguments} 2>&1
printf '\\n%s %s\\n' {mark} "$?"; else printf '\\n%s missing\\n' {mark}; fi
}} </dev/null
"""
_PROPERTIES = {
    "java.version": "version", "java.vm.name": "vm", "java.vendor": "vendor", "os.arch": "arch",
    "file.encoding": "encoding", "native.encoding": "encoding.native", "user.timezone": "timezone",
    "user.language": "language", "java.class.version": "library.class_files",
}  # fmt: skip


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Give what runs the command anew each time."""
    program = command(target)

    async def read() -> Reading:
        mark = f"@@{secrets.token_hex(8)}"
        output = await dialer.sh(script(program, mark))
        text = (output.out or output.error).decode(errors="surrogateescape")
        return parse(text, mark, program, target)

    yield read


def command(target: Target) -> str:
    """Return the command that a URL names: a name is looked for on PATH, a path with folders is a file.

    >>> command(Target("dev", "app", "runtime", "runtime+local", "python3.11"))
    'python3.11'
    >>> command(Target("dev", "app", "runtime", "runtime+ssh", "web1", path="/opt/app/bin/python"))
    '/opt/app/bin/python'
    >>> command(Target("dev", "app", "runtime", "runtime+docker", "web", path="/node"))
    'node'
    """
    here = target.scheme.endswith("+local") and target.host
    program = target.host if here and not target.path else target.path
    program = program if program.count("/") > 1 else program.removeprefix("/")
    if not program or program.startswith("-") or not program.isprintable():
        raise ServiceError(Reason.CONFIG, f"the URL names no command: {target.scheme}://…/python3, for example")
    return program


def script(program: str, mark: str) -> str:
    """Return the script of the shell that makes a command tell of itself."""
    name = program.rpartition("/")[2]
    arguments = next((told for start, told in _LANGUAGES if re.match(rf"{start}[0-9.]*$", name)), "--version")
    return _SCRIPT.format(program=quote(program), arguments=arguments, mark=mark)


def parse(text: str, mark: str, program: str, target: Target) -> Reading:
    r"""Return the reading of what a command has told.

    >>> told = "\n@@7\nproduct\tRuby\nversion\t3.3.1\nlibrary.zlib\t1.3\n\n@@7 0\n"
    >>> reading = parse(told, "@@7", "ruby", Target("dev", "app", "runtime"))
    >>> reading.product, reading.version, reading.facts["library.zlib"].raw
    ('Ruby', '3.3.1', '1.3')
    """
    text = f"\n{text}"
    if f"\n{mark} missing" in text:
        raise ServiceError(Reason.SERVER, f"there is no command {program}")
    body, _, code = text.partition(f"\n{mark}\n")[2].partition(f"\n{mark} ")
    if not code:
        raise ServiceError(Reason.PROTOCOL, f"the answer of {program} breaks off: {_last(text) or 'it said nothing'}")
    lines = [line for line in body.replace("\r", "").split("\n") if line.strip()]
    told = dict([pair for line in lines if (pair := _property(line) or _told(line))])
    if "version" not in told:
        told |= _first_line(lines, program, code.strip())
    name = "Java" if "vm" in told else told.pop("product", "")
    version = told.pop("version")
    if not (name and version):
        raise ServiceError(Reason.WRONG_SERVICE, f"{program} does not say its version: {_last(body)}")
    return Reading(name, version, _facts(told, target.options.get("packages", "")), address=_where(target, program))


def _where(target: Target, program: str) -> str:
    """Return where the command is, as a person would say it."""
    return program if target.scheme.endswith("+local") else f"{target.host}:{program}"


def _last(text: str) -> str:
    """Return the last words of a text."""
    return (text.strip().split("\n")[-1]).strip()[:200]


def _told(line: str) -> tuple[str, str] | None:
    """Return name and value of a line that our own words have printed, None for warnings and the like."""
    name, sign, value = line.partition("\t")
    return (name, value) if sign and name.isprintable() else None


def _property(line: str) -> tuple[str, str] | None:
    """Return one of Java's properties that we want, by our name for it."""
    name, sign, value = line.strip().partition(" = ")
    return (_PROPERTIES[name], value) if sign and name in _PROPERTIES else None


def _first_line(lines: list[str], program: str, code: str) -> dict[str, str]:
    """Return name and version by the first line that holds a version, as most programs print one."""
    name = program.rpartition("/")[2]
    for line in lines:
        if match := re.search(r"(?<![\w.])(?:v|go)?([0-9]+(\.[0-9]+)+[\w.+-]*)", line, re.ASCII):
            platform = re.search(r"[a-z]+/(\w+)$", line) if name.startswith("go") else None
            return {"product": name, "version": match[1], **({"arch": platform[1]} if platform else {})}
    reason = Reason.WRONG_SERVICE if code == "0" else Reason.SERVER
    raise ServiceError(reason, f"{program} does not say its version: {_last(' '.join(lines)) or 'it says nothing'}")


_ARCHITECTURES = {"aarch64": "arm64", "amd64": "x86_64", "x64": "x86_64"}


def _facts(told: dict[str, str], wanted: str) -> dict[str, Fact]:
    """Return the facts; packages are those that ``wanted`` names, all of them where it names none."""
    globs = [_plain(name) for name in re.split(r"[\s,]+", wanted) if name]
    facts = {}
    for name, value in told.items():
        if not name.startswith("package."):
            canonical = _ARCHITECTURES.get(value, value) if name == "arch" else ""
            facts[name] = Fact(value, canonical=canonical)
            continue
        package = _plain(name.removeprefix("package."))
        if not globs or any(matches(glob, package) for glob in globs):
            facts[f"package.{package}"] = Fact(value, ValueType.SET if ", " in value else ValueType.TEXT)
    for name in globs:
        if "*" not in name and "?" not in name:
            facts.setdefault(f"package.{name}", Fact("not installed"))
    facts.pop("no packages", None)
    return facts


def _plain(name: str) -> str:
    """Return the name of a package in one way of writing: Flask_Login and flask-login are the same."""
    return re.sub(r"[_.]+", "-", name).lower()


_LIBRARY = "Bugs, features and what it accepts change with the library that it is linked with."

SERVICE = Service(
    title="Runtime",
    schemes=(),
    connect=connect,
    privilege="to run the command",
    commands=True,
    options=("packages",),
    release=2,
    rules=(
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
    ),
)
