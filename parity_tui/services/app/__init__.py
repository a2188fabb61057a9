"""The app itself: which revision runs, since when, and from where.

An endpoint is asked with GET on one kept connection: `app+https://shop.example/__version__`; redirects are not
followed. Without a path, the conventional ones are tried in order, once. An http(s) URL is of this kind too where its
path is one that serves nothing else (`/__version__`, `/version`, `/version.json`, `/api/version`, `/actuator/info`), or
where its service is named `app`.

A container (`app+docker://shop-web`) is inspected from its host: the OpenContainers labels and a list of variables
that name a build; no other variable leaves the host. Of a folder (`app+ssh://web1/srv/shop/current`,
`app+local:///srv/shop/current`) the files of Capistrano and of git are read; git need not be installed.

Least privilege: none for an open endpoint; to run `docker inspect`; to read the folder.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from parity_tui.model import Dialer, Reading, ReadOnce, Reason, Service, ServiceError, Target
from parity_tui.services.app.connection import client
from parity_tui.services.app.connection import read as read_endpoint
from parity_tui.services.app.parse import parse
from parity_tui.services.app.parse.container import of_container
from parity_tui.services.app.parse.folder import of_folder, sections
from parity_tui.services.app.queries import CLAIMED_PATHS, VARIABLES, container_script, folder_script
from parity_tui.services.app.rules import RULES
from parity_tui.transport.command import ENGINES, way_of


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Yield the function that reads the endpoint, the container or the folder."""
    if way_of(target) in ENGINES:
        yield partial(_read_container, target, dialer)
    elif target.scheme in ("app+local", "app+ssh"):
        yield partial(_read_folder, target, dialer)
    else:
        http = await client(target, dialer)
        try:
            yield partial(read_endpoint, http, target)
        finally:
            http.end()


async def _read_container(target: Target, dialer: Dialer) -> Reading:
    output = await dialer.sh(container_script(target.host, way_of(target)), outside=True)
    signs = of_container(output.out.decode(errors="replace"))
    if output.code and not output.out:
        raise ServiceError(Reason.SERVER, f"{way_of(target)} does not show the container {target.host}")
    if not signs.known:
        raise ServiceError(
            Reason.SERVER,
            f"the container {target.host} names no build: neither the label org.opencontainers.image.revision nor "
            f"one of the variables {', '.join(VARIABLES[:2])}, … {VARIABLES[-2]}",
        )
    return parse(signs, target)


async def _read_folder(target: Target, dialer: Dialer) -> Reading:
    if not target.path:
        raise ServiceError(Reason.CONFIG, f"the URL names no folder: {target.scheme}://…/srv/shop/current, for example")
    mark = f"@@{secrets.token_hex(8)}"  # random, so that no file can contain it
    output = await dialer.sh(folder_script(target.path, mark))
    parts = sections(output.out.decode(errors="replace"), mark)
    if "missing" in parts:
        raise ServiceError(Reason.SERVER, f"the folder {target.path} does not exist, or may not be entered")
    signs = of_folder(parts)
    if not signs.known:
        text = f"the folder {target.path} names no build: it has no REVISION, and no .git with a commit"
        raise ServiceError(Reason.SERVER, "; ".join((text, *signs.notes)))
    return parse(signs, target)


def claims(scheme: str, service: str, path: str) -> str:
    """Return the scheme of an http(s) URL that is an endpoint of the app, "" for that of a web server.

    >>> claims("https", "web", "__version__"), claims("https", "app", ""), claims("https", "web", "version/notes")
    ('app+https', 'app+https', '')
    """
    ours = scheme in ("http", "https") and (service == "app" or path.strip("/") in CLAIMED_PATHS)
    return f"app+{scheme}" if ours else ""


SERVICE = Service(
    title="App",
    schemes=("app+http", "app+https"),
    connect=connect,
    privilege="none for an open endpoint; to run docker inspect; to read the folder of the release",
    rules=RULES,
    claims=claims,
    commands=True,
    port=80,
    tls_port=443,
    tls_schemes=("app+https",),
    login_in_reading=True,
)
