"""Scripts on a leash: wherever they run, they end with this process, and after a limit of their own.

A script goes to the standard input of `sh -s` at the far end of a command (ssh, docker exec, …) that carries its
standard input there. The caller keeps that input open; when it closes, for whatever cause, the shell at the far end
kills its own process group. A line that dies may close nothing for hours: then the limit counts, by a clock over there.
"""

from __future__ import annotations

# On SIGTERM, the timer ends and reaps its own child: the first process of a container may reap no orphans.
_TIMER = """\
( trap 'kill -KILL "$!"; wait; exit' TERM; sleep {limit} & wait "$!" && kill -KILL 0 ) </dev/null >/dev/null 2>&1 3<&- &
timer=$!"""

# One compound command: the shell has parsed all of it, so that the rest of its input is the leash.
_LEASH = """\
{{
exec 3<&0 </dev/null
( read -r end <&3; kill -KILL 0 ) >/dev/null 2>&1 &
leash=$!
{timer}
( :
{script}
) 3<&-
code=$?
exec 2>/dev/null
kill -KILL "$leash"; kill "$timer"; wait
exit "$code"
}}
"""

# The command inherits the input: it carries the script and the leash on.
_LIMIT = """\
{timer}
{command}
code=$?
exec 2>/dev/null
kill "$timer"; wait
exit "$code"
"""


def on_leash(script: str, limit: int) -> str:
    """Return the input of `sh -s` that runs a POSIX shell script with no input of its own.

    Keep the input open until the script has ended.

    Args:
        script: complete commands of the POSIX shell.
        limit: seconds after which the shell kills itself and all its children.
    """
    return _LEASH.format(timer=_TIMER.format(limit=limit), script=script)


def with_limit(command: str, limit: int) -> str:
    """Return a POSIX shell script that runs a command and kills itself with it after ``limit`` seconds.

    The command inherits the standard input, so that it may carry a script :func:`on_leash` further.
    """
    return _LIMIT.format(timer=_TIMER.format(limit=limit), command=command)
