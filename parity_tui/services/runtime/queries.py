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
tell("bits", 64 if sys.maxsize > 2**32 else 32); tell("debug_build", int(hasattr(sys, "gettotalrefcount")))
tell("optimize", sys.flags.optimize); tell("utf8_mode", getattr(sys.flags, "utf8_mode", 0))
for name in dir(sys.flags):  # the others are reported above, or are our own
    if name[0] != "_" and name not in ("count", "index", "n_fields", "n_sequence_fields", "n_unnamed_fields",
            "optimize", "utf8_mode", "dont_write_bytecode", "inspect", "interactive", "quiet", "hash_randomization"):
        tell("flag." + name, int(getattr(sys.flags, name)))
import os
seed = "" if sys.flags.ignore_environment else os.environ.get("PYTHONHASHSEED", "")
tell("hash_seed", seed or "random")
dev = ["default"] if getattr(sys.flags, "dev_mode", 0) else []
own = dev + {1: ["default::BytesWarning"], 2: ["error::BytesWarning"]}.get(sys.flags.bytes_warning, [])
tell("warnings", ", ".join(each for each in sys.warnoptions if each not in own) or "none")  # what flags add themselves
tell("recursion_limit", sys.getrecursionlimit())
try:
    import faulthandler, tracemalloc
    tell("flag.faulthandler", int(faulthandler.is_enabled() and not dev))
    tell("flag.tracemalloc", tracemalloc.get_traceback_limit() if tracemalloc.is_tracing() else 0)
except ImportError: pass
known = ("dev", "utf8", "faulthandler", "tracemalloc", "int_max_str_digits", "pycache_prefix")
tell("options", " ".join(sorted(name + ("" if value is True else "=" + str(value))
    for name, value in getattr(sys, "_xoptions", {}).items() if name not in known)))
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
const ask = (name, value) => { try { const v = value(); if (v !== undefined) tell(name, v); } catch (e) {} };
const tls = require("tls"), net = require("net"), dns = require("dns");
ask("tls.min_version", () => tls.DEFAULT_MIN_VERSION); ask("tls.max_version", () => tls.DEFAULT_MAX_VERSION);
ask("tls.ciphers", () => tls.DEFAULT_CIPHERS); ask("tls.curve", () => tls.DEFAULT_ECDH_CURVE);
ask("tls.verify", () => process.env.NODE_TLS_REJECT_UNAUTHORIZED === "0" ? "off" : "on");
ask("fips", () => require("crypto").getFips()); ask("dns.order", () => dns.getDefaultResultOrder());
ask("happy_eyeballs", () => net.getDefaultAutoSelectFamily());
ask("happy_eyeballs.timeout", () => net.getDefaultAutoSelectFamilyAttemptTimeout());
ask("max_header_size", () => require("http").maxHeaderSize);
ask("locale", () => Intl.NumberFormat().resolvedOptions().locale);
ask("heap_limit", () => require("v8").getHeapStatistics().heap_size_limit);
const given = process.execArgv.filter((word, at, all) => ![word, all[at - 1]].includes("-e"));
const words = given.concat((process.env.NODE_OPTIONS || "").split(/\s+/).filter(Boolean));
ask("options", () => words.map(word => word.replace(/^--[^=]+/, name => name.replace(/_/g, "-"))).join(" "));
const fs = require("fs"), path = require("path");
const home = path.resolve(process.execPath, "../../lib/node_modules");
let found = [];
try { found = fs.readdirSync(home); } catch (e) { if (e.code !== "ENOENT") tell("no packages", e.code); }
for (const name of found.flatMap(n => n[0] === "@" ? fs.readdirSync(path.join(home, n)).map(m => n + "/" + m) : [n]))
  try { tell("package." + name, JSON.parse(fs.readFileSync(path.join(home, name, "package.json"))).version); }
  catch (e) {}
"""

_RUBY = r"""
def tell(name, value) puts "#{name}\t#{value.to_s.split.join(' ')}" end
tell "product", {"ruby" => "Ruby", "jruby" => "JRuby"}.fetch(RUBY_ENGINE, RUBY_ENGINE)
tell "version", RUBY_PATCHLEVEL < 0 ? RUBY_DESCRIPTION.split[1] : RUBY_VERSION
tell "arch", RUBY_PLATFORM.split("-")[0]
tell "encoding", Encoding.default_external; tell "encoding.internal", Encoding.default_internal || "none"
tell "verbose", $VERBOSE.inspect; tell "debug", $DEBUG; tell "options", ENV["RUBYOPT"].to_s
sorts = Warning.respond_to?(:[]) ? [:deprecated, :experimental].select { |sort| Warning[sort] } : []
tell "warnings.categories", sorts.join(", ")
tell "yjit", defined?(RubyVM::YJIT) && RubyVM::YJIT.respond_to?(:enabled?) ? RubyVM::YJIT.enabled? : false
compiled = defined?(RubyVM::InstructionSequence) ? RubyVM::InstructionSequence.compile_option : {}
tell "frozen_string_literal", compiled[:frozen_string_literal] == true
begin; require "openssl"; tell "library.openssl", OpenSSL::OPENSSL_LIBRARY_VERSION; rescue LoadError; end
begin; require "zlib"; tell "library.zlib", Zlib.zlib_version; rescue LoadError; end
begin; require "psych"; tell "library.yaml", Psych::LIBYAML_VERSION; rescue LoadError; end
tell "no packages", "RubyGems is off" unless defined?(Gem::Specification)
gems = defined?(Gem::Specification) ? Gem::Specification : []
gems.map { |g| [g.name, g.version] }.group_by(&:first).each do |name, all|
  tell "package.#{name}", all.map { |g| g[1].to_s }.uniq.sort.join(", ")
end
"""

_PHP = r"""
function tell($name, $value) { echo $name, "\t", preg_replace('/\s+/', ' ', (string) $value), "\n"; }
tell("product", "PHP"); tell("version", PHP_VERSION); tell("arch", php_uname("m")); tell("bits", PHP_INT_SIZE * 8);
tell("thread_safe", PHP_ZTS ? "1" : "0"); tell("debug_build", PHP_DEBUG ? "1" : "0");
foreach (ini_get_all(null, false) as $name => $value) tell("ini." . $name, $value);
tell("timezone", date_default_timezone_get());
if (defined("OPENSSL_VERSION_TEXT")) tell("library.openssl", OPENSSL_VERSION_TEXT);
if (defined("INTL_ICU_VERSION")) tell("library.icu", INTL_ICU_VERSION);
foreach (get_loaded_extensions() as $name)
  tell("extension." . $name, in_array(phpversion($name), [false, PHP_VERSION]) ? "there" : phpversion($name));
"""

_ERLANG = r"""
R = erlang:system_info(otp_release),
V = case file:read_file(filename:join([code:root_dir(), "releases", R, "OTP_VERSION"])) of
  {ok, B} -> string:trim(binary_to_list(B)); _ -> R end,
lists:foreach(fun({N, K}) -> catch io:format("~s\t~p~n", [N, erlang:system_info(K)]) end,
  [{"limit.processes", process_limit}, {"limit.ports", port_limit}, {"limit.atoms", atom_limit},
   {"limit.tables", ets_limit}, {"limit.distribution_buffer", dist_buf_busy_limit}, {"schedulers", schedulers_online},
   {"threads", thread_pool_size}]),
io:format("product\tErlang/OTP~nversion\t~s~nlibrary.erts\t~s~njit\t~p~nencoding.files\t~p~n",
  [V, erlang:system_info(version), catch erlang:system_info(emu_flavor), file:native_name_encoding()]), halt().
"""

_ELIXIR = r"""
tell = fn name, value -> IO.puts("#{name}\t#{value}") end
tell.("product", "elixir"); tell.("version", System.version())
tell.("library.erlang", :erlang.system_info(:otp_release)); tell.("library.erts", :erlang.system_info(:version))
tell.("encoding.files", :file.native_name_encoding())
for {name, key} <- ["limit.processes": :process_limit, "limit.ports": :port_limit, "limit.atoms": :atom_limit,
    "limit.tables": :ets_limit, "limit.distribution_buffer": :dist_buf_busy_limit, schedulers: :schedulers_online,
    threads: :thread_pool_size], do: tell.(name, :erlang.system_info(key))
"""

_EVERY = (
    "LD_PRELOAD|MALLOC_|GLIBC_TUNABLES|SSL_CERT_|OPENSSL_CONF|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(HTTPS?|ALL)_PROXY"
    "|(https?|all)_proxy"
)
"""variables of the C library, of OpenSSL and of HTTP clients, which every language loads"""

_LANGUAGES = (
    (r"(python|pypy)[0-9.]*", f"-c {quote(_PYTHON)}", "PYTHON|FLASK_|DJANGO_SETTINGS_MODULE"),
    (r"(node(js)?|bun)[0-9.]*", f"-e {quote(_NODE)}", "(NODE|UV|BUN)_"),
    (r"j?ruby[0-9.]*", f"-e {quote(_RUBY)}", "RUBY_|RUBYLIB|GEM_|RAILS_ENV|RACK_ENV"),
    (r"php-fpm[0-9.]*", "-i && {program} -m", "PHP_INI_SCAN_DIR|APP_ENV|APP_DEBUG"),
    (r"php[0-9.]*", f"-r {quote(_PHP)}", "PHP_INI_SCAN_DIR|APP_ENV|APP_DEBUG"),
    (r"java", "-XX:+PrintFlagsFinal -XshowSettings:properties -version", "JDK_JAVA_|_?JAVA_"),
    (r"go[0-9.]*", "version && {program} env", "GODEBUG|GOGC|GOMEMLIMIT|GOMAXPROCS|GOTRACEBACK"),
    (r"elixir", f"-e {quote(_ELIXIR)}", "ERL_|ELIXIR_|MIX_"),
    (r"iex|mix", "--version", "ERL_|ELIXIR_|MIX_"),
    (r"erl", f"-noshell -eval {quote(_ERLANG)}", "ERL_"),
)  # fmt: skip
"""(regular expression for the command's name, arguments that make it print its settings, one for the start of the
names of variables that it obeys)"""

_SCRIPT = r"""{{
PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE
PATH=$PATH:/usr/local/bin:/opt/homebrew/bin:/usr/sbin
cd /
if command -v {program} >/dev/null 2>&1; then printf '\n%s\n' {mark}
if [ -n {variables} ]; then
zone=${{TZ-}}; zone=${{zone#:}}
if [ -n "${{TZ+set}}" ]; then
  zone=${{zone:-UTC}}; printf 'zone.login\t%s\n' "$zone"
  case $zone in /*) file=$zone ;; *) file=/usr/share/zoneinfo/$zone ;; esac
else file=/etc/localtime; zone=$(readlink "$file" 2>/dev/null); fi
printf 'zone.name\t%s\n' "$zone"
if [ -f "$file" ] && [ -r "$file" ]; then printf 'zone.rule\t%s\n' "$(tail -n 1 "$file" | tr -d '\000')"; fi
tab=$(printf '\t')
env | grep -E {variables} | sed "s/^\([A-Za-z0-9_]*\)=/env.\1$tab/"
fi
{{ {program} {arguments}; }} 2>&1
printf '\n%s %s\n' {mark} "$?"; else printf '\n%s missing\n' {mark}; fi
}} </dev/null
"""


def script(program: str, mark: str) -> str:
    """Return the script that runs a command; lines with ``mark`` enclose its output and precede its exit code."""
    name = program.rpartition("/")[2]
    matching = (rest for start, *rest in _LANGUAGES if re.fullmatch(start, name))
    arguments, variables = next(matching, ("--version", ""))
    start = quote(f"^({variables}|{_EVERY})[A-Za-z0-9_]*=" if variables else "")
    arguments = arguments.replace("{program}", quote(program))
    return _SCRIPT.format(program=quote(program), arguments=arguments, variables=start, mark=mark)
