"""The question, and the script that asks it on a Unix socket of another host or of a container."""

from __future__ import annotations

import re
from shlex import quote

from parity_tui.model import Output, Reason, ServiceError, Target
from parity_tui.transport.foreign import foreign

COMMANDS = "show info typed;show stat -1 7 -1;show cli level"
"""one line; the number 7 leaves listeners out: frontends, backends and servers remain"""

END = re.compile(rb"\n\n(?:user|operator|admin)\n\n\Z")
"""of a whole reply: that of the last command, which ends with an empty line as all do"""

QUESTION = f"{COMMANDS}\n".encode()

SOCKETS = (
    "/run/haproxy/admin.sock",
    "/var/run/haproxy/admin.sock",
    "/var/lib/haproxy/stats",
    "/var/run/haproxy.sock",
    "/run/haproxy.sock",
    "/tmp/haproxy.sock",  # noqa: S108 - looked for on another machine, never made
)
"""looked for where the URL names none: those of distributions and of the documentation"""

_PLAIN_PATH = re.compile(r"/[\w@%+=./-]{1,200}", re.ASCII)
"""paths that no program below takes for anything else"""

_PERL = """\
use IO::Socket::UNIX; $SIG{ALRM} = sub { exit 1 }; alarm 30;
my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or do { print STDERR "$!\\n"; exit 1 };
print $s "$ARGV[1]\\n"; $s->flush; print while <$s>;"""

_PYTHON = """\
import socket, sys
s = socket.socket(socket.AF_UNIX); s.settimeout(30); s.connect(sys.argv[1]); s.sendall(sys.argv[2].encode() + b"\\n")
while d := s.recv(65536): sys.stdout.buffer.write(d)"""

_SCRIPT = r"""{{
export LC_ALL=C
have() {{ command -v "$1" >/dev/null 2>&1; }}
socket=
for each in {sockets}; do if [ -S "$each" ]; then socket=$each; break; fi; done
if [ -z "$socket" ]; then printf '%s missing\n' {mark}; exit 0; fi
if [ ! -w "$socket" ]; then printf '%s forbidden %s\n' {mark} "$socket"; exit 0; fi
if have perl; then ask() {{ perl -e {perl} "$socket" {commands}; }}
elif have python3; then ask() {{ python3 -c {python} "$socket" {commands}; }}
elif have socat; then ask() {{ printf '%s\n' {commands} | socat -t 30 - "UNIX-CONNECT:$socket"; }}
elif have nc && nc -h 2>&1 | grep -q -e '-[A-Za-z]*U'; then ask() {{ printf '%s\n' {commands} | nc -U "$socket"; }}
else printf '%s tool\n' {mark}; exit 0
fi
printf '%s reply\n' {mark}
ask
printf '%s end %s\n' {mark} "$?"
}} </dev/null
"""


def script(target: Target, mark: str) -> str:
    """Return the script that asks the target's socket; lines with ``mark`` enclose the reply. Raises ServiceError."""
    path = f"/{target.path.lstrip('/')}" if target.path.strip("/") else ""
    if path and not _PLAIN_PATH.fullmatch(path):
        raise ServiceError(Reason.CONFIG, "the URL's path must be that of a socket: letters, digits and /.-_@%+= only")
    sockets = " ".join(map(quote, (path,) if path else SOCKETS))
    return _SCRIPT.format(
        sockets=sockets, mark=mark, perl=quote(_PERL), python=quote(_PYTHON), commands=quote(COMMANDS)
    )


def reply_of(output: Output, mark: str) -> bytes:
    """Return the reply in the output of the script. Raises ServiceError with the reason why it has none."""
    head, _, rest = output.out.partition(b"\n")
    words = head.decode(errors="replace").removeprefix(mark).split()
    match words:
        case ["reply"]:
            reply, found, code = rest.rpartition(f"{mark} end ".encode())
            if found and (code.strip() == b"0" or END.search(reply[-20:])):
                return reply
            trouble = output.error.decode(errors="replace").strip().splitlines()
            ending = f": {foreign(trouble[-1], 200)}" if trouble else ""
            raise ServiceError(Reason.SERVER, f"HAProxy's socket does not answer{ending}")
        case ["missing"]:
            raise ServiceError(Reason.REFUSED, "there is no stats socket: name its path in the URL, …/run/haproxy.sock")
        case ["forbidden", *path]:
            raise ServiceError(Reason.FORBIDDEN, f"this user may not write to the socket {' '.join(path)}")
        case ["tool"]:
            text = "no program there can ask a Unix socket: install socat, perl, python3 or an nc with -U"
            raise ServiceError(Reason.DRIVER, text)
        case _:
            raise ServiceError(Reason.SERVER, "the script that asks HAProxy's socket printed no reply")
