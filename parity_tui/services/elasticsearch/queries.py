"""The requests: GET only."""

from __future__ import annotations

_NODE = ",".join(
    f"nodes.*.{name}"
    for name in (
        "name",
        "version",
        "roles",
        "plugins.name",
        "plugins.version",
        "jvm.version",
        "jvm.start_time_in_millis",
        "jvm.mem.heap_max_in_bytes",
    )
)

INFO = "/"
SETTINGS = "/_cluster/settings?include_defaults=true&flat_settings=true"
NODES = f"/_nodes/plugins,jvm?filter_path=_nodes,{_NODE}"
"""the filter leaves out addresses, paths and the arguments of the JVM, which may hold passwords"""

PATHS = (INFO, SETTINGS, NODES)
