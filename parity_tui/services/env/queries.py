"""The shell scripts that print the environment of a process or of a container."""

from __future__ import annotations

from shlex import quote

_PROCESS = r"""(
P={process}
case $P in *[!0-9]*)
  if ! command -v systemctl >/dev/null 2>&1; then printf '\n{mark} no-systemd\n'; exit; fi
  P=$(systemctl show -p MainPID -- "$P" 2>/dev/null); P=${{P#MainPID=}}
  case $P in ''|0) printf '\n{mark} not-running\n'; exit ;; esac
esac
if [ ! -r /proc/self/environ ]; then printf '\n{mark} no-proc\n'; exit; fi
if [ ! -d "/proc/$P" ]; then printf '\n{mark} gone\n'; exit; fi
printf '\n{mark} started %s\n' "$(sed 's/.*) //' "/proc/$P/stat" | cut -d ' ' -f 20)"
cat "/proc/$P/environ"
printf '\n{mark} end %s\n' "$?"
) 2>/dev/null </dev/null
"""

_CONTAINER = r"""{engine} inspect --type container \
  --format '{{{{json .State.StartedAt}}}} {{{{json .Config.Env}}}}' -- {container} </dev/null
"""


def process_script(process: str, mark: str) -> str:
    """Return the script that prints the environment of a process, given by its number or by its systemd unit.

    Lines that begin with ``mark`` enclose it; variables are separated by null bytes.
    """
    return _PROCESS.format(process=quote(process), mark=mark)


def container_script(container: str, engine: str) -> str:
    """Return the script that prints, as JSON, when a container started and the variables that it was started with."""
    return _CONTAINER.format(engine=engine, container=quote(container))
