"""Tables of directives of nginx, Apache and their usual modules that carry credentials, from their documentation."""

from __future__ import annotations

import re

CODE_OR_SECRET = re.compile(
    # nginx: code, and texts that a signature or a key is made of
    r"\w*_by_lua(_block)?|perl(_set)?|js_var|modsecurity_rules|redis2_\w*query|postgres_(query|server)|drizzle_\w+"
    r"|secure_link(_hmac)?_(secret|md5|message)|encrypted_session_(key|iv)|userid_mark|auth_jwt_key_request|client_secret"
    r"|mgmt_token|auth_jwt_key|set_hmac_\w+|upload_pass_args|sub_filter_secret"
    # Apache: likewise
    r"|\w*(passphrase|password|secret|bindpassword|cryptokey|apikey|licensekey)|dbdparams|authbasicfake|perl|perlsetvar"
    r"|luainline\w*|lua\w*inline|secremoterules|sechashkey|sechttpblkey|mdexternalaccountbinding|sslsrpunknownuserseed"
    r"|ldaptrustedclientcert|ldaptrustedglobalcert|cascertificatesalt|shibbolethcredential",
)
"""directives, in lower case, whose literal text is code or a secret"""

KEYED = re.compile(
    r"\w+_set_header|add_header|add_trailer|more_set_\w*headers|\w+_param|set|env|auth_http_header|header|\w+_set_key"
    r"|setenv\w*|define|requestheader|php_(admin_)?(value|flag)|perlsetenv|perladdvar|passenger_env_var|otel_\w*attr"
)
"""directives, in lower case, that are as secret as the name of what they set"""

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

UNUSUAL = re.compile(
    r"(ssl|(proxy|grpc|uwsgi)_ssl)_(ciphers|conf_command|ecdh_curve|protocols|certificate\w*|trusted_certificate)"
    r"|listen|server_name|server|resolver|root|alias|include|load_module|\w+_pass( target)?|\w+_cache_path"
    r"|set_real_ip_from|allow|deny|access_log|error_log|pid|types|type|zone\w*|split_clients|geoip2?_\w+|upstream"
    r"|ssl\w*(ciphersuite|protocol|certificate\w*|opensslconfcmd)|server(name|alias|root|path)"
    r"|documentroot|loadmodule|virtualhost|customlog|errorlog|errordocument|remoteip\w+|aliasmatch|browsermatch(nocase)?"
    r"|addtype|addicon\w*|adddescription|addlanguage|addcharset|addencoding|magic number"
    r"|build\W.*|package|version|openssl\b.*|apr\w*|pcre|default (host|server)|order of .*|files by|indexoptions"
    r"|wsgi\w+"
)
"""directives, in lower case, whose harmless values have words of letters and digits: addresses, ciphers, paths"""
