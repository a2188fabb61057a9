"""Which folders are on a network file system, as far as the system tells."""

from __future__ import annotations

import os
import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")

_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|lustre|gpfs|beegfs|ocfs2|gfs2|virtiofs|davfs|"
    r"fuse\.(?:sshfs|s3fs|glusterfs|ceph.*|davfs.*|rclone|gcsfuse|juicefs)"
)


def is_network_mount(path: Path) -> bool:
    """Return whether a path is on a network file system; False where the mounts are unknown."""
    try:
        text = MOUNTS.read_text("utf-8", "surrogateescape")
    except OSError:
        return False
    return _NETWORK.fullmatch(file_system(text, os.path.realpath(path))) is not None


def file_system(mounts: str, path: str) -> str:
    r"""Return the type of the file system that a path is on, "" if no mount has it.

    >>> text = "1 0 0:1 / / rw - ext4 /dev/a rw\n2 1 0:2 / /home/my\\040nfs rw shared:1 - nfs4 h:/x rw\n"
    >>> file_system(text, "/home/my nfs/a/b"), file_system(text, "/home/my nfsx")
    ('nfs4', 'ext4')
    """
    longest, found = -1, ""
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        words = fields.split(" ")
        if len(words) < 5 or not rest:
            continue
        point = re.sub(r"\\(\d{3})", lambda match: chr(int(match[1], 8)), words[4]).rstrip("/")
        if (path == point or path.startswith(f"{point}/")) and len(point) >= longest:
            longest, found = len(point), rest.split(" ")[0]
    return found
