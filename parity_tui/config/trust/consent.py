"""The programs that reading a target starts, and what it sends beside passwords: needs the user's consent.

A file that the user never allowed may name a server and its password, for that is what it is for. It may not start a
program, nor send what the user keeps for something else: other variables, files elsewhere, stored logins.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from parity_tui.config.targets.entry import EntryContext
from parity_tui.config.variables import interpolate
from parity_tui.drift.values import printable
from parity_tui.model import Service, ServiceError, Target
from parity_tui.transport.command import ENGINES, way_of

_OF_OTHERS = re.compile(
    r"(AWS|AZURE|ARM|GOOGLE|GCP|GCLOUD|CLOUDSDK|DIGITALOCEAN|CLOUDFLARE|HCLOUD|HEROKU|FLY|GITHUB|GH|GITLAB|GL|CI|NPM|"
    r"NODE_AUTH|PYPI|TWINE|UV|CARGO|DOCKER|VAULT|CONSUL|NOMAD|TF|KUBE|OP|BW|SSH|GPG|ANTHROPIC|OPENAI|HF|SLACK|SENTRY|"
    r"STRIPE|DATADOG|DD)_",
    re.IGNORECASE,
)
"""beginnings of variables that hold the credentials of programs and clouds, not those of a backing service"""

_PLACES = {
    "local": "on this machine", "ssh": "on {host}", "kube": "in {host}",
    **dict.fromkeys(ENGINES, "in the container {host}"),
}  # fmt: skip


class References(Struct, frozen=True):
    """The variables whose values a text holds."""

    passwords: tuple[str, ...] = ()
    """in the place of a URL's password"""
    others: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    """alone, so that the value is the whole URL: it leads where the variable says, and is sent nowhere else"""


class _Marks(Mapping[str, str]):
    """The variables that are set, each with a mark in place of its value."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.names: dict[str, str] = {}
        """mark -> variable"""

    def __getitem__(self, name: str) -> str:
        if not self._environ[name]:
            return ""
        mark = f"zq{len(self.names)}qz"
        self.names[mark] = name
        return mark

    def __iter__(self) -> Iterator[str]:
        return iter(self._environ)

    def __len__(self) -> int:
        return len(self._environ)

    def within(self, text: str) -> tuple[str, ...]:
        """Return the variables whose marks a text holds."""
        return tuple(dict.fromkeys(name for mark, name in self.names.items() if mark in text))


def references(text: str, environ: Mapping[str, str]) -> References:
    """Return the variables whose values a text holds, by their places in it.

    >>> environ = {"PW": "x", "TOKEN": "y", "URL": "redis://:z@h"}
    >>> references("redis://:${PW}@${TOKEN}.example", environ)
    References(passwords=('PW',), others=('TOKEN',), urls=())
    >>> references("redis://${USER:-app}:${PW}@db", environ).others, references("${URL}", environ).urls
    ((), ('URL',))
    """
    if "$" not in text:
        return References()
    marks = _Marks(environ)
    marked = interpolate(text, marks).text
    if marked in marks.names:
        return References(urls=(marks.names[marked],))
    password = _password(marked)
    return References(marks.within(password), marks.within(marked.replace(f":{password}@", "@", 1)))


def _password(url: str) -> str:
    try:
        userinfo = urlsplit(url).netloc.rpartition("@")[0]
    except ValueError:
        return ""
    return userinfo.partition(":")[2]


def of_entry(
    context: EntryContext, table: Mapping[str, Any], url: str, target: Target, service: Service
) -> tuple[str, ...]:
    """Return what reading a target starts and sends, a phrase each: "run pass show db". No phrase holds a value.

    Args:
        context: the surroundings of the entry.
        table: the entry as it is written, references included.
        url: its URL, likewise.
        target: the target made of it.
        service: its kind.
    """
    phrases = [phrase for program in PROGRAMS if (phrase := program(table, target, service))]
    texts = {**{name: value for name, value in table.items() if name in service.options}, "url": url}
    found = [references(text, context.environ) for text in texts.values() if isinstance(text, str)]
    beside = [table["password_env"]] if isinstance(table.get("password_env"), str) else []
    password = references(str(table.get("password", "")), context.environ)
    beside += (*password.urls, *password.others)
    named = [*beside, *(name for each in found for name in each.passwords)]
    where = _destination(target, url, context.environ)
    if target.host:
        names = [*(name for each in found for name in each.others), *filter(_OF_OTHERS.match, named)]
        phrases += [f"send the variable {name} to {where}" for name in dict.fromkeys(names)]
    phrases += [f"{phrase} to {where}" for phrase in _stored(context, table, target)]
    return tuple(map(printable, phrases))


def password_variables(context: EntryContext, table: Mapping[str, Any], url: str) -> set[str]:
    """Return the variables that an entry names for passwords: no child of this process needs them."""
    names = {table["password_env"]} if isinstance(table.get("password_env"), str) else set[str]()
    for key, text in {**table, "url": url}.items():
        if isinstance(text, str):
            found = references(text, context.environ)
            names |= {*found.passwords, *found.urls, *(found.others if key == "password" else ())}
    return names


def without_values(message: str, table: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """Return a message about an entry with ${NAME} in place of the values of its variables.

    >>> without_values('unknown key "tops3cret"', {"url": "redis://h/?${TOKEN}"}, {"TOKEN": "tops3cret"})
    'unknown key "${TOKEN}"'
    """
    for text in table.values():
        found = references(text, environ) if isinstance(text, str) else References()
        for name in (*found.passwords, *found.others, *found.urls):
            message = message.replace(f'"{environ[name]}"', f'"${{{name}}}"')
    return message


def _destination(target: Target, url: str, environ: Mapping[str, str]) -> str:
    """Return the address of a target, unless a variable is part of it."""
    return "the server of its URL" if references(url, environ).others else target.address


def _stored(context: EntryContext, table: Mapping[str, Any], target: Target) -> Iterator[str]:
    """Yield which stored logins and files from elsewhere are sent."""
    if target.host and table.get("auth"):
        yield "send the login of your own clients"
    if keyring := table.get("password_keyring"):
        yield f"send the entry {keyring if isinstance(keyring, str) else '/'.join(map(str, keyring))} of your keyring"
    file = table.get("password_file")
    if isinstance(file, str) and _is_elsewhere(context, file):
        yield f"send the content of {file}"
    if any(name and _is_elsewhere(context, name) for name in (target.cert, target.key)):
        yield "log in with a certificate from another folder"


def _is_elsewhere(context: EntryContext, name: str) -> bool:
    """Return whether a file, links resolved, is outside the folder of the configuration."""
    folder = os.path.realpath(context.folder)
    file = os.path.realpath(context.file(interpolate(name, context.environ).text))
    return os.path.commonpath((folder, file)) != folder


def _password_command(table: Mapping[str, Any], target: Target, service: Service) -> str:
    argv = table.get("password_command")
    return f"run {shlex.join(map(str, argv))}" if isinstance(argv, list) else ""


def _commands(table: Mapping[str, Any], target: Target, service: Service) -> str:
    way = way_of(target)
    if not way and service.programs is None:
        return ""
    try:
        programs = service.programs(target) if service.programs else "a shell"
    except ServiceError:  # the URL names no program, but the login comes first
        return of_ssh(target.host) if way == "ssh" else ""
    return f"run {programs}{' as root' if target.sudo else ''} {_PLACES[way or 'local'].format(host=target.host)}"


def _tunnel(table: Mapping[str, Any], target: Target, service: Service) -> str:
    argv = table.get("tunnel")
    return of_tunnel(argv) if argv and isinstance(argv, list) else ""


def of_tunnel(argv: Sequence[str]) -> str:
    """Return what a tunnel, as written, needs of the user."""
    return printable(f"run {shlex.join(map(str, argv))}")


PROGRAMS: tuple[Callable[[Mapping[str, Any], Target, Service], str], ...] = (_password_command, _tunnel, _commands)
"""everything by which an entry starts a program: (entry as written, target, kind) -> "run …", "" for none. A kind
declares its own in `Service.programs`; a new key that starts one is a function here. What an environment names for
all of its targets is :func:`of_ssh`, :func:`of_kube` and :func:`of_tunnel`"""


def of_kube(kube: str, ssh: str) -> str:
    """Return what the cluster of an environment, as written, needs of the user; ``ssh`` is where kubectl runs.

    >>> of_kube("prod/shop", "")
    'run kubectl with the context prod'
    """
    where = f" on {ssh}" if ssh else ""
    return printable(f"run kubectl with the context {kube.rpartition('/')[0]}{where}")


def of_hub(hub: Target) -> str:
    """Return what a shared history needs of the user, whatever its login is: it gets the values of all targets."""
    return printable(f"send the history to {hub.address}")


def of_ssh(ssh: str) -> str:
    """Return what the ssh host of an environment, as written, needs of the user."""
    return printable(f"log in to {ssh} with ssh")


def of_notify(command: Sequence[str], webhook: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the table [notify], as written, starts and sends, a phrase each.

    >>> of_notify(["notify-send"], "https://hooks.example/${TOKEN}", {"TOKEN": "x"})
    ('run notify-send for events', 'send events and the variable TOKEN to hooks.example')
    """
    phrases = [f"run {shlex.join(command)} for events"] if command else []
    if webhook:
        found = references(webhook, environ)
        names = "".join(f" and the variable {name}" for name in (*found.passwords, *found.others))
        where = f"the URL of the variable {found.urls[0]}" if found.urls else _written_host(webhook)
        phrases.append(f"send events{names} to {where}")
    return tuple(map(printable, phrases))


def url_variables(url: str, environ: Mapping[str, str]) -> set[str]:
    """Return the variables that a URL with a secret refers to: no child of this process needs them."""
    found = references(url, environ)
    return {*found.passwords, *found.urls, *found.others}


def _written_host(url: str) -> str:
    try:
        host = urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        host = ""
    return host if host and "$" not in host else "the server of its URL"
