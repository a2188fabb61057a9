"""Secrets in configurations: never in a value, nor in the name of a row, and still compared."""

from __future__ import annotations

import pytest

from tests.services.apache.builders import drift, made


@pytest.mark.parametrize(
    "text",
    [
        "SetEnv SMTP_PASS {0}",
        "SetEnv STRIPE {0}",
        "SetEnv X_DSN https://{0}@host/1",
        "SessionCryptoPassphrase {0}",
        "AuthLDAPBindPassword {0}",
        "AuthBasicFake admin {0}",
        "ProxyPass /a ajp://a.example/ secret={0}",
        "OIDCClientSecret {0}",
        'DBDParams "host=a user=b password={0}"',
        "RequestHeader set X-Api-Key {0}",
        'RequestHeader set Authorization "Bearer {0}"',
        "Header set X-Origin-Verify {0}",
        'Header always set Set-Cookie "id={0}"',
        "Redirect /a https://a.example/in?token={0}",
        "RedirectMatch 301 ^/a https://a.example/in?api_key={0}",
        "RewriteRule ^/a https://a.example/in?token={0} [L]",
        "RewriteCond %{{HTTP:X-Api-Key}} !={0}\nRewriteRule ^ - [F]",
        "RewriteRule ^ - [E=API_TOKEN:1,CO=token={0}]",
        "ProxyPass /a http://app:{0}@a.example/",
        "ProxyPass /a http://a.example/?secret={0}",
        "Define DB_PASS {0}",
        "SetEnvIf Host . API_KEY={0}",
        "<If \"%{{HTTP:X-Api-Key}} != '{0}'\">\nRequire all denied\n</If>",
        "<Location /hook/token={0}>\nRequire all granted\n</Location>",
        "php_admin_value app.api_key {0}",
        "NoSuchDirective {0}",
        "SSLSRPUnknownUserSeed {0}",
        "MDExternalAccountBinding kid-1 {0}",
        "SecRemoteRules {0} https://rules.example/",
        "LDAPTrustedClientCert CERT_BASE64 /etc/c.pem {0}",
        "ErrorDocument 401 https://a.example/?client_secret={0}",
        "PerlSetVar TicketSecret {0}",
    ],
)
def test_secret_is_compared_and_never_shown(text: str) -> None:
    one, same, other = made(text.format("s3crA")), made(text.format("s3crA")), made(text.format("s3crB"))
    assert "s3cr" not in repr(one)
    assert drift(one, same) == set()
    assert len(drift(one, other)) == 1


@pytest.mark.parametrize(
    ("text", "setting", "shown"),
    [
        ("SetEnv APP_ENV production", "SetEnv[APP_ENV]", "production"),
        ("AuthName 'Staff only'", "AuthName", '"Staff only"'),
        ("AuthBasicProvider file ldap", "AuthBasicProvider", "file ldap"),
        ("SSLPassPhraseDialog exec:/bin/x", "SSLPassPhraseDialog", "exec:/bin/x"),
        ("SSLCipherSuite HIGH:!aNULL:ECDHE-RSA-AES128-GCM-SHA256", "SSLCipherSuite",
         "HIGH:!aNULL:ECDHE-RSA-AES128-GCM-SHA256"),
        ('Header set Strict-Transport-Security "max-age=63072000"', "Header[Strict-Transport-Security]",
         "set Strict-Transport-Security max-age=63072000"),
        ("RequestHeader set X-Scheme https", "RequestHeader[X-Scheme]", "set X-Scheme https"),
        ("RequestHeader unset Authorization", "RequestHeader[Authorization]", "unset Authorization"),
        ("RewriteRule ^/a$ /b [L,R=301]", "rewrites", "Rule ^/a$ /b [L,R=301]"),
    ],
)  # fmt: skip
def test_harmless_text_is_shown(text: str, setting: str, shown: str) -> None:
    assert made(text).facts[setting].raw == shown
