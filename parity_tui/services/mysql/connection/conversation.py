"""Which of MySQL's packets may come next: the driver's C code gets no other, and none that is malformed.

A login is accepted by an OK packet only, files are never sent, and one statement has one result.
"""

from __future__ import annotations

import struct

from parity_tui.model import Reason, ServiceError
from parity_tui.services.mysql.connection import packets
from parity_tui.transport.conversation import Buffer, Conversation
from parity_tui.transport.guard import CAP, over_budget

_HEADER = struct.Struct("<I")
_QUERY = 3
_LARGEST_STEP = 4096
"""bytes of a packet before the login is accepted"""
_ROUNDS = 8
"""packets of a login after the greeting"""
_OK, _MORE, _FILE, _SWITCH, _ERROR = 0, 1, 0xFB, 0xFE, 0xFF
_FAST, _FULL = b"\1\3", b"\1\4"
"""answers of caching_sha2_password: the password is known, or wanted itself"""


class MySQLConversation(Conversation):
    """The packets of one connection, through its change to TLS."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self._state = "greeting"
        self._sequence = 0
        self._to_send = 0
        """bytes that the driver has yet to send of the packet that it sends"""
        self._deprecate_eof = False
        self._plugin = b""
        self._rounds = 0
        self._columns = 0
        self._columns_due = 0

    def start_tls(self) -> None:
        """Forget packets that came before TLS was in use: their sender is not known."""
        self._held.clear()
        self._needed = 0
        self._state = "login"

    @property
    def idle(self) -> bool:
        """Whether the login is accepted and nothing is due."""
        return self._state == "idle" and not self._to_send

    @property
    def state(self) -> tuple[str, int, int, int]:
        """The phase, the next sequence number, the columns of a row, and those that are to be defined."""
        return self._state, self._sequence, self._columns, self._columns_due

    @state.setter
    def state(self, state: tuple[str, int, int, int]) -> None:
        self._state, self._sequence, self._columns, self._columns_due = state

    def note(self, data: bytes) -> None:
        """Note the sequence numbers of the driver's packets, and its statements."""
        position = 0
        while position < len(data):
            if not self._to_send:
                header = _HEADER.unpack_from(data, position)[0]
                self._to_send, self._sequence = (header & 0xFFFFFF), (header >> 24) + 1 & 0xFF
                position += 4
                if self._state == "idle" and data[position : position + 1] == bytes([_QUERY]):
                    self._state = "reply"
            size = min(self._to_send, len(data) - position)
            self._to_send -= size
            position += size

    def check(self, data: Buffer) -> tuple[int, int]:
        """Check the whole packets at the beginning of ``data``."""
        position, size = 0, len(data)
        while size - position >= 4:
            if self._state == "rows":
                position, self._sequence = packets.end_of_rows(data, position, self._sequence, self._columns)
                if size - position < 4:
                    break
            header = _HEADER.unpack_from(data, position)[0]
            length = header & 0xFFFFFF
            self._check_length(length)
            end = position + 4 + length
            if end > size:
                return position, end - position
            self._check_packet(header >> 24, bytes(memoryview(data)[position + 4 : end]))
            position = end
        return position, 4

    def _check_length(self, length: int) -> None:
        if length > CAP:
            raise over_budget(self.address, "any MySQL would")
        if not length or (length > _LARGEST_STEP and self._state in ("greeting", "login")):
            raise self.misunderstood(f"a packet of {length} bytes")

    def _check_packet(self, sequence: int, payload: bytes) -> None:
        first = payload[0]
        if sequence != self._sequence and not (sequence == 0 and first == _ERROR):  # a server that shuts down
            raise self.misunderstood(f"packet {sequence} where packet {self._sequence} is due")
        self._sequence = sequence + 1 & 0xFF
        if first == _ERROR and self._state != "ended":
            self._check_error(payload)
            return
        match self._state:
            case "greeting":
                self._check_greeting(payload)
            case "login":
                self._check_login(payload)
            case "reply":
                self._check_reply(payload)
            case "columns":
                self._check_column(payload)
            case "rows":
                self._check_end(payload)
            case _:
                raise self.misunderstood("a packet when none is due")

    def _check_error(self, payload: bytes) -> None:
        if not packets.is_error(payload):
            raise self._malformed("error")
        self._state = "idle" if self._state in ("reply", "columns", "rows") else "ended"

    def _check_greeting(self, payload: bytes) -> None:
        if not packets.is_greeting(payload):
            raise self._malformed("greeting")
        self._deprecate_eof = bool(packets.capabilities(payload) & packets.DEPRECATE_EOF)
        self._state = "login"
        self._sequence += 1  # the driver's answer comes between

    def _check_login(self, payload: bytes) -> None:
        self._rounds += 1
        if self._rounds > _ROUNDS:
            raise self.misunderstood("a login without end")
        self._sequence += 1  # the driver's answer comes between
        if payload[0] == _OK and len(payload) >= 7:
            self._check_status(packets.status_of_ok(payload), "OK")
            self._state = "idle"
        elif payload[0] == _SWITCH:
            self._check_switch(payload)
        elif self._plugin == b"dialog":  # it sends questions in any number
            return
        elif payload == _FAST:
            self._sequence -= 1  # OK follows by itself
        elif payload[0] == _MORE and len(payload) > len(_FULL):  # a public key that is not verified
            text = f"{self.address} requests the password in clear text, which is sent over TLS only"
            raise ServiceError(Reason.TLS, text)
        elif payload != _FULL:
            raise self._malformed("login")

    def _check_switch(self, payload: bytes) -> None:
        if len(payload) == 1:
            text = f"{self.address} requests a pre-4.1 MySQL login, which is not supported"
            raise ServiceError(Reason.DRIVER, text)
        if self._plugin:
            raise ServiceError(Reason.AUTH, f"{self.address} does not accept the login, and requests a second method")
        if not packets.is_switch(payload):
            raise self._malformed("login")
        self._plugin = payload[1:].partition(b"\0")[0] or b"-"

    def _check_reply(self, payload: bytes) -> None:
        if payload[0] == _OK:
            self._check_status(packets.status_of_ok(payload), "OK")
            self._state = "idle"
            return
        if payload[0] == _FILE:
            raise ServiceError(Reason.PROTOCOL, f"{self.address} requests a file of this machine, which is not sent")
        count = packets.count_of_columns(payload)
        if count is None:
            raise self._malformed("number of columns")
        self._columns = self._columns_due = count
        self._state = "columns"

    def _check_column(self, payload: bytes) -> None:
        if self._columns_due:
            if not packets.is_column(payload):
                raise self._malformed("column")
            self._columns_due -= 1
            if not self._columns_due and self._deprecate_eof:
                self._state = "rows"
            return
        if payload[0] != _SWITCH:
            raise self._malformed("end of the columns")
        self._check_status(packets.status_of_eof(payload), "end of the columns")
        self._state = "rows"

    def _check_end(self, payload: bytes) -> None:
        if payload[0] != _SWITCH:  # well-formed rows are passed by
            raise self._malformed("row")
        status = packets.status_of_ok(payload) if self._deprecate_eof else packets.status_of_eof(payload)
        self._check_status(status, "end of the rows")
        self._state = "idle"

    def _check_status(self, status: int | None, name: str) -> None:
        if status is None:
            raise self._malformed(name)
        if status & packets.MORE_RESULTS:
            raise self.misunderstood("more results than were asked for")

    def _malformed(self, name: str) -> ServiceError:
        return self.misunderstood(f"a malformed packet ({name})")
