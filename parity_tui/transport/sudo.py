"""What sudo answers where a kind runs a program as root: exact command lines, and the words for a refusal.

`sudo -n` never asks for a password. A command line has no wildcard, so that sudoers allows it and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity_tui.model import Reason, ServiceError
from parity_tui.transport.foreign import foreign

_SPECIAL = re.compile(r"([\\,:=*?\[\]!])")
"""characters that a command line of sudoers escapes"""
_OF_SUDO = re.compile(
    r"^(?:sudo(?:-rs)?: |Sorry, user |.{0,60}sudo: not found|.{0,60}sudo: command not found)", re.MULTILINE
)
_NO_ROOT = re.compile(r"setuid|effective uid is not 0|no new privileges|owned by uid 0", re.IGNORECASE)


def sudoers_line(user: str, commands: Sequence[str]) -> str:
    """Return the line of sudoers that lets a user run these command lines as root, and no others.

    >>> sudoers_line("ann", ["/usr/sbin/nginx -T"])
    'ann ALL=(root) NOPASSWD: /usr/sbin/nginx -T'
    """
    lines = map(_escaped, commands)
    return f"{_escaped(user)} ALL=(root) NOPASSWD: {', '.join(lines)}"


def check_sudo(host: str, error: str, user: str, commands: Sequence[str]) -> None:
    """Raise ServiceError where the error output is that of sudo, and not of the program.

    The reason is a rejected login: nothing tries again by itself, because sudo logs each refusal, and may mail it.

    Args:
        host: the host, "here" for this machine.
        error: standard error of `sudo -n PROGRAM`.
        user: the login there.
        commands: the command lines that are needed.
    """
    match = _OF_SUDO.search(error)
    if match is None:
        return
    line = foreign(sudoers_line(user, commands))
    if "not found" in match[0]:
        raise ServiceError(Reason.DRIVER, f"{host}: sudo is not installed")
    if "a tty" in error:
        program = commands[0].partition(" ")[0]
        raise ServiceError(
            Reason.AUTH, f'{host}: sudo wants a terminal: write "Defaults!{foreign(program)} !requiretty" in sudoers'
        )
    if _NO_ROOT.search(error):
        raise ServiceError(Reason.AUTH, f"{host}: sudo cannot become root there: {_first(error[match.start() :])}")
    if re.search(r"password|authentication|not allowed|may not run|not in the sudoers", error):
        raise ServiceError(Reason.AUTH, f'{host}: sudo refuses without a password: allow "{line}" in sudoers')
    raise ServiceError(Reason.AUTH, f'{host}: {_first(error[match.start() :])}; sudoers needs "{line}"')


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _first(text: str) -> str:
    return foreign(text.strip().split("\n")[0], 200)
