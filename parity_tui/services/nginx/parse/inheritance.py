"""Which directives the blocks inside a block inherit."""

from __future__ import annotations

from parity_tui.services._webconfig import PRESENT

_LOCAL = frozenset(
    {"listen", "listen options", "listen without TLS", "server_name", "default server", "set", "if", "rewrite",
     "break", "return",
     "try_files", "internal", "alias", "files by", "limit_except", "location", "empty_gif", "stub_status", "flv", "mp4",
     "hls", "random_index", "js_content", "js_set", "perl", "default", "entries", "shares",
     PRESENT}
)  # fmt: skip
_LOCAL_STARTS = ("order of ",)
_LOCAL_ENDS = (" target", "_by_lua", "_by_lua_file", "_by_lua_block")


def family(name: str) -> str:
    """Return the directives that replace each other together where a block sets one of them, "" for a local one.

    A server that sets one header gets none of those around it.

    >>> family("add_header[X-A]"), family("type[css]"), family("gzip"), family("return"), family("proxy_pass target")
    ('add_header', 'types', 'gzip', '', '')
    """
    directive = name.partition("[")[0]
    if directive in _LOCAL or directive.startswith(_LOCAL_STARTS) or directive.endswith(_LOCAL_ENDS):
        return ""
    return "types" if directive == "type" else directive
