"""The shell script that makes each language print its version, build and packages."""

from __future__ import annotations

import re
from shlex import quote

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
"""(regular expression for the start of the command's name, arguments that make it print tab-separated facts)"""

_SCRIPT = """{{
PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE
PATH=$PATH:/usr/local/bin:/opt/homebrew/bin
cd /
if command -v {program} >/dev/null 2>&1; then printf '\\n%s\\n' {mark}; {program} {arguments} 2>&1
printf '\\n%s %s\\n' {mark} "$?"; else printf '\\n%s missing\\n' {mark}; fi
}} </dev/null
"""


def script(program: str, mark: str) -> str:
    """Return the script that runs a command; lines with ``mark`` enclose its output and precede its exit code."""
    name = program.rpartition("/")[2]
    matching = (arguments for start, arguments in _LANGUAGES if re.match(rf"{start}[0-9.]*$", name))
    return _SCRIPT.format(program=quote(program), arguments=next(matching, "--version"), mark=mark)
