"""The output of `apache2 -V`: version, build options, libraries, main file."""

from __future__ import annotations

import re

from parity_tui.model import Fact

_VERSION = re.compile(r"^Server version: Apache/([\w.-]+)", re.MULTILINE)
_FIELDS = {"Server MPM": "mpm", "Architecture": "architecture", "Server's Module Magic Number": "magic number"}
_LIBRARIES = {"APR": "apr", "APR-UTIL": "apr_util", "PCRE": "pcre"}
_BUILD = re.compile(r"^ -D (\w+)(?:=(\S+))?", re.MULTILINE)
_PATH = re.compile(r'^ -D (\w+)="(.*)"$', re.MULTILINE)


def version(text: str) -> str:
    """Return the version, "" if the text is not from Apache."""
    match = _VERSION.search(text)
    return match[1] if match else ""


def build_facts(text: str) -> dict[str, Fact]:
    r"""Return MPM, libraries and build options.

    >>> facts = build_facts("Server MPM:     event\nServer loaded:  APR 1.7.2, PCRE 10.42 2022\n -D APR_HAS_MMAP")
    >>> {name: fact.raw for name, fact in facts.items()}
    {'mpm': 'event', 'apr': '1.7.2', 'pcre': '10.42', 'build.APR_HAS_MMAP': 'yes'}
    """
    facts: dict[str, Fact] = {}
    for line in text.split("\n"):
        name, _, value = line.partition(":")
        if name in _FIELDS and value.strip():
            facts[_FIELDS[name]] = Fact(value.strip())
        if name == "Server loaded":
            facts |= _library_facts(value)
    for match in _BUILD.finditer(text):
        if not (match[2] or "").startswith('"'):  # paths
            facts[f"build.{match[1]}"] = Fact(match[2] or "yes")
    return facts


def _library_facts(text: str) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for library in text.split(","):
        title, _, number = library.strip().partition(" ")
        if title in _LIBRARIES:
            facts[_LIBRARIES[title]] = Fact(number.split()[0] if number.split() else "")
    return facts


def main_file(text: str) -> str:
    r"""Return the path of the main file, "" if it is unknown.

    >>> main_file(' -D HTTPD_ROOT="/etc/apache2"\n -D SERVER_CONFIG_FILE="apache2.conf"')
    '/etc/apache2/apache2.conf'
    """
    paths = dict(_PATH.findall(text))
    name = paths.get("SERVER_CONFIG_FILE", "")
    return name if name.startswith("/") or not name else f"{paths.get('HTTPD_ROOT', '')}/{name}"
