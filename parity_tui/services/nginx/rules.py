"""Rules for directives in any context, modules and the build."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from msgspec.structs import replace

from parity_tui.drift.policy import matches
from parity_tui.model import Rule, Severity, ValueType
from parity_tui.services._webconfig import PRESENT, blocks_around

C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741


_LIMITS = re.compile(r"client_max_body_size|(?:proxy|fastcgi|uwsgi|grpc)_read_timeout|(?:proxy|fastcgi)_buffer_size")
"""directives that are limits which the app may rely on"""


def _any_context(name: str, severity: Severity, why: str, *, capacity: bool = False) -> tuple[Rule, Rule]:
    """Return the rules of a directive: at the top level and in any block. Another version never explains why it is
    missing, because people write configurations.
    """
    rule = Rule(name, severity, why, capacity=capacity, explained_by=blocks_around)
    if _LIMITS.fullmatch(name):
        rule = replace(rule, unit="B", safer="higher")  # a unit that is written counts
    return rule, replace(rule, name=f"*/{name}")


_HOST = "Belongs to the host."
_NAMES = "Each environment has its own names."

_DIRECTIVES: tuple[tuple[Severity, str, str], ...] = (
    (N, "listen", "Addresses and ports belong to the host; protocols and options are compared."),
    (N, "server_name", _NAMES),
    (N, "root", _HOST),
    (N, "alias", _HOST),
    (N, "user", _HOST),
    (N, "pid", _HOST),
    (N, "lock_file", _HOST),
    (N, "load_module", "Compared as modules."),
    (N, "error_log", _HOST),
    (N, "access_log", _HOST),
    (N, "resolver", "Name servers belong to the network."),
    (N, "*_temp_path", _HOST),
    (N, "*_cache_path", _HOST),
    (N, "*ssl_certificate", "The paths of certificates belong to the host."),
    (N, "*ssl_certificate_key", "The paths of certificates belong to the host."),
    (N, "*ssl_trusted_certificate", "The paths of certificates belong to the host."),
    (N, "*ssl_client_certificate", "The paths of certificates belong to the host."),
    (N, "ssl_dhparam", _HOST),
    (N, "ssl_password_file", _HOST),
    (N, "auth_basic_user_file", _HOST),
    (N, "set_real_ip_from", "The networks of the proxies in front belong to the environment."),
    (N, "fastcgi_pass target", "Addresses behind it belong to the environment."),
    (N, "uwsgi_pass target", "Addresses behind it belong to the environment."),
    (N, "scgi_pass target", "Addresses behind it belong to the environment."),
    (N, "memcached_pass target", "Addresses behind it belong to the environment."),
    (N, "fastcgi_param[DOCUMENT_ROOT]", _HOST),
    (N, "daemon", "How the server is started belongs to the host."),
    (N, "master_process", "How the server is started belongs to the host."),
    (C, "client_max_body_size", "Larger uploads are refused with 413 on one side only."),
    (C, "proxy_read_timeout", "Slow responses fail with 504 on one side only."),
    (C, "fastcgi_read_timeout", "Slow responses fail with 504 on one side only."),
    (C, "uwsgi_read_timeout", "Slow responses fail with 504 on one side only."),
    (C, "grpc_read_timeout", "Slow responses fail with 504 on one side only."),
    (C, "proxy_buffer_size", "Responses with large cookies or headers fail with 502."),
    (C, "fastcgi_buffer_size", "Responses with large cookies or headers fail with 502."),
    (C, "large_client_header_buffers", "Requests with large cookies or long URLs are refused with 400 or 414."),
    (C, "underscores_in_headers", "Headers with an underscore are silently dropped."),
    (C, "ignore_invalid_headers", "Headers with unusual names are silently dropped."),
    (C, "merge_slashes", "Requests reach the app with a different path, and different locations match."),
    (C, "proxy_pass target", "Requests reach the app with a different scheme or path."),
    (C, "grpc_pass target", "Requests reach the app with a different scheme or path."),
    (C, "proxy_set_header[*]", "The app sees a different host, scheme or client: wrong redirects and links."),
    (C, "fastcgi_param[*]", "The app sees a different host, scheme or client: wrong redirects and links."),
    (C, "uwsgi_param[*]", "The app sees a different host, scheme or client: wrong redirects and links."),
    (C, "grpc_set_header[*]", "The app sees a different host, scheme or client."),
    (C, "listen_proxy_protocol", "One side refuses every connection that has no PROXY header, or one that has it."),
    (C, "rewrite", "Different URLs reach the app, or are matched in a different order."),
    (C, "return", "The response differs."),
    (C, "try_files", "A different file is served, or the app is reached in a different way."),
    (C, "order of regular locations", "The first match wins."),
    (C, "order of regular expressions", "The first match wins."),
    (C, "order of rewrite directives", "They run in this order: a variable set later is empty before."),
    (C, "files by", "With alias the location's path is left out of the file's, with root it is part of it."),
    (W, "default server", "Requests for unknown names, and health checks by IP address, reach a different host."),
    (W, "weights", "Requests are balanced by a different method."),
    (W, "*_cache_zone[*]", "Fewer responses are cached, or for a different time."),
    (C, "order of conditions", "They are tried in this order."),
    (C, "satisfy", "Access rules differ: some clients are refused on one side."),
    (C, "auth_basic", "One side asks for a password."),
    (C, "auth_request", "One side asks the app for authorization."),
    (C, "entries", "Entries of a map differ."),
    (W, "access", "Access by IP address, checked in this order: some clients are refused on one side."),
    (W, "real_ip_header", "The app sees the proxy's address instead of the client's."),
    (W, "real_ip_recursive", "The app may see a different client address."),
    (W, "proxy_redirect", "Redirects of the app may expose an internal address."),
    (W, "proxy_http_version", "WebSockets and kept connections to the app need 1.1."),
    (W, "proxy_buffering", "Streams and server-sent events are delayed."),
    (W, "proxy_request_buffering", "Uploads reach the app as they come, or all at once."),
    (W, "proxy_intercept_errors", "Error pages of the app are replaced."),
    (W, "proxy_next_upstream", "Failed requests are retried: some may run twice."),
    (W, "proxy_cache", "Stale responses are served on one side only."),
    (W, "proxy_cache_*", "Different responses are cached, or for a different time."),
    (W, "proxy_ssl_*", "The app's certificate is verified on one side only."),
    (W, "proxy_buffers", "Large responses are buffered on disk."),
    (W, "*_timeout", "Slow clients or responses are cut off."),
    (W, "ssl", "Secure cookies, HSTS and redirects only work with TLS."),
    (W, "ssl_protocols", "Old clients are refused."),
    (W, "ssl_ciphers", "Old clients are refused."),
    (W, "ssl_verify_client", "One side requires a client certificate."),
    (W, "ssl_*", "TLS behaves differently."),
    (W, "gzip", "Responses lose Content-Length and get a different ETag."),
    (W, "gzip_*", "Different responses are compressed."),
    (W, "http2", "Headers come in lower case and connections are shared."),
    (W, "http3", "HTTP/3 over UDP is offered on one side only."),
    (W, "add_header[*]", "Browsers apply different rules for caching, framing and origins."),
    (W, "error_page", "Error pages differ."),
    (W, "default_type", "Files with an unknown extension are shown, or downloaded."),
    (W, "etag", "Clients can cache responses on one side only."),
    (W, "expires", "Clients cache responses for a different time."),
    (W, "absolute_redirect", "Redirects are absolute, or relative."),
    (W, "port_in_redirect", "Redirects expose an internal port."),
    (W, "server_name_in_redirect", "Redirects use a different host name."),
    (W, "limit_req*", "Clients are slowed down or refused."),
    (W, "limit_conn*", "Clients are slowed down or refused."),
    (W, "limit_except*", "Some HTTP methods are refused."),
    (W, "internal", "Clients can request it on one side only."),
    (W, "index", "A different index file is served for a directory."),
    (W, "autoindex", "The names of all files are shown."),
    (W, "sub_filter", "Pages are modified by a filter."),
    (W, "server parameters", "How soon an unreachable app server is taken out."),
    (W, "error_log level", "Errors are logged, or lost; more logging costs disk and time."),
    (W, "resolver options", "Moved servers are found sooner or later, or also by IPv6."),
    (I, "access_log format", "Requests are logged in a different format, or not at all."),
    (W, "trusted proxies", "The app sees the proxy's address instead of the client's."),
    (I, "listen options", "Connections are accepted differently under load."),
    (W, "listen without TLS", "Requests without TLS are answered by this host, or refused."),
    (W, "backup servers", "Servers wait for the others to fail on one side only, or more of them."),
    (W, "keepalive", "Connections to the app are reused on one side only."),
    (W, "types", "Without a list of types, styles and scripts are sent as plain text."),
    (I, "server_tokens", "Exposes the version to every client."),
    (I, "env[*]", "Modules see different environment variables."),
    (W, "set[*]", "Rules and headers that use the variable behave differently."),
    (W, "log_format[*]", "Log parsers and dashboards see different fields."),
    (W, "charset*", "Browsers assume a different character encoding."),
    (
        W,
        "chunked_transfer_encoding",
        "Streamed responses fail for clients that need chunked encoding, or cannot read it.",
    ),
    (W, "client_body_buffer_size", "Larger requests are written to disk before the app gets them."),
    (W, "client_header_buffer_size", "Requests with larger headers need a second, slower buffer."),
    (W, "fastcgi_buffers", "Large responses are buffered on disk."),
    (W, "uwsgi_buffers", "Large responses are buffered on disk."),
    (W, "*_max_temp_file_size", "Large responses are delayed, or fill the disk."),
    (W, "*_ignore_client_abort", "The app finishes, or is cut off, when a client goes away."),
    (W, "*_next_upstream*", "Failed requests are retried: some may run twice."),
    (W, "*_cache_zone", "Fewer responses are cached, or for a different time."),
    (W, "*_cache", "Stale responses are served on one side only."),
    (W, "*_hide_header", "Clients see a header of the app, or not."),
    (W, "*_pass_header", "Clients see a header of the app, or not."),
    (W, "*_ignore_headers", "Headers of the app control caching and buffering, or are ignored."),
    (W, "*_pass_request_*", "The app gets headers or the body, or not."),
    (W, "*_bind", "The app sees a different address."),
    (W, "*_buffering", "Responses are buffered until complete, or streamed."),
    (W, "*_buffers", "Large responses are buffered on disk."),
    (W, "*_buffer_size", "Larger headers or responses fail, or are buffered on disk."),
    (W, "*_intercept_errors", "Error pages of the app are replaced."),
    (W, "*_store*", "Responses are stored as files."),
    (W, "*_method", "The app gets a different HTTP method."),
    (W, "*_cookie_*", "Cookies of the app get a different domain, path or flag."),
    (W, "if_modified_since", "Clients' cached copies are valid for longer, or never."),
    (W, "keepalive_requests", "Connections end after so many requests; clients reconnect more often."),
    (W, "keepalive_disable", "Some browsers get a connection for each request."),
    (W, "keepalive_min_timeout", "Connections are kept open for a different minimum time."),
    (W, "lingering_*", "Uploads that are refused end with an error page, or with a reset."),
    (W, "recursive_error_pages", "An error page can itself be replaced, or not."),
    (W, "reset_timedout_connection", "Slow clients are reset, or closed cleanly."),
    (W, "max_ranges", "Downloads can be resumed, or not."),
    (W, "msie_*", "Old browsers get different responses."),
    (W, "auth_*", "Authentication differs: some clients are refused on one side."),
    (W, "secure_link*", "Signed links are accepted on one side only."),
    (W, "brotli*", "Different responses are compressed."),
    (W, "zstd*", "Different responses are compressed."),
    (W, "gunzip*", "Clients without gzip get decompressed responses."),
    (W, "sub_filter*", "Pages are modified by a filter."),
    (W, "add_*", "Text is added to responses."),
    (W, "more_*", "Headers are modified."),
    (W, "mirror*", "Requests are copied to another server."),
    (W, "dav_*", "Clients can write files."),
    (W, "*_by_lua*", "Different code runs for each request."),
    (W, "perl*", "Different code runs for each request."),
    (W, "js_*", "Different code runs for each request."),
    (W, "stub_status", "Server metrics are exposed there."),
    (W, "ssi*", "Server-side includes are run, or shown as text."),
    (W, "hash", "A client's requests go to a different server."),
    (W, "ip_hash", "A client's requests go to a different server."),
    (W, "least_conn", "Requests are balanced by a different method."),
    (W, "random", "Requests are balanced by a different method."),
    (W, "zone", "Workers share the state of upstream servers, or each keeps its own."),
    (W, "limit_rate*", "Downloads are slower."),
    (W, "valid_referers", "Links from other sites are refused."),
    (W, "geoip*", "Clients are located in a different country."),
    (W, "protocol", "Clients use a different protocol."),
    (W, "ssl_preread", "Connections are routed by name without being decrypted."),
    (I, "multi_accept", "A worker accepts one new connection at a time, or all."),
    (I, "accept_mutex*", "Workers share new connections differently."),
    (I, "use", "Connections are polled by a different kernel method."),
    (I, "sendfile*", "The kernel sends files: faster, but stale on shared folders of virtual machines."),
    (I, "tcp_nodelay", "Small responses are sent at once, or delayed."),
    (I, "tcp_nopush", "Headers and file are sent in one packet."),
    (I, "aio*", "Reading files delays other requests, or not."),
    (I, "directio*", "Large files bypass the cache of the kernel."),
    (I, "open_file_cache*", "Replaced files are served later."),
    (I, "output_buffers", "Memory for each answer read from disk."),
    (I, "postpone_output", "More or less data is buffered before sending."),
    (I, "*_hash_*", "Memory for long names; if too small, the configuration does not load."),
    (I, "pcre_jit", "Speed of regular expressions."),
    (I, "thread_pool", "More or fewer threads read files."),
    (I, "worker_*", "Sized to the host."),
    (I, "timer_resolution", "Log timestamps are more or less precise."),
    (I, "debug_*", "More is logged for some clients."),
    (I, "log_not_found", "Missing files are logged, or not."),
    (I, "log_subrequest", "Subrequests are logged, or not."),
    (I, "open_log_file_cache", "Log files with variable names stay open."),
    (I, "autoindex_*", "Directory listings look different."),
    (I, "disable_symlinks", "Links to files outside are followed, or refused."),
)


def importance(names: Iterable[str]) -> str:
    """Return the severity of the gravest of a block's directives, given their full names: that of its absence.

    >>> importance(["gzip", "if[$a]/proxy_set_header[A]"]), importance(["log_not_found"]), importance(["root"])
    ('critical', 'info', 'warning')
    """
    found = set(map(_severity, names))
    return "critical" if C in found else "warning" if W in found else "info"


@lru_cache(maxsize=20_000)
def _severity(name: str) -> Severity:
    around = blocks_around(name)
    directive = name[len(around[-1]) - len(PRESENT) :] if around else name
    if directive == "root":
        return W  # its value belongs to the host
    return next((severity for severity, pattern, _ in _DIRECTIVES if matches(pattern, directive)), I)


RULES: tuple[Rule, ...] = (
    Rule("version", C, "Directives that one side does not know keep its configuration from loading."),
    Rule("product", C, "A different web server in the same role supports different directives."),
    Rule("configuration", C, "An unreadable file may change any directive.", explained_by=""),
    Rule(
        "module.*",
        C,
        "Without its module a directive is unknown: the configuration does not load.",
        explained_by="",
        safer="complete",
    ),
    Rule("openssl.mismatch", W, "It runs with a different TLS library than it was built with.", ValueType.BOOL),
    Rule("openssl.*", W, "TLS features and security fixes depend on the library.", explained_by=""),
    Rule("build.*", I, "Build options differ.", explained_by=""),
    Rule("http/type[*", I, "Browsers handle a file by its type.", explained_by="http/types"),
    Rule("*/type[*", I, "Browsers handle a file by its type.", explained_by=blocks_around),
    Rule("*/server[*/present", C, "Requests to this host are answered by another one.", explained_by=blocks_around),
    Rule("*/upstream[*/present", I, "Only its own addresses and options differ.", explained_by=blocks_around),
    Rule("*/map[*/present", W, "A variable is not set on one side.", explained_by=blocks_around),
    Rule("*/geo[*/present", W, "A variable is not set on one side.", explained_by=blocks_around),
    Rule("*/split_clients[*/present", W, "A variable is not set on one side.", explained_by=blocks_around),
    Rule(
        "*/present",
        I,
        "Other directives apply to these requests.",
        explained_by=blocks_around,
        by_value={"yes, critical": C, "yes, warning": W},
    ),
    Rule("http/map[*", W, "A variable gets a different value.", explained_by=blocks_around),
    Rule("*/map[*", W, "A variable gets a different value.", explained_by=blocks_around),
    Rule("*/split_clients[*", W, "A different share of clients gets each value.", explained_by=blocks_around),
    Rule("*/text", C, "A condition with a secret in it differs.", explained_by=blocks_around),
    Rule("http/geo[*", W, "A variable gets a different value.", explained_by=blocks_around),
    *_any_context("worker_connections", I, "More clients at once are refused.", capacity=True),
    *_any_context("servers", I, "More or fewer servers share the load.", capacity=True),
    Rule("worker_processes", I, "Sized to the host.", explained_by=""),
    *(rule for severity, name, why in _DIRECTIVES for rule in _any_context(name, severity, why)),
    Rule("*/server", N, "Addresses behind it belong to the environment."),
    Rule("*", I, "", explained_by=blocks_around),
)
