"""Directives that are written differently and mean the same, and orders that decide."""

from __future__ import annotations

import pytest

from parity_tui.model import Severity
from tests.services import web
from tests.services.apache.builders import drift, made


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RewriteRule ^/a /b [L,R=301]", "RewriteRule ^/a /b [R=301,L]"),
        ("RewriteRule ^/a /b [last,redirect=permanent]", "RewriteRule ^/a /b [R=301,L]"),
        ("RewriteCond %{HTTPS} off [nocase]", "RewriteCond %{HTTPS} off [NC]"),
        ("Redirect permanent /a /b", "Redirect 301 /a /b"),
        ("RedirectPermanent /a /b", "Redirect 301 /a /b"),
        ("Redirect /a /b", "RedirectTemp /a /b"),
        ("RedirectMatch permanent ^/a /b", "RedirectMatch 301 ^/a /b"),
        ("AllowOverride None", "allowoverride none"),
        ("<Location /a>\nRequire all granted\n</Location>", "<Location /a>\nRequire All Granted\n</Location>"),
        ("SSLProtocol all -SSLv3", "SSLProtocol ALL -sslv3"),
        ("SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1", "SSLProtocol TLSv1.2 +TLSv1.3"),
        ("Options Indexes FollowSymLinks", "Options followsymlinks indexes"),
        ("LogLevel warn", "LogLevel Warn"),
        ("LogLevel warn ssl:info", "LogLevel WARN mod_ssl.c:info"),
        ("LogLevel ssl:info warn", "LogLevel warn"),
        ("FileETag MTime Size\nSSLVerifyClient None\nProxyVia Off\nDirectoryIndex index.html", "Timeout 60"),
        ("SSLVerifyDepth 1\n<VirtualHost *:80>\n</VirtualHost>",
         "<VirtualHost *:80>\nSSLVerifyDepth 1\n</VirtualHost>"),
        ("FileETag MTime Size", "FileETag size mtime"),
        ("AllowOverride FileInfo AuthConfig", "AllowOverride AuthConfig FileInfo"),
        ("ServerSignature EMail", "ServerSignature email"),
        ("Alias /static /srv/a", "Alias /static /srv/b"),
        ("SSLOptions +StdEnvVars +StrictRequire", "SSLOptions +StrictRequire +StdEnvVars"),
        ("AddDefaultCharset utf-8", "AddDefaultCharset UTF-8"),
        ("<Location ~ ^/a>\nOptions None\n</Location>", "<LocationMatch ^/a>\nOptions None\n</LocationMatch>"),
        ("<Files ~ ^a>\nOptions None\n</Files>", "<FilesMatch ^a>\nOptions None\n</FilesMatch>"),
        ("<Limit GET POST>\nRequire all denied\n</Limit>", "<Limit POST GET>\nRequire all denied\n</Limit>"),
        ("<Directory /srv/x>\nOptions None\n</Directory>", "<Directory /srv/x/>\nOptions none\n</Directory>"),
        ("<directory /srv/x>\nOptions None\n</directory>", "<Directory \"/srv/x\">\nOptions None\n</Directory>"),
        ("AddOutputFilterByType DEFLATE text/html text/css",
         "AddOutputFilterByType DEFLATE text/css\nAddOutputFilterByType DEFLATE text/html"),
        ("AddType text/x .a .b", "AddType text/x b\nAddType text/x A"),
        ("Header set x-frame-options DENY", "Header set X-Frame-Options DENY"),
        ("Header set Cache-Control 'public, max-age=60'", "Header set cache-control 'max-age=60,Public'"),
        ("Header Set X-A: 1", "Header onsuccess set X-A 1"),
        ("RequestHeader unset proxy", "RequestHeader unset Proxy"),
        ("listen 8080", "Listen 80"),
        ("keepalive Off", "KeepAlive off"),
        ("ServerTokens ProductOnly", "ServerTokens Prod"),
        ("ProxyTimeout 60", "ProxyTimeout 1min"),
        ("ProxyPass /a http://a/ timeout=60 retry=0", "ProxyPass /a http://b/ retry=0 timeout=60"),
        ("PassEnv A B", "PassEnv B\nPassEnv A"),
        ("Order Deny,Allow", "Order deny,allow"),
        ("Timeout 30\nTimeout 60", "Timeout 60"),
        ("SSLProtocol all\nSSLProtocol TLSv1.2", "SSLProtocol TLSv1.2"),
        ("SSLCipherSuite A\nSSLCipherSuite TLSv1.3 B\nSSLCipherSuite C", "SSLCipherSuite TLSv1.3 B\nSSLCipherSuite C"),
        ("SetEnv A 1\nSetEnv A 2", "SetEnv A 2"),
        ("AddType a/b .x .y\nAddType c/d x", "AddType c/d .x\nAddType a/b .y"),
        ("DirectoryIndex a\nDirectoryIndex b", "DirectoryIndex a b"),
        ("ExpiresByType a/b A60\nExpiresByType c/d M60",
         "ExpiresByType c/d 'modification plus 1 minute'\nExpiresByType a/b 'access plus 60 seconds'"),
        ("AcceptFilter http data\nAcceptFilter https none", "AcceptFilter https none\nAcceptFilter http data"),
        ("SetEnvIf A b c=1\nSetEnvIf A bb d=2", "SetEnvIf A bb d=2\nSetEnvIf A b c=1"),
        ("<DirectoryMatch ^/a>\nTimeout 1\n</DirectoryMatch>\n<DirectoryMatch ^/a/b>\nTimeout 2\n</DirectoryMatch>",
         "<DirectoryMatch ^/a/b>\nTimeout 2\n</DirectoryMatch>\n<DirectoryMatch ^/a>\nTimeout 1\n</DirectoryMatch>"),
        ("ProxyPass /a http://a/\nProxyPass / http://b/", "ProxyPass /a http://a/\nProxyPass / http://c/"),
        ("ProxyPass /a http://a/\nProxyPass /b http://b/", "ProxyPass /b http://b/\nProxyPass /a http://a/"),
        ("<Location /a>\nProxyPass http://a:1/x\n</Location>", "<Location /a>\nProxyPass http://b:2/x\n</Location>"),
    ],
)  # fmt: skip
def test_same_meaning_gives_no_row(one: str, other: str) -> None:
    assert drift(made(one), made(other)) == set()


@pytest.mark.parametrize(
    ("one", "other", "setting"),
    [
        ("ProxyPass /a !\nProxyPass / http://a/", "ProxyPass / http://a/\nProxyPass /a !", "order of ProxyPass"),
        ("<Location /a>\nRequire all denied\n</Location>\n<Location /a/b>\nRequire all granted\n</Location>",
         "<Location /a/b>\nRequire all granted\n</Location>\n<Location /a>\nRequire all denied\n</Location>",
         "order of Location"),
        ("<LocationMatch ^/a>\nTimeout 1\n</LocationMatch>\n<LocationMatch ^/ab>\nTimeout 2\n</LocationMatch>",
         "<LocationMatch ^/ab>\nTimeout 2\n</LocationMatch>\n<LocationMatch ^/a>\nTimeout 1\n</LocationMatch>",
         "order of Location"),
        ("Redirect /a/b /x\nRedirect /a /y", "Redirect /a /y\nRedirect /a/b /x", "order of Redirect"),
        ("RedirectMatch ^/a /x\nRedirectMatch ^/ /y", "RedirectMatch ^/ /y\nRedirectMatch ^/a /x", "RedirectMatch"),
        ("RewriteRule ^/a /b\nRewriteRule ^/ /c", "RewriteRule ^/ /c\nRewriteRule ^/a /b", "rewrites"),
        ("Header set A 1\nHeader unset A", "Header unset A\nHeader set A 1", "Header[A]"),
        ("Protocols h2 http/1.1", "Protocols http/1.1 h2", "Protocols"),
        ("LogLevel warn ssl:info", "LogLevel ssl:info warn", "LogLevel"),
        ("Alias /static /srv/a", "Timeout 60", "aliased paths"),
        ("Alias /a /srv/a", "ScriptAlias /a /srv/a", "aliased paths"),
        ("<Files a>\nOptions None\n</Files>\n<Files a*>\nOptions All\n</Files>",
         "<Files a*>\nOptions All\n</Files>\n<Files a>\nOptions None\n</Files>", "order of Files"),
        ("<VirtualHost *:80>\nServerName a.x\n</VirtualHost>\n<VirtualHost *:80>\nServerName b.x\n</VirtualHost>",
         "<VirtualHost *:80>\nServerName b.x\n</VirtualHost>\n<VirtualHost *:80>\nServerName a.x\n</VirtualHost>",
         "default host"),
        ("<VirtualHost *:80>\nServerName w.a.x\n</VirtualHost>\n<VirtualHost *:80>\nServerName w.b.x\n</VirtualHost>",
         "<VirtualHost *:80>\nServerName w.b.x\n</VirtualHost>\n<VirtualHost *:80>\nServerName w.a.x\n</VirtualHost>",
         "default host"),
        ("SSLProtocol all -SSLv3", "SSLProtocol all -SSLv3 -TLSv1", "SSLProtocol"),
        ("Redirect permanent /a /b", "Redirect temp /a /b", "Redirect"),
        ("SSLProtocol all\nSSLProtocol TLSv1.2", "SSLProtocol TLSv1.2\nSSLProtocol all", "SSLProtocol"),
        ("SSLVerifyClient none\nSSLVerifyClient require", "SSLVerifyClient require\nSSLVerifyClient none",
         "SSLVerifyClient"),
        ("SSLCipherSuite HIGH\nSSLCipherSuite ALL", "SSLCipherSuite ALL\nSSLCipherSuite HIGH", "SSLCipherSuite"),
        ("SetOutputFilter A\nSetOutputFilter B", "SetOutputFilter B\nSetOutputFilter A", "SetOutputFilter"),
        ("AddHandler a .x\nAddHandler b .x", "AddHandler b .x\nAddHandler a .x", "AddHandler"),
        ("Redirect /a /b\nRedirect /a /c", "Redirect /a /c\nRedirect /a /b", "Redirect"),
        ("DirectoryIndex a\nDirectoryIndex b", "DirectoryIndex b\nDirectoryIndex a", "DirectoryIndex"),
        ("BrowserMatch A c=1\nBrowserMatch B !c", "BrowserMatch B !c\nBrowserMatch A c=1", "BrowserMatch"),
        ("SetEnvIf A b c=1\nSetEnvIfNoCase A b c=2", "SetEnvIfNoCase A b c=2\nSetEnvIf A b c=1", "order of SetEnvIf"),
        ("SetEnvIf A b c\nBrowserMatch B !c", "BrowserMatch B !c\nSetEnvIf A b c", "order of SetEnvIf"),
        ("<Proxy *>\nTimeout 1\n</Proxy>\n<Proxy http://a/*>\nTimeout 2\n</Proxy>",
         "<Proxy http://a/*>\nTimeout 2\n</Proxy>\n<Proxy *>\nTimeout 1\n</Proxy>", "order of Proxy"),
        ("<DirectoryMatch ^/a>\nTimeout 1\n</DirectoryMatch>\n<DirectoryMatch ^/b>\nTimeout 2\n</DirectoryMatch>",
         "<DirectoryMatch ^/b>\nTimeout 2\n</DirectoryMatch>\n<DirectoryMatch ^/a>\nTimeout 1\n</DirectoryMatch>",
         "order of Directory"),
        ("SetEnvIf A b c=1\nSetEnvIf A bb c=2", "SetEnvIf A bb c=2\nSetEnvIf A b c=1", "SetEnvIf"),
    ],
)  # fmt: skip
def test_order_that_decides_is_one_row(one: str, other: str, setting: str) -> None:
    readings = made(one), made(other)
    rows = web.rows(*readings, kind="apache")
    assert {name for name in drift(*readings) if rows[name].severity is not Severity.INFO} | {setting} == {setting}
    assert setting in drift(*readings)


def test_a_default_that_overrides_another_value_is_a_row() -> None:
    """It is left out only where nothing else would be inherited."""
    one = "SSLVerifyClient require\n<VirtualHost *:80>\nServerName a.x\nSSLVerifyClient none\n</VirtualHost>"
    host = "<VirtualHost *:81>\nServerName b.x\n</VirtualHost>"
    other = one.replace("SSLVerifyClient none\n", "")
    assert drift(made(f"{one}\n{host}"), made(f"{other}\n{host}")) == {"VirtualHost[a]/SSLVerifyClient"}
