"""Runs the board in a child process, so that the terminal is whole again whatever ends the board.

A driver in C may end its process by a signal, and so may the machine when it runs out of RAM; no handler of ours runs
then. The parent waits, passes signals on, stops and goes on with the child, and exits with its code.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
import time
from collections.abc import Callable
from typing import Any, NoReturn

from parity_tui.cli.exit import Exit

_PASSED_ON = {
    signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGWINCH, signal.SIGUSR1, signal.SIGUSR2,
    signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE,
}  # fmt: skip
_ORDERLY = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""signals that end a program on request"""
_BY_TERMINAL = (signal.SIGINT, signal.SIGQUIT, signal.SIGWINCH)
"""signals that a terminal sends to every process of its foreground"""
_GRACE = 0.1
"""seconds for a signal or a continuation that the terminal or the shell sends to the child as well"""
_LARGEST_REPORT = 64 * 1024
"""bytes of the stack, and of a pipe"""


def guarded(show: Callable[[], int]) -> int:
    """Return the exit code of ``show``, called in a child process; without a terminal, in this one."""
    try:
        attributes = termios.tcgetattr(0)
    except (termios.error, OSError):
        return show()
    report, report_end = os.pipe()
    lifeline, lifeline_end = os.pipe()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {*_PASSED_ON, signal.SIGCHLD})
    child = os.fork()
    if child:
        os.close(report_end)
        os.close(lifeline)
        _attend(child, attributes, report)
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    os.close(report)
    os.close(lifeline_end)
    _report_faults(report_end)
    from parity_tui.ui.terminal.shutdown import end_with_parent  # here: what is imported before is copied for the child

    end_with_parent(lifeline)
    return show()


def _report_faults(descriptor: int) -> None:
    """Write the stack to the parent when a signal ends this process."""
    import faulthandler

    os.set_blocking(descriptor, False)  # a stack longer than the pipe must not keep the process from ending
    faulthandler.enable(descriptor)


def _attend(child: int, attributes: list[Any], report: int) -> NoReturn:
    """Take part in the life of the child, and exit as it does."""
    for number in (signal.SIGCHLD, signal.SIGWINCH):  # macOS does not queue a signal that is ignored
        signal.signal(number, lambda *_: None)
    while True:
        received, by_terminal = _next_signal()
        if received in _ORDERLY:
            time.sleep(_GRACE)
        changed, status = os.waitpid(child, os.WNOHANG | os.WUNTRACED)
        if changed and os.WIFSTOPPED(status):
            changed, status = _stop_with(child)
        if changed:
            _exit_as(status, attributes, report)
        if received != signal.SIGCHLD and not by_terminal:
            os.kill(child, received)


def _next_signal() -> tuple[int, bool]:
    """Wait for a signal; return its number, and whether the terminal has sent it, to the child as well."""
    awaited = {*_PASSED_ON, signal.SIGCHLD}
    if sys.platform == "darwin":  # it does not tell the sender
        number = signal.sigwait(awaited)
        return number, number in _BY_TERMINAL
    info = signal.sigwaitinfo(awaited)
    return info.si_signo, info.si_signo in _BY_TERMINAL and info.si_code > 0


def _stop_with(child: int) -> tuple[int, int]:
    """Stop as the child has stopped, and go on with it; return its number and status if it has ended meanwhile.

    The shell continues both processes, other programs only this one.
    """
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(_GRACE)
    changed, status = os.waitpid(child, os.WNOHANG | os.WCONTINUED)
    if not changed:
        os.kill(child, signal.SIGCONT)
    return (0, 0) if not changed or os.WIFCONTINUED(status) else (changed, status)


def _exit_as(status: int, attributes: list[Any], report: int) -> NoReturn:
    """Exit with the child's code, by the same signal where a person has sent it, and else restore the terminal."""
    if os.WIFEXITED(status):
        os._exit(os.WEXITSTATUS(status))
    from parity_tui.ui.terminal.shutdown import restore

    restore(attributes)
    number = os.WTERMSIG(status)
    if number in _ORDERLY:
        signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
        os.kill(os.getpid(), number)
    with contextlib.suppress(Exception):
        sys.stderr.write(f"parity-tui: {_last_words(number, report)}\n")
        sys.stderr.flush()
    os._exit(Exit.FAULT)


def _last_words(number: int, report: int) -> str:
    if number == signal.SIGKILL:
        return "the board was killed (signal 9), possibly out of memory"
    os.set_blocking(report, False)
    try:
        stack = os.read(report, _LARGEST_REPORT).decode(errors="replace")
    except BlockingIOError:
        stack = ""
    from parity_tui.crash_report import log_location

    name = (signal.strsignal(number) or "").lower()
    return f"the board crashed with signal {number} ({name}), a bug in parity-tui or a driver; {log_location(stack)}"
