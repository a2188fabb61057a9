"""Defaults of the directives of a server or host."""

from __future__ import annotations

import re
from collections.abc import Mapping

_DEFAULTS: Mapping[str, str] = {
    "AllowEncodedSlashes": "off",
    "EnableSendfile": "off",
    "HostnameLookups": "off",
    "KeepAlive": "on",
    "KeepAliveTimeout": "5",
    "LimitRequestFieldSize": "8190",
    "LimitRequestFields": "100",
    "LimitRequestLine": "8190",
    "LogLevel": "warn",
    "MaxKeepAliveRequests": "100",
    "MergeSlashes": "on",
    "ProxyPreserveHost": "off",
    "RewriteEngine": "off",
    "SSLEngine": "off",
    "ServerSignature": "off",
    "ServerTokens": "full",
    "Timeout": "60",
    "TraceEnable": "on",
    "UseCanonicalName": "off",
}
SILENT: Mapping[str, str] = {
    "AccessFileName": ".htaccess",
    "AddDefaultCharset": "off",
    "ContentDigest": "off",
    "DirectoryIndex": "index.html",
    "DirectorySlash": "on",
    "EnableMMAP": "on",
    "ExpiresActive": "off",
    "FileETag": "MTime Size",
    "GracefulShutdownTimeout": "0",
    "LimitInternalRecursion": "10",
    "ListenBacklog": "511",
    "MaxConnectionsPerChild": "0",
    "MaxRanges": "200",
    "ProxyAddHeaders": "on",
    "ProxyErrorOverride": "off",
    "ProxyRequests": "off",
    "ProxyStatus": "off",
    "ProxyVia": "off",
    "SSLCompression": "off",
    "SSLHonorCipherOrder": "off",
    "SSLInsecureRenegotiation": "off",
    "SSLProxyEngine": "off",
    "SSLProxyVerify": "none",
    "SSLProxyVerifyDepth": "1",
    "SSLSessionTickets": "on",
    "SSLStrictSNIVHostCheck": "off",
    "SSLUseStapling": "off",
    "SSLVerifyClient": "none",
    "SSLVerifyDepth": "1",
    "UseCanonicalPhysicalPort": "off",
}
"""defaults that are no facts: a directive written with one counts as if it were absent. Source: Apache's reference"""
_UNLIMITED_BEFORE = (2, 4, 54)


def at(version: str) -> dict[str, str]:
    """Return the defaults of one version.

    >>> at("2.4.53")["LimitRequestBody"], at("2.4.54")["LimitRequestBody"]
    ('0', '1073741824')
    """
    numbers = tuple(int(part) for part in re.findall(r"\d{1,9}", version)[:3])
    return {**_DEFAULTS, "LimitRequestBody": "0" if numbers < _UNLIMITED_BEFORE else "1073741824"}
