"""Error replies, and the failures that they mean."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from parity_tui.model import Reason, ServiceError, Target
from parity_tui.transport.errors import no_password
from parity_tui.transport.foreign import foreign


class Refusal(Struct, frozen=True):
    """An error reply: "NOPERM this user has no permissions …"."""

    code: str
    """its first word: ERR, NOPERM, LOADING"""
    message: str
    """the rest, with control characters replaced"""

    @classmethod
    def of(cls, line: str) -> Refusal:
        """Return the refusal in a reply's line, without the arguments of the command that some servers repeat.

        >>> Refusal.of("ERR unknown command 'AUTH', with args beginning with: 'hunter2'")
        Refusal(code='ERR', message="unknown command 'AUTH'")
        """
        code, _, message = line.partition(" ")
        message = message.partition(", with args beginning with")[0]
        return cls(printable(code), printable(message))

    @property
    def lasting(self) -> bool:
        """Whether the same command would be refused again on this connection."""
        return self.code not in TRANSIENT_CODES

    @property
    def text(self) -> str:
        """Code and message, as the server sent them."""
        return foreign(f"{self.code} {self.message}", 210)


Reply: TypeAlias = bytes | int | list[object] | Refusal | None
"""reply to one command; lists hold bytes and Refusals too"""

TRANSIENT_CODES = ("LOADING", "MASTERDOWN", "BUSY", "CLUSTERDOWN", "TRYAGAIN")


def printable(words: str) -> str:
    r"""Return the words in one line, with a dot for every unprintable character.

    >>> printable("no\r\n  such\x1b[2J")
    'no such·[2J'
    """
    return "".join(c if c.isprintable() else "·" for c in " ".join(words.split()))


def size_of(reply: Reply) -> int:
    """Return about how many bytes a reply has.

    >>> size_of([b"hz", b"10"]), size_of(b"redis_version:8"), size_of(7)
    (20, 15, 8)
    """
    if isinstance(reply, list):
        return sum(8 + (len(word) if isinstance(word, bytes) else 0) for word in reply)
    return len(reply) if isinstance(reply, bytes) else 8


def text(raw: bytes) -> str:
    """Decode UTF-8; other bytes become surrogates, which are shown as escapes and equal no character."""
    return raw.decode("utf-8", "surrogateescape")


def check_login(reply: Reply, target: Target) -> None:
    """Raise the ServiceError that the reply to AUTH means; return None if the login succeeded."""
    if isinstance(reply, Refusal):
        raise login_rejected(reply, target)
    if reply != b"OK":
        raise ServiceError(Reason.PROTOCOL, f"{target.address} sent an invalid answer to the login")


def login_rejected(refusal: Refusal, target: Target) -> ServiceError:
    """Return the failure that an error reply to AUTH means."""
    address, user, message = target.address, target.user or "default", refusal.message.lower()
    if refusal.code == "WRONGPASS" or "invalid password" in message:
        if target.password is None:
            return no_password(address, user)
        return ServiceError(Reason.AUTH, f"{address} rejects the password of the user {user}")
    if "without any password" in message or "no password is set" in message:
        return ServiceError(Reason.AUTH, f"{address} has no password, but one is configured: remove it")
    if "wrong number of arguments" in message:
        return ServiceError(Reason.AUTH, f"{address} is too old for users: remove {user} from the URL")
    if "auth" in message:
        return ServiceError(Reason.AUTH, f"{address} refuses the login: {refusal.text}")
    return info_refused(refusal, target)


def info_refused(refusal: Refusal, target: Target) -> ServiceError:
    """Return the failure that an error reply to INFO means.

    >>> info_refused(Refusal("NOAUTH", "Authentication required."), Target("", "", "", host="cache", port=1)).message
    'cache:1 requires a password, and none is configured: set password_env'
    """
    address, user = target.address, target.user or "default"
    match refusal.code:
        case "NOAUTH":
            return no_password(address, target.user)
        case "NOPERM":
            grant = f"ACL SETUSER {user} +info"
            return ServiceError(Reason.FORBIDDEN, f"{address} does not allow the user {user} to run INFO: {grant}")
        case "DENIED":
            message = f"{address} is in protected mode: it accepts only local connections"
            return ServiceError(Reason.FORBIDDEN, message, at_the_door=True)
        case "LOADING":
            return ServiceError(Reason.SERVER, f"{address} is starting: {foreign(refusal.message)}")
        case _:
            return ServiceError(Reason.SERVER, f"{address} says: {refusal.text}")
