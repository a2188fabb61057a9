"""Storage engines and loaded plug-ins: the rows of information_schema.PLUGINS -> facts.

A plug-in without variables leaves no other sign, and where it is missing, tables of its engine and logins by its method
fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from parity_tui.model import Fact, ValueType
from parity_tui.services.mysql.queries import PluginRow

_FAMILIES = {"STORAGE ENGINE": "engine", "AUTHENTICATION": "authentication"}
_INTERNAL = frozenset({"binlog", "online_alter_log", "partition", "sql_sequence", "wsrep"})
"""engines that no table names"""


def plugin_facts(plugins: Iterable[PluginRow]) -> Iterator[tuple[str, Fact]]:
    """Yield a fact for each built-in engine and for each library; that of several plug-ins lists them.

    >>> plugins = [("InnoDB", "STORAGE ENGINE", ""), ("ed25519", "AUTHENTICATION", "auth_ed25519.so")]
    >>> [name for name, _ in plugin_facts(plugins)]
    ['engine.innodb', 'authentication.ed25519']
    >>> several = [("SPIDER_ALLOC_MEM", "INFORMATION SCHEMA", "ha.so"), ("SPIDER", "STORAGE ENGINE", "ha.so")]
    >>> [(name, fact.raw) for name, fact in plugin_facts(several)]
    [('engine.spider', 'spider, spider_alloc_mem')]
    """
    libraries: dict[str, list[tuple[str, str]]] = {}
    for name, type_, library in plugins:
        family = _FAMILIES.get(type_, "plugin")
        if name.lower() not in _INTERNAL:
            libraries.setdefault(library or f" {name}", []).append((family, name.lower()))
    for library, members in libraries.items():
        family, first = min(members, key=lambda each: (each[0] == "plugin", len(each[1]), each[1]))
        raw = ", ".join(sorted(name for _, name in members)) if len(members) > 1 else "on"
        source = "built in" if library.startswith(" ") else library
        yield f"{family}.{first}", Fact(raw, ValueType.SET, source=source)
