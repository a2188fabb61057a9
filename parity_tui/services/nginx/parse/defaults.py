"""Defaults of the directives worth comparing, on 64-bit systems.

A default that changed between versions is a tuple of (first version, value), newest first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Default = str | tuple[tuple[str, str], ...]

MAIN: Mapping[str, Default] = {"worker_processes": "1", "pcre_jit": "off", "worker_priority": "0"}

EVENTS: Mapping[str, Default] = {"worker_connections": "512", "multi_accept": "off", "accept_mutex_delay": "500ms",
                                     "accept_mutex": (("1.11.3", "off"), ("", "on"))}  # fmt: skip

HTTP: Mapping[str, Default] = {
    "absolute_redirect": "on",
    "autoindex": "off",
    "charset": "off",
    "chunked_transfer_encoding": "on",
    "client_body_buffer_size": "16k",
    "client_body_timeout": "60s",
    "client_header_buffer_size": "1k",
    "client_header_timeout": "60s",
    "client_max_body_size": "1m",
    "default_type": "text/plain",
    "etag": "on",
    "fastcgi_buffer_size": "4k",
    "fastcgi_buffers": "8 4k",
    "fastcgi_connect_timeout": "60s",
    "fastcgi_read_timeout": "60s",
    "fastcgi_send_timeout": "60s",
    "grpc_read_timeout": "60s",
    "gzip": "off",
    "gzip_comp_level": "1",
    "gzip_http_version": "1.1",
    "gzip_min_length": "20",
    "gzip_proxied": "off",
    "gzip_types": "text/html",
    "gzip_vary": "off",
    "http2": "off",
    "http3": "off",
    "if_modified_since": "exact",
    "ignore_invalid_headers": "on",
    "keepalive_requests": (("1.19.10", "1000"), ("", "100")),
    "keepalive_timeout": "75s",
    "large_client_header_buffers": "4 8k",
    "listen_proxy_protocol": "off",
    "merge_slashes": "on",
    "port_in_redirect": "on",
    "proxy_buffer_size": "4k",
    "proxy_buffering": "on",
    "proxy_buffers": "8 4k",
    "proxy_cache": "off",
    "proxy_connect_timeout": "60s",
    "proxy_http_version": (("1.29.7", "1.1"), ("", "1.0")),
    "proxy_ignore_client_abort": "off",
    "proxy_intercept_errors": "off",
    "proxy_max_temp_file_size": "1024m",
    "proxy_next_upstream": "error timeout",
    "proxy_read_timeout": "60s",
    "proxy_redirect": "default",
    "proxy_request_buffering": "on",
    "proxy_send_timeout": "60s",
    "proxy_ssl_server_name": "off",
    "proxy_ssl_verify": "off",
    "real_ip_header": "X-Real-IP",
    "real_ip_recursive": "off",
    "recursive_error_pages": "off",
    "reset_timedout_connection": "off",
    "resolver_timeout": "30s",
    "satisfy": "all",
    "send_timeout": "60s",
    "sendfile": "off",
    "server_name_in_redirect": "off",
    "server_tokens": "on",
    "ssl": "off",
    "ssl_ciphers": "HIGH:!aNULL:!MD5",
    "ssl_prefer_server_ciphers": "off",
    "ssl_protocols": (
        ("1.27.3", "TLSv1.2 TLSv1.3"),
        ("1.23.4", "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"),
        ("", "TLSv1 TLSv1.1 TLSv1.2"),
    ),
    "ssl_session_tickets": "on",
    "ssl_session_timeout": "5m",
    "ssl_stapling": "off",
    "ssl_verify_client": "off",
    "tcp_nodelay": "on",
    "tcp_nopush": "off",
    "types": "html, gif, jpg",
    "underscores_in_headers": "off",
    "uwsgi_read_timeout": "60s",
}


def at(defaults: Mapping[str, Default], version: str) -> dict[str, str]:
    """Return the defaults of one version.

    >>> at({"ssl_protocols": HTTP["ssl_protocols"]}, "1.22.1"), at({"ssl_protocols": HTTP["ssl_protocols"]}, "1.31.3")
    ({'ssl_protocols': 'TLSv1 TLSv1.1 TLSv1.2'}, {'ssl_protocols': 'TLSv1.2 TLSv1.3'})
    """
    return {name: value if isinstance(value, str) else _since(value, version) for name, value in defaults.items()}


def _since(values: tuple[tuple[str, str], ...], version: str) -> str:
    current = _numbers(version)
    return next(value for since, value in values if _numbers(since) <= current)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d{1,9}", version))
