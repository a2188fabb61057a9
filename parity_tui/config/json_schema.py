"""The JSON Schema of a parity.toml, by which editors complete and check it; made from the structs that decode it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec

from parity_tui import services
from parity_tui.config.decisions import ExpectTable
from parity_tui.config.notify import LEVELS, NotifyTable
from parity_tui.config.parity_toml import EnvironmentTable, FileTable
from parity_tui.config.targets import MODES, ServiceEntry
from parity_tui.model import Severity

Schema: TypeAlias = dict[str, Any]

_DURATION = r"^\s*\d+(\.\d+)?\s*(ms|s|m|h|d)?\s*$|\$"
_DAY_SECONDS = 86_400

_DESCRIPTIONS = {
    "baseline": "The environment to compare against; without one, each value is compared with the majority.",
    "interval": "Between two readings of one target: a duration such as 5s or 500ms, or seconds.",
    "timeout": "For connecting and for each reading, everything included: a duration such as 3s, or seconds.",
    "migrations_age": "A database that lacks an older migration gets a warning: a duration such as 14d, or seconds.",
    "history": "The shared history: postgresql://USER@HOST/DATABASE, or a table with password_env, tls and so on.",
    "history_keep": "Older events are removed from the history: a duration such as 90d, or seconds.",
    "repository": "Folder of the app's git repository, which is only read: how far revisions are apart.",
    "eol_data": "A file with newer facts on release lines than the shipped ones: the JSON of endoflife.date's API v1.",
    "environments": "The deploys to compare: [environments.NAME.services].",
    "expect": "Intended drift, or a blind spot that is accepted.",
    "severity": '"kind.setting" = "critical", "warning", "info" or "ignore"; globs are allowed.',
    "notify": "What `parity-tui watch` does with an event: a drift that is new, worse or resolved, an outage, its end.",
    "command": "The program that gets each event as JSON on its standard input, as a list of words.",
    "webhook": "The URL that each event is posted to as JSON.",
    "min_severity": "The least severity of events that are sent; the default is warning.",
    "services": "The service of each role: its URL, or a table with more keys.",
    "color": "The colour of the environment's pane.",
    "snapshot": "A file of `parity-tui snapshot` that the environment is read from, instead of services.",
    "environment": "Which environment of the snapshot: the only one, or that of the same name, by default.",
    "ssh": "A host as ssh takes it, an alias of ~/.ssh/config too: every connection goes through it.",
    "tunnel": "The program that connections go through: words with {port} or {socket}, {host}, {target_port}.",
    "kube": "context/namespace of kubectl: hosts svc/NAME and pod/NAME in URLs are Services and pods there.",
    "tls_name": "The name that the server's certificate must have, where it is not the one of the host.",
    "container": "The container of a pod in which KIND+kube:// runs commands.",
    "url": "SCHEME://USER@HOST:PORT/PATH; KIND+local://, KIND+ssh://ALIAS, KIND+docker://NAME, +podman "
    "and KIND+kube://pod/NAME run commands.",
    "urls": "The URLs of several nodes of one service, instead of url.",
    "password": "Better a reference, as in ${DB_PASSWORD}, than the password itself.",
    "password_env": "The name of the variable that holds the password.",
    "password_file": "The file that holds the password.",
    "password_command": "The command that prints the password, as a list of words.",
    "password_keyring": "The entry of the desktop's keyring: service/user.",
    "auth": '"native": the password and address come from the files and variables of the service\'s own clients.',
    "tls": "The mode of TLS.",
    "ca": "The file of the authority that signs the server's certificate.",
    "cert": "The file of the certificate that this login shows.",
    "key": "The file of its private key.",
    "sudo": "Run the programs that read nginx or Apache as root, by sudo -n, which sudoers must allow.",
    "management": "The HTTP API of RabbitMQ.",
    "service": "The role that is meant; globs are allowed.",
    "setting": "The setting that is meant; globs are allowed.",
    "reason": "Why this is meant to be.",
    "values": "The expected value by environment: another value is drift again.",
    "owner": "The person or team that answers for it.",
    "until": "The last day on which it is expected.",
    "hidden": "Whether the settings may stay unseen.",
}


def schema() -> Schema:
    """Return the schema; it accepts every file that the program accepts, and refuses unknown keys."""
    structs = (FileTable, EnvironmentTable, ExpectTable, ServiceEntry)
    file, environment, expect, service = (_table(struct) for struct in structs)
    file["properties"] |= {
        "interval": _duration("interval"),
        "timeout": _duration("timeout"),
        "migrations_age": _duration("migrations_age", 3650),
        "history": {"description": _DESCRIPTIONS["history"], "$ref": "#/$defs/service"},
        "history_keep": _duration("history_keep", 3650),
        "environments": _each("environments", {"$ref": "#/$defs/environment"}),
        "expect": {"description": _DESCRIPTIONS["expect"], "type": "array", "items": {"$ref": "#/$defs/expectation"}},
        "severity": {"description": _DESCRIPTIONS["severity"], "$ref": "#/$defs/severities"},
        "notify": {"description": _DESCRIPTIONS["notify"], "$ref": "#/$defs/notify"},
    }
    environment["properties"]["services"] = _each("services", {"$ref": "#/$defs/service"})
    for name in ("service", "setting", "reason"):
        expect["properties"][name]["minLength"] = 1
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "parity.toml",
        **file,
        "required": ["environments"],
        "$defs": {
            "environment": environment | {"anyOf": [{"required": ["services"]}, {"required": ["snapshot"]}]},
            "service": {"anyOf": [{"type": "string"}, _service(service)]},
            "expectation": expect,
            "severities": _severities(),
            "notify": _notify(),
        },
    }


def as_text() -> str:
    """Return the schema as text of a file."""
    return msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n"


def _table(struct: type[msgspec.Struct]) -> Schema:
    """Return the schema of a table, without the values of Python: TOML has no null."""
    made = msgspec.json.schema(struct)["$defs"][struct.__name__]
    properties = {name: _property(name, value) for name, value in made["properties"].items()}
    table = {"type": "object", "properties": properties, "additionalProperties": False}
    return table | ({"required": made["required"]} if made["required"] else {})


def _property(name: str, value: Schema) -> Schema:
    types = [each for each in value.get("anyOf", ()) if each != {"type": "null"}]
    kept = {key: item for key, item in value.items() if key not in ("anyOf", "default")}
    return (
        {"description": _DESCRIPTIONS[name]}
        | kept
        | (types[0] if len(types) == 1 else {"anyOf": types} if types else {})
    )


def _each(name: str, value: Schema) -> Schema:
    """Return the schema of a table with names of the user's choice, at least one."""
    return {
        "description": _DESCRIPTIONS[name], "type": "object", "minProperties": 1, "additionalProperties": value,
    }  # fmt: skip


def _duration(name: str, most_days: int = 1) -> Schema:
    number = {"type": "number", "exclusiveMinimum": 0, "maximum": most_days * _DAY_SECONDS}
    return {"description": _DESCRIPTIONS[name], "anyOf": [{"type": "string", "pattern": _DURATION}, number]}


def _service(table: Schema) -> Schema:
    """Return the schema of a service's table, with the options of every kind and either one URL or several."""
    properties = table["properties"]
    for name, choices in (("tls", [*MODES, ""]), ("auth", ["native"])):
        properties[name] = {"description": _DESCRIPTIONS[name], "anyOf": [{"enum": choices}, _REFERENCE]}
    urls = {"type": "array", "minItems": 1, "items": {"type": "string"}}
    properties["urls"] = {"description": _DESCRIPTIONS["urls"]} | urls
    for name, kinds in _options():
        text = _DESCRIPTIONS.get(name, f"An option of {', '.join(kinds)}.")
        properties.setdefault(name, {"description": text, "type": "string"})
    return table | {"required": [], "oneOf": [{"required": ["url"]}, {"required": ["urls"]}]}


_REFERENCE = {"type": "string", "pattern": r"\$\{"}


def _options() -> Iterator[tuple[str, list[str]]]:
    """Yield the options of all kinds, each with the kinds that have it."""
    names = sorted({name for service in services.kinds().values() for name in service.options})
    for name in names:
        yield name, [kind for kind, service in services.kinds().items() if name in service.options]


def _notify() -> Schema:
    """Return the schema of the table for a watcher's events."""
    table = _table(NotifyTable)
    levels = {"enum": [severity.value for severity in LEVELS]}
    table["properties"]["min_severity"] = {
        "description": _DESCRIPTIONS["min_severity"], "anyOf": [levels, _REFERENCE],
    }  # fmt: skip
    return table


def _severities() -> Schema:
    """Return the schema of the severities: an unquoted key with dots is a table within a table."""
    severity = {"enum": [str(each.value) for each in Severity]}
    nested = {"type": "object", "additionalProperties": {"$ref": "#/$defs/severities/additionalProperties"}}
    return {"type": "object", "additionalProperties": {"anyOf": [severity, nested]}}
