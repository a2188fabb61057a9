"""The password that redis-cli and valkey-cli would use; applies only where auth = "native"."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from parity_tui.model import Reason, ServiceError, Target
from parity_tui.secrets import Secret
from parity_tui.transport.credential_files import as_secret

VARIABLE = "REDISCLI_AUTH"
SCHEME_ALIASES = {
    **dict.fromkeys(("unix", "redis-socket", "redis+socket", "redis+unix", "valkey+unix", "valkey+socket"), "redis"),
    **dict.fromkeys(("rediscache", "redis-cache"), "redis"),
    **dict.fromkeys(("redis+tls", "redis+ssl", "valkey+tls", "valkey+ssl"), "rediss"),
}
_SENTINELS = "points to Sentinels, not to Redis: write the URL of Redis in parity.toml"
UNSUPPORTED_SCHEMES = dict.fromkeys(
    ("sentinel", "sentinels", "redis-sentinel", "rediss-sentinel", "redis+sentinel", "rediss+sentinel"), _SENTINELS
)
TLS_OPTIONS = {
    "ssl_check_hostname": {"false": "unnamed", "0": "unnamed", "no": "unnamed", "true": "", "1": ""},
    "skip_verify": {"true": "unverified", "1": "unverified"},
    "verifyPeer": {"none": "unverified", "ca": "verify-ca", "full": "verify-full", "false": "unverified", "true": ""},
    "verify_peer": {"false": "unverified", "0": "unverified", "true": "verify-full", "1": "verify-full"},
}


def from_client_config(target: Target, environ: Mapping[str, str]) -> Target:
    """Return the target with a password that is read from the environment at each login."""

    def password() -> Secret:
        value = environ.get(VARIABLE, "")
        if not value:
            raise ServiceError(Reason.SECRET, f"password: the variable {VARIABLE} is not set")
        return as_secret(value, f"the variable {VARIABLE}")

    return replace(target, password=password)
