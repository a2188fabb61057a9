"""Which of PostgreSQL's messages may come next: the driver's C code gets no other, and none that is malformed.

A step of SASL before SASL ends asyncpg's process by a segmentation fault, and a message of type 0 loops without end.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable

from parity_tui.model import Reason, ServiceError, Target, TlsMode
from parity_tui.services.postgres.connection import messages
from parity_tui.services.postgres.errors import server_error
from parity_tui.transport.conversation import Buffer, Conversation
from parity_tui.transport.guard import CAP, over_budget

_HEADER = struct.Struct(">cI")
_ROW = ord("D")
_LARGEST_STEP = 64 * 1024
"""bytes of a message before the login is accepted"""
_LENGTHS = {b"1": 4, b"2": 4, b"3": 4, b"n": 4, b"s": 4, b"I": 4, b"Z": 5, b"K": 12, b"c": 4}
"""message -> its only length"""
_MESSAGES = 500
"""parameters, notices and notifications between two requests"""

# Login: state -> {message: next state}; "R10" is a request for authentication by method 10.
_LOGIN = {
    "start": {"v": "start", "R0": "accepted", "R3": "password", "R5": "password", "R10": "mechanisms"},
    "password": {"R0": "accepted"},
    "mechanisms": {"R11": "challenge"},
    "challenge": {"R12": "verified"},
    "verified": {"R0": "accepted"},
    "accepted": {"K": "keyed", "Z": "", "v": "accepted"},
    "keyed": {"Z": ""},
}
_OTHER_METHODS = {2: "Kerberos V5", 6: "SCM credentials", 7: "GSSAPI", 9: "SSPI"}

# Requests of the driver -> the replies that are due; "x" are rows, "q" results of the simple protocol, "H" and "d"
# the beginning and the data of a copy.
_DUE = {"P": "1", "D": "tT", "B": "2", "E": "x", "S": "Z", "Q": "q", "C": "3"}
_BINARY_END = b"(FORMAT 'binary')"
_COPY, _COPY_DUE = b"COPY ", "HdCZ"
_AS_TEXT, _BINARY = b"\0\0\1\0\0", b"\1\0\3" + b"\0\1" * 3
"""heads of a copy of one column as text, and of three in binary form"""
_LARGEST_HEAD = 64
_ENDS = {"1": "1", "t": "t", "T": "Tn", "2": "2", "x": "CIs", "Z": "Z", "q": "Z", "3": "3"} | {
    "H": "H",
    "d": "c",
    "C": "C",
}
"""messages that complete a reply"""
_PARTS = {"x": "D", "q": "TDCI", "d": "d"}
"""messages of which a reply may have several"""


class PostgresConversation(Conversation):
    """The messages of one connection after its request for TLS."""

    def __init__(self, target: Target, check_method: Callable[[int], ServiceError | None]) -> None:
        """Begin with the driver's startup message.

        Args:
            target: server and user, for words.
            check_method: method of authentication that the server asks for -> the reason to decline it.
        """
        super().__init__(target.address)
        self._target = target
        self._check_method = check_method
        self._login = "start"
        self._due: deque[str] = deque()
        self._columns = 0
        self._extra = 0
        self._versioned = False
        self._head = b""
        """of the copy that is due"""
        self._ended = False

    @property
    def idle(self) -> bool:
        """Whether the login is accepted and nothing is due."""
        return not self._login and not self._due and not self._ended

    @property
    def state(self) -> tuple[str, tuple[str, ...], int, bool]:
        """The phase of the login, the replies due, the columns of a row, whether the server has ended it."""
        return self._login, tuple(self._due), self._columns, self._ended

    @state.setter
    def state(self, state: tuple[str, tuple[str, ...], int, bool]) -> None:
        self._login, due, self._columns, self._ended = state
        self._due = deque(due)

    def note(self, data: bytes) -> None:
        """Note the replies that the driver's requests ask for."""
        if self._login:
            return
        self._extra = position = 0
        while position + 5 <= len(data):
            kind, size = _HEADER.unpack_from(data, position)
            copies = kind == b"Q" and data.startswith(_COPY, position + 5)
            if copies:
                binary = data.startswith(_BINARY_END, position + size - len(_BINARY_END))
                self._head = _BINARY if binary else _AS_TEXT
            self._due.extend(_COPY_DUE if copies else _DUE.get(kind.decode("latin-1"), ""))
            position += 1 + size

    def check(self, data: Buffer) -> tuple[int, int]:
        """Check the whole messages at the beginning of ``data``."""
        position, size = 0, len(data)
        while size - position >= 5:
            if data[position] == _ROW and self._is_due("D"):
                position = messages.end_of_rows(data, position, self._columns)
                if size - position < 5:
                    break
            kind, length = _HEADER.unpack_from(data, position)
            most = _LARGEST_STEP if self._login else CAP
            most = _LARGEST_HEAD if kind == b"H" else most
            if not 4 <= length <= most or length != _LENGTHS.get(kind, length):
                raise self._wrong_length(kind, length)
            end = position + 1 + length
            if end > size:
                return position, end - position
            self._check_message(kind.decode("latin-1"), bytes(memoryview(data)[position + 5 : end]))
            position = end
        return position, 5

    def _wrong_length(self, kind: bytes, length: int) -> ServiceError:
        if length > CAP:
            return over_budget(self.address, "any PostgreSQL would")
        return self.misunderstood(f"{_named(kind.decode('latin-1'))} of {length} bytes")

    def _check_message(self, kind: str, payload: bytes) -> None:
        if kind in "SNA":
            self._check_extra(kind, payload)
        elif kind == "E":
            self._check_error(payload)
        elif self._login:
            self._check_login(kind, payload)
        else:
            self._check_reply(kind, payload)

    def _check_extra(self, kind: str, payload: bytes) -> None:
        """Check a message that may come at any time after the login: it answers nothing."""
        if self._login not in ("accepted", "keyed", ""):
            raise self._not_due(kind)
        self._extra += 1
        if self._extra > _MESSAGES:
            raise over_budget(self.address, "any PostgreSQL would")
        shapes = {"S": messages.is_parameter, "N": messages.is_notice, "A": messages.is_notification}
        if not shapes[kind](payload) or not (kind == "S" or messages.is_utf8(payload)):
            raise self._malformed(kind)
        self._versioned = self._versioned or payload.startswith(b"server_version\0")

    def _check_error(self, payload: bytes) -> None:
        if self._ended:
            raise self._not_due("E")
        if not messages.is_error(payload):
            raise self._malformed("E")
        if not messages.is_utf8(payload):  # as before the login, in the server's own encoding
            fields = messages.text_of_error(payload)
            raise server_error(fields.get("C", ""), fields.get("M", ""), fields.get("D", ""), self._target)
        self._ended = bool(self._login) or not self._due
        while self._due and self._due[0] not in "Zq":  # up to the synchronisation, which the driver may ask for later
            self._due.popleft()

    def _check_login(self, kind: str, payload: bytes) -> None:
        step = kind
        if kind == "R" and len(payload) >= 4:
            step = f"R{int.from_bytes(payload[:4], 'big')}"
        if self._login == "start" and step.startswith("R"):
            self._check_request(step, payload)
        if self._ended or step not in _LOGIN[self._login]:
            raise self._not_due(kind)
        if not self._is_step(step, payload[4:] if kind == "R" else payload):
            raise self._malformed(kind)
        if step == "Z" and not self._versioned:
            raise self.misunderstood("it reports no version")
        self._login = _LOGIN[self._login][step]

    def _check_request(self, step: str, payload: bytes) -> None:
        method = int.from_bytes(payload[:4], "big")
        if method in _OTHER_METHODS:
            way = f"by {_OTHER_METHODS[method]}, which is not supported"
            raise ServiceError(Reason.DRIVER, f"{self.address} requires {self._target.user} to log in {way}")
        if step in _LOGIN["start"] and (problem := self._check_method(method)):
            raise problem

    def _is_step(self, step: str, payload: bytes) -> bool:
        match step:
            case "R0" | "R3":
                return not payload
            case "R5":
                return len(payload) == 4
            case "R10":
                return messages.is_mechanisms(payload)
            case "R11":
                return self._is_challenge(payload)
            case "R12":
                return messages.is_final(payload)
            case "K":
                return True
            case "Z":
                return payload in (b"I", b"T", b"E")
            case _:
                return messages.is_version(payload)

    def _is_challenge(self, payload: bytes) -> bool:
        rounds = messages.iterations(payload)
        verified = self._target.tls in (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL)
        most = messages.TRUSTED_ITERATIONS if verified else messages.ITERATIONS
        if rounds is not None and not 0 < rounds <= most:
            hint = "" if verified else ", which only a server may that TLS verifies"
            limit = f"more than {most:,}{hint}" if rounds else "at least one is due"
            raise self.misunderstood(f"it wants {rounds:,} rounds of hashing for the login, {limit}")
        return rounds is not None

    def _check_reply(self, kind: str, payload: bytes) -> None:
        if not self._is_due(kind):
            raise self._not_due(kind)
        if not self._is_reply(kind, payload):
            raise self._malformed(kind)
        if kind in _ENDS[self._due[0]]:
            self._due.popleft()

    def _is_reply(self, kind: str, payload: bytes) -> bool:
        match kind:
            case "T":
                count = messages.columns(payload)
                self._columns = count or 0
                return count is not None
            case "t":
                return messages.is_parameter_types(payload)
            case "C":
                return messages.is_command(payload)
            case "Z":
                return payload in (b"I", b"T", b"E")
            case "D":
                return False  # well-formed rows are passed by
            case "H":
                return payload == self._head
            case "d":
                return True
            case _:
                return not payload

    def _is_due(self, kind: str) -> bool:
        if self._ended or not self._due:
            return False
        due = self._due[0]
        return kind in _ENDS[due] or kind in _PARTS.get(due, "")

    def _not_due(self, kind: str) -> ServiceError:
        return self.misunderstood(f"{_named(kind)} when none is due")

    def _malformed(self, kind: str) -> ServiceError:
        return self.misunderstood(f"{_named(kind)} is malformed")


def _named(kind: str) -> str:
    return f"a message {kind}" if kind.isascii() and kind.isalnum() else f"a message of type {ord(kind)}"
