"""The URLs of one service of a dotenv file, and the login beside them -> its targets."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from msgspec.structs import replace

from parity_tui.config.dotenv_parts import Login
from parity_tui.config.targets import EntryContext, ServiceEntry, as_nodes, build
from parity_tui.model import Target

_ONE_OF_SEVERAL = "target_session_attrs"
"""the option by which an app takes one of several hosts"""


def nodes_of(context: EntryContext, urls: Sequence[str], login: Login | None) -> tuple[Target, ...]:
    """Return a target for each URL, with user and password where the URL has neither. Raises InvalidValue."""
    targets = [_with_login(context, url, login) for url in urls]
    return as_nodes([_any_of_several(target) for target in targets]) if len(targets) > 1 else tuple(targets)


def _with_login(context: EntryContext, url: str, login: Login | None) -> Target:
    """Return the target of a URL, with the login where it has none. Raises InvalidValue."""
    target = build(context, ServiceEntry(url=url), {})
    if login is None or target.password is not None or (target.user and login.user):
        return target
    scheme, _, rest = url.partition("://")
    user = f"{quote(login.user, safe='')}@" if login.user else ""
    password = login.password.reveal() if login.password else None
    return build(context, ServiceEntry(url=f"{scheme}://{user}{rest}", password=password), {})


def _any_of_several(target: Target) -> Target:
    """Return one of several hosts without the option that lets the app take only one of them."""
    wanted = target.options.get(_ONE_OF_SEVERAL, "any")
    if wanted == "any":
        return target
    options = {name: value for name, value in target.options.items() if name != _ONE_OF_SEVERAL}
    note = f"every host is read; the app takes one that fits {_ONE_OF_SEVERAL} = {wanted}"
    return replace(target, options=options, notes=(*target.notes, note))
