"""Targets of this machine in an environment whose services are behind an ssh host."""

from __future__ import annotations

from msgspec.structs import replace

from parity_tui import services
from parity_tui.model import Target
from parity_tui.transport.command import way_of


def misplaced_hint(target: Target, ssh: str) -> str:
    """Return why a target would show this machine as that of the environment, and what to write; "" if it would not."""
    means = f"{target.scheme}:// means {misplaced_kind(target)} of this machine, not of {ssh}: "
    if way_of(target) == "local":
        return f"{means}write {target.kind}+ssh://{ssh.removeprefix('ssh://')}"
    return f"{means}use host and port" if target.is_unix_socket else ""


def misplaced_kind(target: Target) -> str:
    """Return which part of this machine a target is, "" for a server; containers are at the far end of ssh."""
    if way_of(target) in ("local", "docker"):
        return "a container" if way_of(target) == "docker" else "programs"
    return "a Unix socket" if target.is_unix_socket else ""


def with_file_note(target: Target, ssh: str) -> Target:
    """Return the target with a note if it is a file of this machine."""
    if target.path and not target.host and not services.kinds()[target.kind].port:
        return replace(target, notes=(*target.notes, f"the file is read on this machine, not on {ssh}"))
    return target
