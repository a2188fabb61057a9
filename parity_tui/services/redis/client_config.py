"""The password that redis-cli and valkey-cli would use; applies only where auth = "native"."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from parity_tui.model import Reason, ServiceError, Target
from parity_tui.secrets import Secret
from parity_tui.transport.credential_files import as_secret

VARIABLE = "REDISCLI_AUTH"


def from_client_config(target: Target, environ: Mapping[str, str]) -> Target:
    """Return the target with a password that is read from the environment at each login."""

    def password() -> Secret:
        value = environ.get(VARIABLE, "")
        if not value:
            raise ServiceError(Reason.SECRET, f"password: the variable {VARIABLE} is not set")
        return as_secret(value, f"the variable {VARIABLE}")

    return replace(target, password=password)
