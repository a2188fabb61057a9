"""Elasticsearch and OpenSearch, told apart by their own signs: version, settings, nodes and plug-ins over HTTP.

One kept connection and GET only: `/`, `/_cluster/settings` with defaults, and `/_nodes/plugins,jvm`, of which a filter
leaves addresses, paths and arguments out. All three are asked in one round trip. The settings are those of the node
that answers; transient and persistent ones hold for the whole cluster. A user and a password log in by basic
authentication; a password without a user is an API key.

Least privilege: the cluster privilege `monitor` (OpenSearch: `cluster_monitor`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

from parity_tui.model import Dialer, HiddenGroup, Image, Reading, ReadOnce, Service, Target, TlsMode
from parity_tui.services.elasticsearch.errors import FORBIDDEN, OPENSEARCH_FORBIDDEN, SERVERLESS
from parity_tui.services.elasticsearch.parse import parse
from parity_tui.services.elasticsearch.queries import PATHS
from parity_tui.services.elasticsearch.remediation import remediate
from parity_tui.services.elasticsearch.rules import RULES
from parity_tui.transport.password import password_of
from parity_tui.transport.threads import in_thread_if_large


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Yield the function that reads, on one kept connection."""
    from parity_tui.transport.http import Http  # imports h11, which few targets need

    password = await password_of(target)
    path = quote(target.path.strip("/"), safe="/%")
    url = f"http{'s' * (target.tls is not TlsMode.OFF)}://{target.address}/{path}"
    http = Http(dialer, url, target.user, password, "tls", api_key=not target.user)

    async def read() -> Reading:
        """Ask all three questions in one round trip."""
        replies = await http.get(*PATHS)
        return await in_thread_if_large(sum(len(reply.body) for reply in replies), parse, replies, target)

    try:
        yield read
    finally:
        http.end()


def claims(scheme: str, service: str, path: str) -> str:
    """Return the own scheme of an http(s) URL whose service is named as its product is, else "".

    >>> claims("https", "opensearch", ""), claims("http", "elasticsearch", ""), claims("http", "web", "")
    ('opensearchs', 'elasticsearch', '')
    """
    ours = scheme in ("http", "https") and service in ("elasticsearch", "opensearch")
    return f"{service}{scheme.removeprefix('http')}" if ours else ""


SERVICE = Service(
    title="Elasticsearch / OpenSearch",
    schemes=("elasticsearch", "elasticsearchs", "opensearch", "opensearchs"),
    connect=connect,
    privilege=(
        'POST /_security/role/parity {"cluster": ["monitor"]}\n'
        'POST /_security/user/parity {"password": "PASSWORD", "roles": ["parity"]}\n'
        'OpenSearch: PUT /_plugins/_security/api/roles/parity {"cluster_permissions": ["cluster_monitor"]}'
    ),
    rules=RULES,
    claims=claims,
    port=9200,
    tls_port=443,
    tls_schemes=("elasticsearchs", "opensearchs"),
    scheme_aliases={
        **dict.fromkeys(("es", "es+http", "elasticsearch+http"), "elasticsearch"),
        **dict.fromkeys(("ess", "es+https", "elasticsearch+https"), "elasticsearchs"),
        "opensearch+http": "opensearch",
        "opensearch+https": "opensearchs",
    },
    tls_options={"ca_certs": "ca", "verify_certs": {"false": "unverified", "true": "on"}},
    ignored_options=("timeout", "max_retries", "retry_on_timeout", "http_compress", "sniff_on_start"),
    login_in_reading=True,
    release=2,
    role="search",
    images=(
        Image(
            "elasticsearch",
            ("elasticsearch", "elasticsearch-oss", "elasticsearch-wolfi"),
            password=("ELASTIC_PASSWORD",),
            default_user="elastic",
        ),
        Image("opensearch", ("opensearch",), password=("OPENSEARCH_INITIAL_ADMIN_PASSWORD",), default_user="admin"),
    ),
    hidden=(
        HiddenGroup("*", FORBIDDEN, 'POST /_security/role/ROLE with "cluster": ["monitor"], for a role of the user'),
        HiddenGroup(
            "*",
            OPENSEARCH_FORBIDDEN,
            'PUT /_plugins/_security/api/roles/ROLE with "cluster_permissions": ["cluster_monitor"]',
        ),
        HiddenGroup("*", SERVERLESS),
    ),
    remediate=remediate,
)
