"""Takes the bytes of one connection apart into messages and checks each before a driver sees it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from parity_tui.model import Reason, ServiceError

Buffer = bytes | bytearray

_REPLIES = 4
"""requests of one connection whose replies are kept"""
_LARGEST_REPLY = 256 * 1024


def misunderstood(address: str, problem: str) -> ServiceError:
    """Return the error of a peer that breaks the rules of its protocol."""
    return ServiceError(Reason.PROTOCOL, f"{address} sent an invalid answer: {problem}")


class Conversation(ABC):
    """State of one connection: which messages the server may send next.

    A message may arrive cut anywhere; the driver receives whole ones. The guard's byte budget bounds what is held back.
    A server that has not changed answers the same request in the same bytes: such a reply is compared, not checked.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._held = bytearray()
        """bytes that the driver has not received"""
        self._needed = 0
        """bytes to hold before looking at them again: a message in many pieces costs no more than one in few"""
        self._equal = 0
        """bytes of the reply that equal the earlier one; they are held"""
        self._unnoted: list[bytes] = []
        """parts of the request that :meth:`note` has not seen"""
        self._request: list[bytes] = []
        self._reply: list[bytes] = []
        """bytes of the reply to the request"""
        self._earlier: dict[tuple[bytes, ...], tuple[bytes, Any]] = {}
        """request -> its latest reply, and the state behind it"""

    def sent(self, data: Buffer | memoryview) -> None:
        """Take notice of bytes that the driver sends: they decide what is due."""
        if not self._unnoted and self.idle:
            self._request, self._reply = [bytes(data)], []
        elif self._request:  # not before the login is accepted: the driver sends a password
            self._request.append(bytes(data))
        self._unnoted.append(bytes(data))

    def received(self, data: bytes) -> bytes:
        """Return the whole messages at hand. Raises ServiceError for one that the server must not send now."""
        request = tuple(self._request)
        if not self._reply and (earlier := self._earlier.get(request)):
            reply, state = earlier
            if len(self._held) == self._equal and reply.startswith(data, self._equal):
                self._equal += len(data)
                self._held += data
                if self._equal < len(reply):
                    return b""
                self._equal = 0
                self._held.clear()
                self._unnoted.clear()
                self.state = state
                return reply
        if self._equal:
            self._equal = self._needed = 0
        for sent in self._unnoted:
            self.note(sent)
        self._unnoted.clear()
        whole = self._checked(data)
        self._remember(request, whole)
        return whole

    def _checked(self, data: bytes) -> bytes:
        if not self._held:
            end = self._release(data)
            if end == len(data):
                return data
            self._held += memoryview(data)[end:]
            return data[:end]
        self._held += data
        if len(self._held) < self._needed:
            return b""
        end = self._release(self._held)
        whole = bytes(memoryview(self._held)[:end])
        del self._held[:end]
        return whole

    def _release(self, data: Buffer) -> int:
        end, self._needed = self.check(data)
        return end

    def _remember(self, request: tuple[bytes, ...], whole: bytes) -> None:
        if not request or not whole:
            return
        self._reply.append(whole)
        if self.idle and not self._held:
            reply = b"".join(self._reply)
            if len(reply) <= _LARGEST_REPLY:
                self._earlier.pop(request, None)
                self._earlier[request] = reply, self.state
            if len(self._earlier) > _REPLIES:
                del self._earlier[next(iter(self._earlier))]

    @property
    @abstractmethod
    def idle(self) -> bool:
        """Whether the driver may send a request: nothing is due."""

    @property
    @abstractmethod
    def state(self) -> Any:
        """All that decides which messages are due; it can be set."""

    @state.setter
    @abstractmethod
    def state(self, state: Any) -> None: ...

    @abstractmethod
    def note(self, data: bytes) -> None:
        """Take notice of bytes that the driver sends."""

    @abstractmethod
    def check(self, data: Buffer) -> tuple[int, int]:
        """Check the whole messages at the beginning of ``data``.

        Returns:
            their length in bytes, and how many bytes must be there for the next message.

        Raises:
            ServiceError: one is malformed or not due.
        """

    def misunderstood(self, problem: str) -> ServiceError:
        """Return the error of a message that breaks the protocol."""
        return misunderstood(self.address, problem)
