"""The commands of one connection: EHLO, STARTTLS, AUTH, QUIT."""

from __future__ import annotations

import asyncio
import re

from msgspec import Struct

from parity_tui.model import Dialer, FirstBytesCheck, Reason, ServiceError, Target, TlsMode
from parity_tui.secrets import in_base64
from parity_tui.services.smtp.normalize import mechanisms
from parity_tui.transport.errors import clear_password, no_password
from parity_tui.transport.foreign import foreign
from parity_tui.transport.guard import leave, more_than_asked, unread, wrong_service
from parity_tui.transport.password import password_of
from parity_tui.transport.starttls import start_tls, verified

BUDGET = 64 * 1024
"""bytes of one reply; a server needs about 500"""
MOST = "any mail server has to say"
IMPLICIT_PORT = 465
STARTTLS_PORTS = (25, 587)
"""ports on which a server begins in plain text, whatever the scheme: frameworks write smtps for STARTTLS too"""
_LINES = 100
"""of one reply"""
_LINE = re.compile(rb"(?P<code>[2-5]\d\d)(?:(?P<mark>[ -])(?P<text>[^\r\n]*))?\r\n")
GOODBYE = b"QUIT\r\n"


class Reply(Struct, frozen=True):
    """A reply of a server."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """All lines in one, printable."""
        return foreign(" ".join(self.lines), 200)


class Offer(Struct, frozen=True):
    """What a server offers."""

    banner: str
    plain: tuple[str, ...] | None = None
    """lines of the reply to EHLO before TLS; None where TLS comes first"""
    secured: tuple[str, ...] | None = None
    """lines within TLS; None without it"""


class Session:
    """One connection."""

    def __init__(self, target: Target, dialer: Dialer) -> None:
        self.offer = Offer("")
        self.readings = 0
        self.note = ""
        """why no login happened, though one is configured"""
        self.encrypted = False
        self._target = target
        self._dialer = dialer
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, target: Target, dialer: Dialer) -> Session:
        """Connect, start TLS and log in where that is due. Raises ServiceError."""
        session = cls(target, dialer)
        await session._connect()
        try:
            await session._begin()
            await session._log_in()
        except BaseException:
            session.end()
            raise
        return session

    async def _connect(self) -> None:
        target = self._target
        self.encrypted = speaks_tls_first(target)
        tls = verified(self._dialer) if self.encrypted else None
        self._reader, self._writer = await self._dialer.open(
            target.host, target.port, tls, BUDGET, check=_check(self._dialer), most=MOST, plain=True
        )

    async def _begin(self) -> None:
        greeting = await self._reply()
        if greeting.code != 220:
            raise ServiceError(Reason.SERVER, f"{self._address} refuses: {greeting.code} {greeting.text}")
        banner = " ".join(greeting.lines)
        self.offer = Offer(banner)
        if "FTP" in banner and "SMTP" not in banner.upper():
            raise ServiceError(Reason.WRONG_SERVICE, f"{self._address} answers like FTP, not SMTP")
        await self.ask()
        if not self.encrypted and self._wants_tls():
            answer = await self._command("STARTTLS")
            if answer.code != 220:
                words = f"{self._address} offers STARTTLS and refuses it: {answer.code} {answer.text}"
                raise ServiceError(Reason.TLS, words)
            await start_tls(self._dialer, self._reader, self._writer, verified(self._dialer))
            self.encrypted = True
            await self.ask()

    def _wants_tls(self) -> bool:
        mode = self._target.tls
        offered = any(line.upper() == "STARTTLS" for line in self.offer.plain or ())
        if mode not in (TlsMode.OFF, TlsMode.PREFER) and not offered:
            raise ServiceError(Reason.TLS, f"{self._address} offers no TLS (STARTTLS)")
        return offered and mode is not TlsMode.OFF

    async def ask(self) -> None:
        """Ask what the server offers."""
        answer = await self._command(f"EHLO {self._own_address()}")
        if answer.code != 250:
            raise ServiceError(Reason.SERVER, f"{self._address} refuses EHLO: {answer.code} {answer.text}")
        lines = answer.lines[1:]
        plain, secured = (self.offer.plain, lines) if self.encrypted else (lines, None)
        self.offer = Offer(self.offer.banner, plain, secured)

    def _own_address(self) -> str:
        """Return our address as a literal: a name would have to exist."""
        name = self._writer.get_extra_info("sockname")
        host = str(name[0]).partition("%")[0] if isinstance(name, tuple) else "127.0.0.1"
        return f"[IPv6:{host}]" if ":" in host else f"[{host}]"

    async def _log_in(self) -> None:
        target = self._target
        if not target.user:
            return
        lines = self.offer.secured if self.offer.secured is not None else self.offer.plain
        offered = mechanisms(lines or ())
        if not offered:
            raise ServiceError(Reason.AUTH, f"{self._address} offers no login (AUTH), and a user is configured")
        if not {"PLAIN", "LOGIN"} & {*offered}:
            self.note = f"not logged in: the server offers {', '.join(offered)} only"
            return
        if problem := clear_password(target, encrypted=self.encrypted):
            raise problem
        secret = await password_of(target)
        if secret is None or not secret.reveal():
            raise no_password(self._address, target.user)
        words = [target.user, secret.reveal()]
        if "PLAIN" in offered:
            answer = await self._command(f"AUTH PLAIN {in_base64(chr(0).join(['', *words]))}")
        else:
            answer = await self._command("AUTH LOGIN")
            for word in words:
                answer = await self._command(in_base64(word)) if answer.code == 334 else answer
        if answer.code != 235:
            reason = Reason.AUTH if answer.code // 100 == 5 else Reason.SERVER
            raise ServiceError(reason, f"{self._address} refuses the login of {target.user}: {answer.text}")

    @property
    def _address(self) -> str:
        return self._target.address

    async def _command(self, command: str) -> Reply:
        if unread(self._reader):
            raise more_than_asked(self._address)
        self._writer.write(command.encode() + b"\r\n")
        return await self._reply()

    async def _reply(self) -> Reply:
        """Return the next reply. Raises ServiceError where it is malformed."""
        lines: list[str] = []
        code = b""
        for _ in range(_LINES):
            line = await self._reader.readline()
            match = _LINE.fullmatch(line)
            if match is None or match["code"] != (code := code or match["code"]):
                break
            lines.append((match["text"] or b"").decode("utf-8", "surrogateescape"))
            if match["mark"] != b"-":
                if unread(self._reader):
                    raise more_than_asked(self._address)
                if int(code) == 421:
                    raise ServiceError(Reason.CLOSED, f"{self._address} closes the connection: {foreign(lines[-1])}")
                return Reply(int(code), tuple(lines))
        raise ServiceError(Reason.PROTOCOL, f"{self._address} sent an invalid answer: no reply of SMTP")

    async def quit(self) -> None:
        """Take leave and wait for the reply, so that the server logs no lost connection."""
        await self._command("QUIT")
        leave(self._writer.transport)

    def end(self) -> None:
        """Take leave without waiting."""
        leave(self._writer.transport, GOODBYE)


def speaks_tls_first(target: Target) -> bool:
    """Return whether TLS comes before the first byte of SMTP.

    >>> from parity_tui.model import Target
    >>> [speaks_tls_first(Target("", "", "", each, port=port)) for each, port in (("smtps", 465), ("smtps", 587))]
    [True, False]
    >>> [speaks_tls_first(Target("", "", "", each, port=port)) for each, port in (("smtp", 465), ("submission", 587))]
    [True, False]
    """
    return target.port == IMPLICIT_PORT or (target.scheme == "smtps" and target.port not in STARTTLS_PORTS)


def _check(dialer: Dialer) -> FirstBytesCheck:
    def check(first: bytes) -> ServiceError | None:
        known = first[:3].isdigit() or (len(first) < 3 and first.isdigit())
        return None if known else wrong_service(dialer, first, "SMTP")

    return check
