"""The password of a target, without a wait of the event loop."""

from __future__ import annotations

from parity_tui.model import QuickPassword, Target
from parity_tui.secrets import Secret
from parity_tui.transport.threads import in_thread


async def password_of(target: Target) -> Secret | None:
    """Return the password of a target, None without one. Raises ServiceError(Reason.SECRET, …)."""
    source = target.password
    if source is None:
        return None
    return source() if isinstance(source, QuickPassword) else await in_thread(source)
