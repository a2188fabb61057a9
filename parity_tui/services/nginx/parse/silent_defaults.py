"""Defaults that are no facts of their own: a directive written with one counts as if it were absent.

Source: the reference of the modules at nginx.org; defaults that depend on the version or the machine are not here.
"""

from __future__ import annotations

from collections.abc import Mapping

_HTTP = """
off: aio aio_write auth_basic auth_request autoindex_localtime client_body_in_file_only client_body_in_single_buffer
    create_full_put_path dav_methods directio disable_symlinks expires fastcgi_cache fastcgi_cache_background_update
    fastcgi_cache_lock fastcgi_cache_revalidate fastcgi_cache_use_stale fastcgi_force_ranges
    fastcgi_ignore_client_abort fastcgi_intercept_errors fastcgi_keep_conn fastcgi_socket_keepalive fastcgi_store
    grpc_intercept_errors grpc_socket_keepalive grpc_ssl_server_name grpc_ssl_verify gunzip gzip_static
    limit_conn_dry_run limit_req_dry_run log_subrequest memcached_socket_keepalive mirror msie_refresh
    open_file_cache open_file_cache_errors open_file_cache_events override_charset proxy_cache_background_update
    proxy_cache_lock proxy_cache_revalidate proxy_cache_use_stale proxy_cookie_domain proxy_cookie_flags
    proxy_cookie_path proxy_force_ranges proxy_pass_trailers proxy_socket_keepalive proxy_store rewrite_log
    scgi_cache scgi_cache_background_update scgi_cache_lock scgi_cache_revalidate scgi_cache_use_stale
    scgi_force_ranges scgi_ignore_client_abort scgi_intercept_errors scgi_socket_keepalive scgi_store ssi
    ssi_last_modified ssi_silent_errors ssl_early_data ssl_ocsp ssl_ocsp_cache ssl_reject_handshake
    ssl_stapling_verify sub_filter_last_modified uwsgi_cache uwsgi_cache_background_update uwsgi_cache_lock
    uwsgi_cache_revalidate uwsgi_cache_use_stale uwsgi_force_ranges uwsgi_ignore_client_abort uwsgi_intercept_errors
    uwsgi_socket_keepalive uwsgi_ssl_server_name uwsgi_ssl_verify uwsgi_store userid proxy_bind fastcgi_bind grpc_bind
    uwsgi_bind scgi_bind
DEFAULT: proxy_ssl_ciphers grpc_ssl_ciphers uwsgi_ssl_ciphers
auto: ssl_ecdh_curve
$scheme$proxy_host$request_uri: proxy_cache_key
0: fastcgi_limit_rate fastcgi_next_upstream_timeout fastcgi_next_upstream_tries fastcgi_send_lowat
    grpc_next_upstream_timeout grpc_next_upstream_tries keepalive_min_timeout limit_rate limit_rate_after
    memcached_next_upstream_timeout memcached_next_upstream_tries min_delete_depth proxy_limit_rate
    proxy_next_upstream_timeout proxy_next_upstream_tries proxy_send_lowat read_ahead scgi_limit_rate
    scgi_next_upstream_timeout scgi_next_upstream_tries send_lowat slice uwsgi_limit_rate uwsgi_modifier1
    uwsgi_modifier2 uwsgi_next_upstream_timeout uwsgi_next_upstream_tries
on: add_header_inherit add_trailer_inherit autoindex_exact_size fastcgi_buffering fastcgi_pass_request_body
    fastcgi_pass_request_headers fastcgi_request_buffering grpc_ssl_session_reuse lingering_close log_not_found
    mirror_request_body msie_padding proxy_cache_convert_head proxy_pass_request_body proxy_pass_request_headers
    proxy_ssl_session_reuse scgi_buffering scgi_pass_request_body scgi_pass_request_headers scgi_request_buffering
    sub_filter_once uninitialized_variable_warn uwsgi_buffering uwsgi_pass_request_body uwsgi_pass_request_headers
    uwsgi_request_buffering uwsgi_ssl_session_reuse
60s: grpc_connect_timeout grpc_send_timeout memcached_connect_timeout memcached_read_timeout memcached_send_timeout
    open_file_cache_valid scgi_connect_timeout scgi_read_timeout scgi_send_timeout uwsgi_connect_timeout
    uwsgi_send_timeout
1: fastcgi_cache_min_uses grpc_ssl_verify_depth open_file_cache_min_uses proxy_cache_min_uses proxy_ssl_verify_depth
    scgi_cache_min_uses ssl_verify_depth uwsgi_cache_min_uses uwsgi_ssl_verify_depth
5s: fastcgi_cache_lock_age fastcgi_cache_lock_timeout lingering_timeout proxy_cache_lock_age
    proxy_cache_lock_timeout scgi_cache_lock_age scgi_cache_lock_timeout uwsgi_cache_lock_age
    uwsgi_cache_lock_timeout
error,timeout: fastcgi_next_upstream grpc_next_upstream memcached_next_upstream scgi_next_upstream
    uwsgi_next_upstream
GET,HEAD: fastcgi_cache_methods proxy_cache_methods scgi_cache_methods uwsgi_cache_methods
user:rw: fastcgi_store_access proxy_store_access scgi_store_access uwsgi_store_access
1024m: fastcgi_max_temp_file_size scgi_max_temp_file_size uwsgi_max_temp_file_size
512: directio_alignment proxy_headers_hash_max_size server_names_hash_max_size
64: proxy_headers_hash_bucket_size types_hash_bucket_size variables_hash_bucket_size
1024: types_hash_max_size variables_hash_max_size
503: limit_conn_status limit_req_status
error: limit_conn_log_level limit_req_log_level
text/html: ssi_types sub_filter_types
0s: auth_delay
1000: max_headers
128: http2_max_concurrent_streams
1460: postpone_output
16k: ssl_buffer_size
1h: keepalive_time
1k: ssi_min_file_chunk
2048: map_hash_max_size
256: ssi_value_length
256k: http2_recv_buffer_size
30s: lingering_time
4k: request_pool_size
64k: http2_body_preread_size
8k: http2_chunk_size
html: autoindex_format
index.html: index
msie6: keepalive_disable
none: ssl_session_cache
"""
_STREAM = """
off: limit_conn_dry_run proxy_half_close proxy_protocol proxy_socket_keepalive proxy_ssl proxy_ssl_server_name
    proxy_ssl_verify ssl_prefer_server_ciphers ssl_preread ssl_reject_handshake ssl_verify_client
0: proxy_download_rate proxy_next_upstream_timeout proxy_next_upstream_tries proxy_requests proxy_upload_rate
on: proxy_next_upstream proxy_ssl_session_reuse ssl_session_tickets tcp_nodelay
30s: preread_timeout proxy_protocol_timeout resolver_timeout
1: proxy_ssl_verify_depth ssl_verify_depth
16k: preread_buffer_size proxy_buffer_size
60s: proxy_connect_timeout ssl_handshake_timeout
1024: variables_hash_max_size
10m: proxy_timeout
512: server_names_hash_max_size
5m: ssl_session_timeout
64: variables_hash_bucket_size
error: limit_conn_log_level
none: ssl_session_cache
"""


def _table(text: str) -> Mapping[str, str]:
    r"""Return name -> value of lines like "value: name name"; a comma stands for a blank in a value.

    >>> _table("on: a b\n0: c")
    {'a': 'on', 'b': 'on', 'c': '0'}
    """
    defaults: dict[str, str] = {}
    value = ""
    for word in text.split():
        if word.endswith(":"):
            value = word[:-1].replace(",", " ")
        else:
            defaults[word] = value
    return defaults


SILENT_HTTP = _table(_HTTP)
SILENT_STREAM = _table(_STREAM)
