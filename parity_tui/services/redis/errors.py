"""What a server says instead of an answer, and what it means for a person."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from parity_tui.model import Reason, ServiceError, Target


class Refusal(Struct, frozen=True):
    """An error reply: "NOPERM this user has no permissions …"."""

    code: str
    """its first word: ERR, NOPERM, LOADING"""
    message: str
    """the rest, without what a terminal may obey"""

    @classmethod
    def of(cls, line: str) -> Refusal:
        """Return the refusal in a reply's line, without the arguments of ours that some servers repeat in it.

        >>> Refusal.of("ERR unknown command 'AUTH', with args beginning with: 'hunter2'")
        Refusal(code='ERR', message="unknown command 'AUTH'")
        """
        code, _, message = line.partition(" ")
        message = message.partition(", with args beginning with")[0]
        return cls(printable(code), printable(message)[:200])

    @property
    def lasting(self) -> bool:
        """Tell whether asking again on the same connection would be in vain."""
        return self.code not in PASSING

    @property
    def text(self) -> str:
        """All of it, as the server wrote it."""
        return f"{self.code} {self.message}".strip()


Reply: TypeAlias = bytes | int | list[object] | Refusal | None
"""what the server answers to one command; bytes and Refusals in lists too"""

PASSING = ("LOADING", "MASTERDOWN", "BUSY", "CLUSTERDOWN", "TRYAGAIN")
"""codes of states that go by"""


def printable(words: str) -> str:
    """Return the words with a dot for every character that is not seen."""
    return "".join(c if c.isprintable() else "·" for c in words)


def text(raw: bytes) -> str:
    """Return bytes as text, those that are none as surrogates: they are shown as escapes and are not equal to any."""
    return raw.decode("utf-8", "surrogateescape")


def info_refused(refusal: Refusal, target: Target) -> ServiceError:
    """Return what it means that a server does not even answer INFO.

    >>> info_refused(Refusal("NOAUTH", "Authentication required."), Target("", "", "", host="cache", port=1)).message
    'cache:1 wants a password, and none is configured'
    """
    where, user = target.address, target.user or "default"
    match refusal.code:
        case "NOAUTH":
            return ServiceError(Reason.AUTH, f"{where} wants a password, and none is configured")
        case "NOPERM":
            grant = f"ACL SETUSER {user} +info"
            return ServiceError(Reason.FORBIDDEN, f"{where} does not let the user {user} ask INFO: {grant}")
        case "DENIED":
            return ServiceError(Reason.FORBIDDEN, f"{where} is in protected mode: it serves its own host only")
        case "LOADING":
            return ServiceError(Reason.SERVER, f"{where} is starting: {refusal.message}")
        case _:
            return ServiceError(Reason.SERVER, f"{where} says: {refusal.text}")


def rejected(refusal: Refusal, target: Target) -> ServiceError:
    """Return what it means that a login failed."""
    where, user, said = target.address, target.user or "default", refusal.message.lower()
    if refusal.code == "WRONGPASS" or "invalid password" in said:
        return ServiceError(Reason.AUTH, f"{where} rejects the password of the user {user}")
    if "without any password" in said or "no password is set" in said:
        return ServiceError(Reason.AUTH, f"{where} has no password, and one is configured: leave it out")
    if "wrong number of arguments" in said:
        return ServiceError(Reason.AUTH, f"{where} is too old to know users: leave {user} out of its address")
    if "auth" in said:
        return ServiceError(Reason.AUTH, f"{where} refuses the login: {refusal.text}")
    return info_refused(refusal, target)
