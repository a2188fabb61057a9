"""What `nginx -V` says: the product, its version, its modules and the TLS library."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from parity_tui.model import Fact

_VERSION = re.compile(r"^(\w+) version: ([\w.-]+)/(\S+)", re.MULTILINE)
_TLS = re.compile(
    r"^built with (?P<built>\w+ [^\s(]+)[^(\n]*(?:\(running with (?P<running>\w+ [^\s)]+))?", re.MULTILINE
)
_MODULE = re.compile(r"--with-((?:http|stream|mail)(?:_\w+?)?)(?:_module)?(=dynamic)?")
_WITHOUT = re.compile(r"--without-((?:http|stream|mail|select|poll)_?\w*?)(?:_module)?")
_ADDED = re.compile(r"--add-(dynamic-)?module=(.+)")
_BUILD = re.compile(r"--with-(threads|file-aio|compat|debug|pcre|pcre-jit)")
_PRODUCTS = {"openresty": "OpenResty", "angie": "Angie", "tengine": "Tengine", "freenginx": "freenginx"}


def product(text: str) -> tuple[str, str]:
    """Return product and version, ("", "") where these are not the words of any nginx.

    >>> product("nginx version: nginx/1.22.1"), product("nginx version: openresty/1.25.3.1")
    (('nginx', '1.22.1'), ('OpenResty', '1.25.3.1'))
    """
    found = _VERSION.search(text)
    return (_PRODUCTS.get(found[2].lower(), found[2]), found[3]) if found else ("", "")


def tls(text: str) -> dict[str, Fact]:
    """Return the TLS library that it was built with and the one that it runs with.

    >>> said = tls("built with OpenSSL 3.0.22 25 Aug 2026 (running with OpenSSL 3.0.19 27 Jan 2026)")
    >>> {name: fact.raw for name, fact in said.items()}
    {'openssl.built': 'OpenSSL 3.0.22', 'openssl.running': 'OpenSSL 3.0.19', 'openssl.mismatch': 'yes'}
    """
    found = _TLS.search(text)
    if not found:
        return {}
    built, running = found["built"], found["running"] or found["built"]
    return {
        "openssl.built": Fact(built),
        "openssl.running": Fact(running),
        "openssl.mismatch": Fact("no" if built == running else "yes"),
    }


def modules(text: str) -> Iterator[tuple[str, Fact]]:
    """Yield the modules and what else it was built with, as facts.

    >>> said = dict(modules("configure arguments: --with-http_v2_module --with-stream=dynamic --add-module=a/njs-0.9"))
    >>> {name: fact.raw for name, fact in said.items()}
    {'module.http_v2': 'static', 'module.stream': 'dynamic, not loaded', 'module.njs': 'static'}
    """
    for word in _arguments(text):
        if found := _MODULE.fullmatch(word):
            yield f"module.{found[1]}", Fact("dynamic, not loaded" if found[2] else "static")
        elif found := _WITHOUT.fullmatch(word):
            yield f"module.{found[1]}", Fact("left out")
        elif found := _ADDED.fullmatch(word):
            yield f"module.{_added_name(found[2])}", Fact("dynamic, not loaded" if found[1] else "static")
        elif found := _BUILD.fullmatch(word):
            yield f"build.{found[1]}", Fact("yes")


def _arguments(text: str) -> list[str]:
    """Return the words after "configure arguments:"."""
    line = text.partition("configure arguments:")[2].partition("\n")[0]
    try:
        return shlex.split(line)
    except ValueError:  # a quote that does not end
        return line.split()


def _added_name(path: str) -> str:
    """Return the name of a module by the folder of its source.

    >>> _added_name("njs-0.9.9/nginx"), _added_name("/build/nginx/debian/modules/http-echo"), _added_name("ngx_brotli/")
    ('njs', 'http_echo', 'brotli')
    """
    parts = path.rstrip("/").split("/")
    last = parts[-2] if parts[-1] == "nginx" and len(parts) > 1 else parts[-1]
    return loaded_name(re.sub(r"-v?\d[\w.]*$", "", last))


def loaded_name(path: str) -> str:
    """Return the name of a module by its file or folder, without what all of them have in common.

    >>> loaded_name("modules/ngx_http_geoip_module.so"), loaded_name("ngx_http_brotli_filter_module.so")
    ('http_geoip', 'http_brotli_filter')
    """
    name = path.rsplit("/", 1)[-1].removesuffix(".so").replace("-", "_")
    return name.removeprefix("ngx_").removesuffix("_module").removesuffix("_nginx")
