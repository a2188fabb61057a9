"""Where [notify] sends events: a command and a webhook."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from parity_tui.daemon.event import Event
from parity_tui.daemon.outbox import SinkError
from parity_tui.model import ServiceError
from parity_tui.secrets import Secret
from parity_tui.transport.commands import Exchange
from parity_tui.transport.foreign import foreign
from parity_tui.transport.http_post import post
from parity_tui.transport.supervised import LocalProcess

TIMEOUT = 10.0
"""seconds for one event"""
_CAP = 1024 * 1024
"""bytes that a command may print, which is not shown"""
_REST = 0.2
"""seconds for the last output of a command that has ended"""
_REFUSED = frozenset({400, 413, 415, 422})
"""answers by which a webhook refuses an event for good"""


class CommandSink:
    """Starts a program for each event, which gets it on its standard input."""

    def __init__(self, argv: Sequence[str], timeout: float = TIMEOUT) -> None:
        self.name = f"the command {argv[0]}"
        self._argv = argv
        self._timeout = timeout

    async def send(self, event: Event) -> None:
        """Run the program for one event. Raises SinkError where it fails."""
        try:
            process = LocalProcess(self._argv)
        except ServiceError as error:
            raise SinkError(error.message) from None
        except OSError as error:
            raise SinkError(f"cannot be run: {(error.strerror or str(error)).lower()}") from None
        try:
            async with asyncio.timeout(self._timeout):
                code, last_words = await _result(process, event.line().decode())
        except TimeoutError:
            raise SinkError(f"has not ended within {self._timeout:g} s and was killed") from None
        except ServiceError as failure:
            raise SinkError(failure.message) from None
        finally:
            process.close()
        if code:
            raise SinkError(_exit_words(code, last_words))


async def _result(process: LocalProcess, text: str) -> tuple[int, bytes]:
    """Feed a command; return its exit code and standard error, which a child that goes on may still hold open."""
    exchange = Exchange(process, text, _CAP, "it", ends=True)
    output, ended = asyncio.create_task(exchange.output()), asyncio.create_task(process.ended())
    try:
        await asyncio.wait((output, ended), return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait((output,), timeout=_REST)
        if output.done():
            return output.result().code, output.result().error
        return ended.result(), b""
    finally:
        exchange.close()
        for task in (output, ended):
            task.cancel()
        await asyncio.wait((output, ended))


def _exit_words(code: int, error: bytes) -> str:
    r"""Return the end of a command in words, with the last line of its standard error.

    >>> _exit_words(1, b"trying\nno such channel\n")
    'ended with 1: no such channel'
    """
    lines = error.decode("utf-8", "replace").strip().splitlines()
    words = f"ended with {code}" if code > 0 else f"was ended by signal {-code}"
    return f"{words}: {foreign(lines[-1])}" if lines else words


class WebhookSink:
    """Posts each event to a URL."""

    def __init__(self, url: Secret, host: str, timeout: float = TIMEOUT) -> None:
        self.name = f"the webhook at {host}"
        self._url = url
        self._timeout = timeout

    async def send(self, event: Event) -> None:
        """Post one event. Raises SinkError where it is not accepted."""
        try:
            status = await post(self._url, event.line(), self._timeout)
        except ServiceError as error:
            raise SinkError(error.message) from None
        if not 200 <= status < 300:
            follow = ": redirects are not followed" if 300 <= status < 400 else ""
            raise SinkError(f"answered {status}{follow}", final=status in _REFUSED)
