"""Tables of :mod:`parity_tui.secrets.detect`: the words and marks by which names and values are judged."""

from __future__ import annotations

NAME_WORDS = (
    "key", "apikey", "salt", "pepper", "pwd", "pw", "psw", "pass", "psswd", "passwort", "cred",
    "passwd", "password", "passphrase", "passcode", "pin",
    "jwt", "bearer", "auth", "authorization", "seed", "cookie", "sas", "credential", "token", "secret", "otp", "totp",
    "hmac", "signature", "conninfo", "dsn", "webhook", "privkey", "psk",
)  # fmt: skip
"""words of a setting's name whose free text is secret, in the plural too"""

GLUED_WORDS = (
    "password", "passwd", "passphrase", "passcode", "passwort", "secret", "token", "credential", "apikey", "jwt",
    "key", "salt", "pwd", "pw", "pass", "auth", "cookie", "pepper", "seed", "conninfo", "webhook",
)  # fmt: skip
"""words that count at the end of a longer one: userpwd, filekey, masterauth"""

UNGLUED_WORDS = frozenset(
    {
        "bypass", "compass", "encompass", "surpass", "monkey", "turkey", "hotkey", "donkey", "hockey", "whiskey",
        "basalt", "cobalt", "publickey", "pubkey", "foreignkey", "primarykey", "linkseed", "oauth", "keypass",
    }
)  # fmt: skip
"""words that only end like one"""

ALWAYS_WORDS = frozenset(
    {
        "password", "passwd", "passphrase", "passcode", "pwd", "pass", "secret", "token", "credential", "apikey",
        "conninfo", "salt", "pepper", "pin", "psk", "jwt", "bearer", "sas", "otp", "totp", "privkey",
    }
)  # fmt: skip
"""last word of a name that makes a secret of a number and of a path too"""

QUALIFIERS = frozenset(
    {
        "plugin", "plugins", "method", "methods", "type", "types", "algorithm", "algorithms", "alg", "file", "files",
        "path", "dir", "directory", "folder", "format", "mode", "policy", "encryption", "encrypt", "hashing", "scheme",
        "provider", "class", "level", "name", "names", "header", "headers", "cipher", "ciphers", "curve", "curves",
        "library", "load", "use", "query", "distribution", "domain", "cache", "engine", "backend", "mechanisms",
        "prefix", "mechanism", "exchange", "usage", "on", "off", "enabled", "required", "timeout", "lifetime", "length",
        "size", "version", "versions",
        "kind", "backends", "source", "realm", "user", "users", "server", "samesite", "flags",
        "target", "cost", "costs", "second", "minute", "update", "compat", "request", "zone", "position", "order",
        "sampling", "stats", "statistics", "events",
    }
)  # fmt: skip
"""last word of a name that says that the value is about a secret, and is none"""

IDENTITY_WORDS = frozenset(
    {
        "id", "uid", "uuid", "guid", "sha", "sha1", "sha256", "revision", "commit", "build", "checksum", "digest",
        "fingerprint", "etag", "version", "release", "instance", "sysid", "gtid", "hash", "oid", "runid", "bits",
        "replid", "machine",
    }
)  # fmt: skip
"""words of a name whose random value identifies something"""

ASSIGNED_WORDS = (
    "password", "passwd", "passphrase", "passcode", "pwd", "secret", "token", "credentials?", "apikey", "api[_-]?key",
    "access[_-]?key(?:[_-]?id)?", "secret[_-]?key", "secret[_-]?id", "private[_-]?key", "account[_-]?key",
    "encryption[_-]?key",
    "signing[_-]?key", "salt", "pepper", "jwt", "bearer", "signature", "authorization", "cookie", "sharedaccesskey",
    "auth[_-]?key", "secure[_-]?key", "client[_-]?secret", "conninfo", "pin[_-]?value",
)  # fmt: skip
"""words that are followed by a sign and a secret, at the end of a longer word too: PGPASSWORD=…"""

SHORT_ASSIGNED_WORDS = ("pw", "pass", "key", "auth", "sas", "sig", "seed", "pin", "code", "otp", "psk")
"""likewise, as a word of its own: db_pw=…, ?sig=…"""

WEBHOOK_HOSTS = (
    "hooks.slack.com", "discord.com/api/webhooks", "discordapp.com/api/webhooks", "webhook.office.com",
    "outlook.office.com/webhook", "api.telegram.org/bot", "hooks.zapier.com", "maker.ifttt.com", "chat.googleapis.com",
    "events.pagerduty.com", "hc-ping.com", "webhook.site", "hooks.", "webhooks.",
)  # fmt: skip
"""hosts whose paths are tokens"""

TOKEN_MARKS = (
    r"(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{12,}", r"gh[pousr]_\w{16,}", r"github_pat_\w{16,}", r"glpat-[\w-]{16,}",
    r"xox[abeprs]-[\w-]{8,}", r"(?:sk|rk|pk)_(?:live|test)_\w{8,}", r"sk-[\w-]{16,}", r"AIza[\w-]{20,}",
    r"SG\.[\w-]{12,}", r"hf_\w{20,}", r"npm_\w{20,}", r"pypi-\w{16,}", r"dop_v1_\w{20,}", r"shp(?:at|ss|ca)_\w{16,}",
    r"eyJ[\w-]{8,}\.[\w.-]*", r"ya29\.[\w-]{16,}", r"hvs\.[\w-]{16,}", r"EAA[A-Z]\w{20,}", r"AGE-SECRET-KEY-1\w{10,}",
    r"\$(?:2[abxy]|1|5|6|y|argon2\w{0,2}|pbkdf2[\w-]{0,20}|scrypt)\$\S{8,}", r"\{S?SHA\d*\}\S{8,}",
    r"SCRAM-SHA-\d{1,3}\$\S{8,}", r"\bmd5[0-9a-f]{32}\b", r"\*[0-9A-F]{40}\b", r"\$apr1\$\S{8,}",
)  # fmt: skip
"""patterns of the marks by which issuers and hashes can be told"""
