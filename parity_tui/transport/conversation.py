"""Takes the bytes of one connection apart into messages and checks each before a driver sees it."""

from __future__ import annotations

from abc import ABC, abstractmethod

from parity_tui.model import Reason, ServiceError

Buffer = bytes | bytearray


def misunderstood(address: str, problem: str) -> ServiceError:
    """Return the error of a peer that breaks the rules of its protocol."""
    return ServiceError(Reason.PROTOCOL, f"{address} answers in a way that is not understood: {problem}")


class Conversation(ABC):
    """What both sides of one connection have said: it knows which messages the server may send next.

    A message may arrive cut anywhere; the driver receives whole ones. The guard's byte budget bounds what is held back.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._held = bytearray()
        """bytes of a message that is not complete"""
        self._needed = 0
        """bytes to hold before looking at them again: a message in many pieces costs no more than one in few"""

    def received(self, data: bytes) -> bytes:
        """Return the whole messages at hand. Raises ServiceError for one that the server must not send now."""
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

    @abstractmethod
    def check(self, data: Buffer) -> tuple[int, int]:
        """Check the whole messages at the beginning of ``data``.

        Returns:
            their length in bytes, and how many bytes must be there for the next message.

        Raises:
            ServiceError: one is malformed or not due.
        """

    @abstractmethod
    def sent(self, data: Buffer | memoryview) -> None:
        """Take notice of bytes that the driver sends: they decide what is due."""

    def misunderstood(self, problem: str) -> ServiceError:
        """Return the error of a message that breaks the protocol."""
        return misunderstood(self.address, problem)
