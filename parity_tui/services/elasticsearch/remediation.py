"""The request or the line that would set a value, as text for a person to copy."""

from __future__ import annotations

import json
import re

from parity_tui.model import Fact, State

_DYNAMIC = re.compile(
    r"(?:cluster\.(?:routing|max_shards|blocks|info|indices)|indices\.(?:breaker|recovery|lifecycle)"
    r"|action\.(?:auto_create|destructive)|search\.(?!worker)|ingest\.geoip\.downloader|logger|script\.max_comp"
    r"|xpack\.monitoring\.collection|slm|plugins\.)[\w.]*",
    re.ASCII,
)
"""settings that the API changes; all others are those of a node's configuration file"""

_NOT_SETTABLE = ("nodes", "node versions", "roles", "lucene", "build_flavor", "build_type", "jvm.version")


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    """Return the request that sets the value, or the line of the configuration file; "" for neither.

    >>> print(remediate("cluster.max_shards_per_node", "2000", Fact("1000")))
    PUT /_cluster/settings {"persistent": {"cluster.max_shards_per_node": "2000"}}
    >>> print(remediate("http.max_content_length", "200mb", Fact("100mb")))
    http.max_content_length: 200mb   # in the configuration file of each node, then a restart
    >>> print(remediate("plugin.analysis-icu", "8.1.0", Fact(state=State.ABSENT)))
    bin/elasticsearch-plugin install analysis-icu   # on each node, then a restart (OpenSearch: opensearch-plugin)
    """
    if setting.startswith("plugin."):
        name = setting.removeprefix("plugin.")
        if fact.state is not State.ABSENT or not re.fullmatch(r"[\w-]+", name, re.ASCII):
            return ""
        return (
            f"bin/elasticsearch-plugin install {name}   # on each node, then a restart (OpenSearch: opensearch-plugin)"
        )
    if (
        fact.state is not State.VALUE
        or setting in _NOT_SETTABLE
        or not re.fullmatch(r"[\w .:%/*+-]+", wanted, re.ASCII)
    ):
        return ""
    if setting == "jvm.heap":
        size = f"{int(wanted) >> 20}m" if wanted.isdecimal() and len(wanted) < 18 else ""
        return f"-Xms{size} -Xmx{size}   # in jvm.options.d of each node, then a restart" if size else ""
    if _DYNAMIC.fullmatch(setting):
        return f"PUT /_cluster/settings {json.dumps({'persistent': {setting: wanted}})}"
    return f"{setting}: {wanted}   # in the configuration file of each node, then a restart"
