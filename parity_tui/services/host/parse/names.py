"""How a machine resolves names, and whose certificates it trusts: counts and digests of lists."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from parity_tui.model import Fact, ValueType
from parity_tui.services.host.parse.output import ScriptOutput

_STUBS = ("127.", "::1")
"""starts of the addresses of a name server on the machine itself"""
_RESOLVER = {"ndots": "1", "timeout": "5", "attempts": "2"}
"""options of resolv.conf and their defaults"""


def names(output: ScriptOutput) -> dict[str, Fact]:
    """Return the resolver's options, the entries of /etc/hosts and the certificates of our own."""
    return {**_resolver(output), **_hosts_file(output), **_trust(output)}


def _resolver(output: ScriptOutput) -> dict[str, Fact]:
    words = [line.split() for line in output.lines("resolv") if line.split()]
    facts: dict[str, Fact] = {}
    if words or "resolvable" in output:
        options = [option for line in words if line[0] == "options" for option in line[1:]]
        given = dict(option.split(":", 1) for option in options if ":" in option)
        for name, default in _RESOLVER.items():
            value = given.get(name, default)
            facts[f"resolver.{name}"] = Fact(value, ValueType.NUMBER, default=name not in given)
        others = sorted({option for option in options if option.partition(":")[0] not in _RESOLVER})
        facts["resolver.options"] = Fact(", ".join(others) or "none")
        servers = [line[1] for line in words if line[0] == "nameserver" and len(line) > 1] or [_STUBS[0]]
        here = sum(server.startswith(_STUBS) for server in servers)
        facts["resolver.servers"] = Fact(f"{len(servers)}, {here} of them here" if here else str(len(servers)))
        search = [line[1:] for line in words if line[0] in ("search", "domain")]
        facts["resolver.search"] = Fact(str(len(search[-1]) if search else 0), ValueType.NUMBER)
    for line in output.lines("nsswitch"):
        base, _, sources = line.partition(":")
        facts[f"nsswitch.{base.strip()}"] = Fact(" ".join(sources.partition("#")[0].split()))
    gai = (" ".join(line.partition("#")[0].split()) for line in output.lines("gai"))
    facts["address_order"] = Fact("; ".join(sorted(filter(None, gai))) or "default", source="/etc/gai.conf")
    return facts


def _hosts_file(output: ScriptOutput) -> dict[str, Fact]:
    if "names" not in output:
        return {}
    entries = sorted({" ".join(line.split()) for line in output.lines("names") if line.strip()})
    known = {entry.partition(" ")[2] for entry in entries}
    return {
        "hosts_file": Fact(_summary(known, "name"), source="/etc/hosts"),
        "hosts_file.addresses": Fact(_summary(entries, "entry", "entries"), default=True, source="/etc/hosts"),
    }


def _trust(output: ScriptOutput) -> dict[str, Fact]:
    fields = output.pairs("trust")
    facts: dict[str, Fact] = {}
    if fields.get("own", "").isdecimal():
        count, digest = fields["own"], fields.get("digest", "")
        facts["ca.own"] = Fact(f"{count}, digest {digest.split()[0]}" if digest.split() else "none")
    if fields.get("bundle", "").isdecimal():
        facts["ca.bundle"] = Fact(fields["bundle"], ValueType.NUMBER)
    return facts


def _summary(members: Iterable[str], one: str, many: str = "") -> str:
    """Return number and digest of a list, because it is long and may hold names of customers.

    >>> _summary([], "name"), _summary(["a"], "name")
    ('none', '1 name, digest ca978112ca1b')
    """
    lines = sorted(members)
    digest = hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()[:12]
    title = one if len(lines) == 1 else many or f"{one}s"
    return f"{len(lines)} {title}, digest {digest}" if lines else "none"
