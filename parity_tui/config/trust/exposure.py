"""Whether other users can write a configuration, or replace it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

_MAX_LINKS = 40
_ACL = "system.posix_acl_access"
"""an access list, whose mask shows as the group's rights"""


def exposure(path: Path, *, named: bool) -> str:
    """Return why a configuration is not used, and the remedy; "" if only its user and root can change it.

    The file, the links that lead to it and every folder above them are examined. A missing file is not exposed.

    Args:
        path: the file.
        named: whether the user named the file, and so consented to its owner.
    """
    try:
        for part, status in _parts(path):
            if not named and status.st_uid not in (os.geteuid(), 0):
                return _foreign(path, part, _name(status.st_uid))
            if not stat.S_ISLNK(status.st_mode) and _writable_by_others(part, status):
                return _writable(path, part, stat.S_ISDIR(status.st_mode))
    except (OSError, ValueError):  # reading the file reports it
        pass
    return ""


def _parts(path: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield every folder, link and file on the way to ``path``, from the root on. Raises OSError."""
    done, pending = "/", [part for part in reversed(os.path.abspath(path).split("/")) if part]
    yield done, os.lstat(done)
    links = 0
    while pending:
        part = pending.pop()
        if part == "..":
            done = os.path.dirname(done)
            continue
        current = os.path.join(done, part)
        status = os.lstat(current)
        yield current, status
        if not stat.S_ISLNK(status.st_mode):
            done = current
            continue
        links += 1
        if links > _MAX_LINKS:
            return
        goal = os.readlink(current)
        done = "/" if goal.startswith("/") else done
        pending += [part for part in reversed(goal.split("/")) if part not in ("", ".")]


def _writable_by_others(path: str, status: os.stat_result) -> bool:
    """Return whether others than the owner can write a file, or replace what is in a folder."""
    mode = status.st_mode
    if stat.S_ISDIR(mode) and mode & stat.S_ISVTX:  # entries of a sticky folder are replaced by their owners only
        return False
    others = bool(mode & stat.S_IWOTH) or (bool(mode & stat.S_IWGRP) and not _is_private_group(path, status.st_gid))
    return others and not os.statvfs(path).f_flag & os.ST_RDONLY


def _is_private_group(path: str, gid: int) -> bool:
    """Return whether a group has the user as its only member, as on systems with a group for each user."""
    import grp
    import pwd

    if os.geteuid() == 0 or (hasattr(os, "listxattr") and _ACL in os.listxattr(path)):
        return False
    try:
        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(gid)
    except KeyError:
        return False
    return group.gr_name == user.pw_name and user.pw_gid == gid and set(group.gr_mem) <= {user.pw_name}


def _name(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _foreign(path: Path, part: str, owner: str) -> str:
    what = f"the folder {part}" if os.path.isdir(part) else part
    return (
        f"{path} is not used: {what} belongs to {owner}, neither to you nor to root; read the file, and name it with "
        f"--config if you trust {owner}"
    )


def _writable(path: Path, part: str, is_folder: bool) -> str:
    if is_folder:
        return f"{path} is not used: others can write to the folder {part} and replace the file: chmod go-w {part}"
    return f"{path} is not used: others can write it: read it, then chmod go-w {part}"
