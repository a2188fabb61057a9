"""The line that sets a directive, as text for a person to copy."""

from __future__ import annotations

from parity_tui.model import Fact

_NOT_DIRECTIVES = ("module.", "openssl.", "build.", "order of")
_FLAGS = ("ssl", "http2", "http3", "listen_proxy_protocol", "type")
"""facts that several directives can set"""


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    r"""Return the line that sets a directive, with its context; "" if no line does.

    >>> remediate("http/client_max_body_size", "10m", Fact("1m", source="/etc/nginx/nginx.conf:7"))
    'client_max_body_size 10m;   # in http, at /etc/nginx/nginx.conf:7; then nginx -t && nginx -s reload'
    """
    context, name = _split(setting)
    directive, _, key = name.partition("[")
    if not wanted or not directive.replace("_", "").isalnum() or setting.startswith(_NOT_DIRECTIVES):
        return ""
    if directive in _FLAGS or any(sign in wanted for sign in ";\n\r{}"):
        return ""
    key = f"{key.removesuffix(']')} " if key else ""
    position = f", at {fact.source}" if ":" in fact.source else ""
    block = context or "the main file"
    return f"{directive} {key}{wanted};   # in {block}{position}; then nginx -t && nginx -s reload"


def _split(setting: str) -> tuple[str, str]:
    """Return context and name of a setting, split at the last slash outside of brackets.

    >>> _split("http/server[api]/location[/v1]/etag"), _split("http/add_header[a/b]"), _split("user")
    (('http/server[api]/location[/v1]', 'etag'), ('http', 'add_header[a/b]'), ('', 'user'))
    """
    depth = 0
    for index in range(len(setting) - 1, -1, -1):
        depth += {"]": 1, "[": -1}.get(setting[index], 0)
        if setting[index] == "/" and depth == 0:
            return setting[:index], setting[index + 1 :]
    return "", setting
