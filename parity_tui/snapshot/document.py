"""A snapshot: the outcomes of all targets at one moment, and its text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import astuple, replace

from parity_tui import __version__
from parity_tui.drift.board import Board
from parity_tui.drift.policy import Expectation
from parity_tui.drift.values import printable
from parity_tui.model import NAME, Outcome, Severity
from parity_tui.secrets import fingerprint
from parity_tui.snapshot.codec import DamagedError, converted, decode_outcome, encode_outcome, has_secrets, to_seconds
from parity_tui.snapshot.layout import digest, laid_out

SCHEMA = 1
_MOST_ENVIRONMENTS = 200
_MOST_EXPECTATIONS = 1_000
_MOST_FACTS = 300_000
"""of all readings"""


class LeftOut(Struct, frozen=True):
    """A variable of a dotenv file that holds the URL of a service which could not be compared."""

    environment: str
    name: str
    reason: str


class Snapshot(Struct, frozen=True):
    """The outcomes of all targets at one moment."""

    environments: tuple[str, ...]
    """in order"""
    outcomes: tuple[Outcome, ...]
    """one for each server, service by service"""
    taken_at: float = 0.0
    """seconds since the epoch"""
    program: str = __version__
    """the version of parity-tui that read the servers"""
    configuration: str = ""
    """name of the file, as shown to a person"""
    baseline: str = ""
    key: str = ""
    """name of the key of its fingerprints, "" without any"""
    left_out: tuple[LeftOut, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    severities: tuple[tuple[str, Severity], ...] = ()

    @property
    def services(self) -> tuple[str, ...]:
        """The names of the services, in order."""
        return tuple(dict.fromkeys(outcome.target.service for outcome in self.outcomes))


class _Policy(Struct, omit_defaults=True):
    expect: tuple[Expectation, ...] = ()
    severities: tuple[tuple[str, Severity], ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def snapshot_of(board: Board, at: float, configuration: str, key: str) -> Snapshot:
    """Return the snapshot of a board on which no target is pending.

    Args:
        board: the board.
        at: when it was read, in seconds since the epoch.
        configuration: name of its configuration.
        key: name of the key of its fingerprints.
    """
    outcomes = tuple(outcome for outcome in board.servers() if not outcome.pending)
    return Snapshot(
        board.environments,
        outcomes,
        at,
        configuration=configuration,
        baseline=board.policy.baseline,
        key=key if has_secrets(outcomes) else "",
        left_out=tuple(LeftOut(item.environment, item.name, item.reason) for item in board.left_out),
        expectations=tuple(map(_without_secrets, board.policy.expectations)),
        severities=board.policy.severities,
    )


def _without_secrets(expectation: Expectation) -> Expectation:
    from parity_tui.secrets.detect import is_secret  # here: its patterns take 6 ms to compile

    values = {
        name: fingerprint(value) if is_secret(expectation.setting, value) else value
        for name, value in expectation.values.items()
    }
    return replace(expectation, values=values)


def to_text(snapshot: Snapshot) -> str:
    """Return the text of a snapshot: JSON in ASCII, one setting a line, sorted."""
    policy = _Policy(snapshot.expectations, snapshot.severities, snapshot.left_out)
    data = {
        "schema": SCHEMA,
        "program": snapshot.program,
        "taken_at": _utc(snapshot.taken_at),
        "configuration": snapshot.configuration,
        **({"key": snapshot.key} if snapshot.key else {}),
        "baseline": snapshot.baseline or None,
        "environments": list(snapshot.environments),
        **msgspec.to_builtins(policy),
        "services": [{"name": name, "readings": dict(_readings(snapshot, name))} for name in snapshot.services],
    }
    return laid_out({**data, "digest": digest(data)})


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _readings(snapshot: Snapshot, service: str) -> Iterator[tuple[str, Any]]:
    for environment in snapshot.environments:
        servers = [
            outcome
            for outcome in snapshot.outcomes
            if (outcome.target.service, outcome.target.environment) == (service, environment)
        ]
        if len(servers) == 1 and not servers[0].target.node:
            yield environment, _encoded(servers[0], snapshot.taken_at)
        elif servers:
            nodes = [{"node": one.target.node, **_encoded(one, snapshot.taken_at)} for one in servers]
            yield environment, {"nodes": nodes}


def _encoded(outcome: Outcome, taken_at: float) -> dict[str, Any]:
    """Return an outcome as data; a reading of the moment of the snapshot has no time of its own, which would change."""
    older = outcome.failure or outcome.target.snapshot
    return encode_outcome(outcome if older else replace(outcome, at=0.0))


def of_data(data: Any, name: str) -> Snapshot:
    """Return the snapshot of JSON data.

    Args:
        data: the data.
        name: of the file that it is from.

    Raises:
        DamagedError: it is of a newer schema, was changed after it was written, or is no snapshot.
    """
    if not isinstance(data, dict) or not isinstance(schema := data.get("schema"), int) or isinstance(schema, bool):
        raise DamagedError("it is no snapshot of parity-tui")
    if "digest" not in data and "summary" in data:
        raise DamagedError("it is a report of check, and no snapshot: parity-tui snapshot -o FILE writes one")
    if schema > SCHEMA:
        raise DamagedError(
            f"a newer parity-tui has written it, in schema {str(schema)[:9]}: this one, {__version__}, "
            f"reads up to schema {SCHEMA}"
        )
    if digest({key: value for key, value in data.items() if key != "digest"}) != data.get("digest"):
        raise DamagedError("it was edited or damaged after it was written: its digest does not match its content")
    return _decoded(data, name)


class _Document(Struct):
    program: str
    taken_at: str
    configuration: str
    environments: list[str]
    services: list[_ServiceData]
    baseline: str | None = None
    key: str = ""


class _ServiceData(Struct):
    name: str
    readings: dict[str, dict[str, Any]]


def _decoded(data: Mapping[str, Any], name: str) -> Snapshot:
    document, policy = converted(data, _Document), converted(data, _Policy)
    names = document.environments
    services = [service.name for service in document.services]
    for each, most in ((names, _MOST_ENVIRONMENTS), (services, _MOST_ENVIRONMENTS)):
        if not each or len(each) > most or len(set(each)) < len(each) or not all(map(NAME.fullmatch, each)):
            raise DamagedError("the names of its environments or services are none")
    if len(policy.expect) > _MOST_EXPECTATIONS:
        raise DamagedError(f"it has more than {_MOST_EXPECTATIONS:,} expectations")
    taken_at = to_seconds(document.taken_at)
    outcomes = tuple(_outcomes(document, name, taken_at))
    snapshot = Snapshot(
        tuple(names),
        outcomes,
        taken_at,
        document.program[:40],
        document.configuration[:200],
        document.baseline if document.baseline in names else "",
        document.key[:40],
        tuple(LeftOut(*map(printable, astuple(item))) for item in policy.left_out),
        tuple(map(_shown, policy.expect)),
        policy.severities,
    )
    if reason := overfull(snapshot):
        raise DamagedError(reason)
    return snapshot


def overfull(snapshot: Snapshot) -> str:
    """Return why a snapshot is more than can be read again, "" if it is not."""
    if sum(len(outcome.reading.facts) for outcome in snapshot.outcomes if outcome.reading) > _MOST_FACTS:
        return f"it has more than {_MOST_FACTS:,} settings"
    few = len(snapshot.environments) <= _MOST_ENVIRONMENTS and len(snapshot.services) <= _MOST_ENVIRONMENTS
    return "" if few else f"it has more than {_MOST_ENVIRONMENTS} environments or services"


def _shown(expectation: Expectation) -> Expectation:
    return replace(expectation, reason=printable(expectation.reason), owner=printable(expectation.owner))


def _outcomes(document: _Document, name: str, taken_at: float) -> Iterable[Outcome]:
    for service in document.services:
        for environment, data in service.readings.items():
            if environment not in document.environments:
                raise DamagedError(f"{service.name} has a reading of an unknown environment")
            nodes = data.get("nodes")
            for node in nodes if isinstance(nodes, list) else [data]:
                try:
                    address = str(node.get("node", "")) if isinstance(node, dict) else ""
                    yield decode_outcome(node, environment, service.name, address, snapshot=name, at=taken_at)
                except DamagedError as error:
                    raise DamagedError(f"{environment} {service.name}: {error}") from None
