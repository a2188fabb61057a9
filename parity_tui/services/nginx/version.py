"""The output of `nginx -V`: product, version, modules, TLS library."""

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
NOT_LOADED = "dynamic, not loaded"
_PRODUCTS = {"openresty": "OpenResty", "angie": "Angie", "tengine": "Tengine", "freenginx": "freenginx"}


def product_and_version(text: str) -> tuple[str, str]:
    """Return product and version, ("", "") if the text is not from nginx or a fork.

    >>> product_and_version("nginx version: nginx/1.22.1"), product_and_version("nginx version: openresty/1.25.3.1")
    (('nginx', '1.22.1'), ('OpenResty', '1.25.3.1'))
    """
    match = _VERSION.search(text)
    return (_PRODUCTS.get(match[2].lower(), match[2]), match[3]) if match else ("", "")


def tls_facts(text: str) -> dict[str, Fact]:
    """Return the TLS library at build time and at run time.

    >>> facts = tls_facts("built with OpenSSL 3.0.22 25 Aug 2026 (running with OpenSSL 3.0.19 27 Jan 2026)")
    >>> {name: fact.raw for name, fact in facts.items()}
    {'openssl.built': 'OpenSSL 3.0.22', 'openssl.running': 'OpenSSL 3.0.19', 'openssl.mismatch': 'yes'}
    """
    match = _TLS.search(text)
    if not match:
        return {}
    built, running = match["built"], match["running"] or match["built"]
    return {
        "openssl.built": Fact(built),
        "openssl.running": Fact(running),
        "openssl.mismatch": Fact("no" if built == running else "yes"),
    }


def build_facts(text: str) -> dict[str, Fact]:
    """Return its modules and other build options.

    >>> facts = build_facts("configure arguments: --with-http_v2_module --with-stream=dynamic --add-module=a/njs-0.9")
    >>> {name: fact.raw for name, fact in facts.items()}
    {'module.http_v2': 'static', 'module.stream': 'dynamic, not loaded', 'module.njs': 'static'}
    """
    return dict(fact for argument in _arguments(text) for fact in _build_fact(argument))


def _build_fact(argument: str) -> Iterator[tuple[str, Fact]]:
    if match := _MODULE.fullmatch(argument):
        yield f"module.{match[1]}", Fact(NOT_LOADED if match[2] else "static")
    elif match := _WITHOUT.fullmatch(argument):
        yield f"module.{match[1]}", Fact("left out")
    elif match := _ADDED.fullmatch(argument):
        yield f"module.{_added_name(match[2])}", Fact(NOT_LOADED if match[1] else "static")
    elif match := _BUILD.fullmatch(argument):
        yield f"build.{match[1]}", Fact("yes")


def _arguments(text: str) -> list[str]:
    """Return the arguments of its configure script."""
    line = text.partition("configure arguments:")[2].partition("\n")[0]
    try:
        return shlex.split(line)
    except ValueError:  # an unbalanced quote
        return line.split()


def _added_name(path: str) -> str:
    """Return the name of a module, given its source folder.

    >>> _added_name("njs-0.9.9/nginx"), _added_name("/build/nginx/debian/modules/http-echo"), _added_name("ngx_brotli/")
    ('njs', 'http_echo', 'brotli')
    """
    parts = path.rstrip("/").split("/")
    last = parts[-2] if parts[-1] == "nginx" and len(parts) > 1 else parts[-1]
    return loaded_name(re.sub(r"-v?\d[\w.]*$", "", last))


def loaded_name(path: str) -> str:
    """Return the name of a module, given its file or folder, without the usual prefix and suffix.

    >>> loaded_name("modules/ngx_http_geoip_module.so"), loaded_name("ngx_http_brotli_filter_module.so")
    ('http_geoip', 'http_brotli_filter')
    """
    name = path.rsplit("/", 1)[-1].removesuffix(".so").replace("-", "_")
    return name.removeprefix("ngx_").removesuffix("_module").removesuffix("_nginx")
