"""Directives of nginx, Apache and their usual modules that carry no credentials, from their documentation."""

from __future__ import annotations

HARMLESS = frozenset(
    {
        # PgBouncer
        "auth_dbname",
        # nginx
        "fastcgi_pass", "grpc_pass", "memcached_pass", "scgi_pass", "uwsgi_pass", "proxy_pass",
        "auth_basic", "auth_basic_user_file", "auth_delay", "auth_http", "auth_http_pass_client_cert",
        "auth_http_timeout", "auth_jwt", "auth_jwt_claim_set", "auth_jwt_header_set", "auth_jwt_key_cache",
        "auth_jwt_key_file", "auth_jwt_leeway", "auth_jwt_require", "auth_jwt_type", "auth_oidc", "auth_request",
        "auth_request_set", "fastcgi_cache_key", "fastcgi_pass_header", "fastcgi_pass_request_body",
        "fastcgi_pass_request_headers", "grpc_pass_header", "grpc_ssl_certificate_key", "grpc_ssl_key_log",
        "grpc_ssl_password_file", "imap_auth", "pop3_auth", "smtp_auth", "keyval", "keyval_zone", "license_token",
        "proxy_cache_key", "proxy_cookie_domain", "proxy_cookie_flags", "proxy_cookie_path", "proxy_hide_header",
        "proxy_pass_error_message", "proxy_pass_header", "proxy_pass_request_body", "proxy_pass_request_headers",
        "proxy_pass_trailers", "proxy_smtp_auth", "proxy_ssl_certificate_key", "proxy_ssl_key_log",
        "proxy_ssl_password_file", "scgi_cache_key", "scgi_pass_header", "scgi_pass_request_body",
        "scgi_pass_request_headers", "server_tokens", "session_log", "session_log_format", "session_log_zone",
        "ssl_certificate_key", "ssl_key_log", "ssl_password_file", "ssl_session_cache", "ssl_session_ticket_key",
        "ssl_session_tickets", "ssl_session_timeout", "sticky", "sticky_cookie_insert", "userid", "userid_name",
        "uwsgi_cache_key", "uwsgi_pass_header", "uwsgi_pass_request_body", "uwsgi_pass_request_headers",
        "uwsgi_ssl_certificate_key", "uwsgi_ssl_password_file", "cookie_name", "session_store", "session_timeout",
        "secure_link", "limit_req_zone", "limit_conn_zone", "log_format", "map_hash_bucket_size",
        # Apache
        "allowoverride", "allowoverridelist", "serversignature",
        "authbasicauthoritative", "authbasicprovider", "authbasicusedigestalgorithm", "authdbduserpwquery",
        "authdbduserrealmquery", "authdbmgroupfile", "authdbmtype", "authdbmuserfile", "authdigestalgorithm",
        "authdigestdomain", "authdigestnoncelifetime", "authdigestprovider", "authdigestqop", "authdigestshmemsize",
        "authformauthoritative", "authformbody", "authformdisablenostore", "authformfakebasicauth", "authformlocation",
        "authformloginrequiredlocation", "authformloginsuccesslocation", "authformlogoutlocation", "authformmethod",
        "authformmimetype", "authformprovider", "authformsize", "authformusername",
        "authgroupfile", "authldapauthorizeprefix", "authldapbindauthoritative", "authldapbinddn",
        "authldapcharsetconfig", "authldapcompareasuser", "authldapcomparednonserver", "authldapdereferencealiases",
        "authldapgroupattribute", "authldapgroupattributeisdn", "authldapinitialbindasuser",
        "authldapinitialbindpattern", "authldapmaxsubgroupdepth", "authldapremoteuserattribute",
        "authldapremoteuserisdn", "authldapsearchasuser", "authldapsubgroupattribute", "authldapsubgroupclass",
        "authldapurl", "authmerging", "authname", "authncacheenable", "authncachecontext", "authncacheprovidefor",
        "authncachesocache", "authncachetimeout", "authnzfcgicheckauthnprovider", "authnzfcgidefineprovider",
        "authtype", "authuserfile", "authzdbdlogintoreferer", "authzdbdquery", "authzdbdredirectquery", "authzdbmtype",
        "authzsendforbiddenonfailure", "cgipassauth", "cookiedomain", "cookieexpires", "cookiehttponly", "cookiename",
        "cookiesamesite", "cookiesecure", "cookiestyle", "cookietracking", "keepalive", "keepalivetimeout",
        "maxkeepaliverequests", "mdprivatekeys", "passenv", "proxypass", "proxypassinherit", "proxypassinterpolateenv",
        "proxypassmatch", "proxypassreverse", "proxypassreversecookiedomain", "proxypassreversecookiepath",
        "servertokens", "session", "sessioncookiename", "sessioncookiename2", "sessioncookieremove",
        "sessioncryptocipher", "sessioncryptodriver", "sessioncryptopassphrasefile", "sessiondbdcookiename",
        "sessiondbdcookiename2", "sessiondbdcookieremove", "sessiondbddeletelabel", "sessiondbdinsertlabel",
        "sessiondbdperuser", "sessiondbdselectlabel", "sessiondbdupdatelabel", "sessionenv", "sessionexclude",
        "sessionheader", "sessioninclude", "sessionmaxage", "sslcertificatekeyfile", "sslpassphrasedialog",
        "sslsessioncache", "sslsessioncachetimeout", "sslsessionticketkeyfile", "sslsessiontickets",
        "sslrandomseed", "unsetenv", "indexignore", "logformat", "require", "oidccookie", "oidccookiepath",
        "oidccookiedomain",
        "oidccookiehttponly", "oidccookiesamesite", "oidcpasscookies", "oidcstripcookies", "oidcpassidtokenas",
        "oidcresponsetype", "oidcremoteuserclaim", "oidcsessiontype", "oidcsessioninactivitytimeout",
        "oidcsessionmaxduration", "wsgipassauthorization", "requesttokenheader",
    }
)  # fmt: skip
"""directives, in lower case, that have a word of secrets in their name and hold paths, names or switches"""
