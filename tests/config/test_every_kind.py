"""Every real kind can be configured."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from parity_tui import services
from parity_tui.config import ConfigError, parse, target
from parity_tui.config.app_url import NotUnderstoodError, understand
from parity_tui.config.targets import MODES
from parity_tui.config.trust.restriction import needs_consent, restricted


@pytest.fixture(autouse=True)
def _made_up_kinds() -> None:
    """Use the real kinds."""


@pytest.mark.parametrize("scheme", services.schemes())
def test_every_scheme_gives_a_target_of_its_kind(scheme: str) -> None:
    kind = services.schemes()[scheme]
    service = services.kinds()[kind]
    by_command = scheme.endswith(("+local", "+ssh", "+docker", "+podman", "+kube"))
    authority = (
        "ann@host"
        if service.port and not by_command
        else "place"
        if scheme.endswith(("+ssh", "+docker", "+podman"))
        else ""
    )
    url = f"{scheme}://{'pod/place' if scheme.endswith('+kube') else authority}/x"
    text = f"[environments.dev]\nkube = 'c/n'\n[environments.dev.services]\nit = '{url}'\n"
    target = parse(text, "parity.toml", {}, Path("/srv")).targets[0]
    ours = services.canonical_scheme(scheme)
    assert (target.kind, target.scheme, target.tls in MODES) == (kind, ours, True)
    assert bool(target.port) == (bool(service.port) and not by_command)
    assert (target.tls == "verify-full") == (ours in service.tls_schemes)


def test_command_url_keeps_capitals_and_own_keys() -> None:
    text = '[environments.dev.services.machine]\nurl = "host+docker://Web_1"\npackages = "nginx, libicu*"\n'
    target = parse(text, "parity.toml", {}, Path("/srv")).targets[0]
    assert (target.host, target.options) == ("Web_1", {"packages": "nginx, libicu*"})


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('url = "host+ssh:///x"', "names no place"),
        ('url = "host+docker://ann@web"', "neither a user nor a port"),
        ('url = "host+podman://web:1"', "neither a user nor a port"),
        ('url = "host+local://"\npassword = "x"', "log in as they do"),
        ('url = "host+ssh://db1?a=b"', 'unknown key "a"'),
    ],
)
def test_keys_without_effect_on_commands_are_rejected(entry: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        parse(f"[environments.dev.services.machine]\n{entry}\n", "parity.toml", {}, Path("/srv"))


@pytest.mark.parametrize(
    ("service", "url", "kind", "scheme"),
    [
        ("web", "https://shop.example/__version__", "app", "app+https"),
        ("web", "https://shop.example/api/version", "app", "app+https"),
        ("app", "http://shop.example:8000", "app", "app+http"),
        ("app", "https://${HOST}/any", "app", "app+https"),
        ("worker", "app+https://shop.example/state", "app", "app+https"),
        ("web", "https://shop.example/health", "http", "https"),
        ("web", "https://shop.example/docs/version", "http", "https"),
        ("app", "redis://cache", "redis", "redis"),
        ("app", "nginx+ssh://web1", "nginx", "nginx+ssh"),
    ],
)
def test_url_of_an_app_is_told_from_a_page(service: str, url: str, kind: str, scheme: str) -> None:
    target = parse(f'[environments.dev.services]\n{service} = "{url}"\n', "parity.toml", {}, Path("/srv")).targets[0]
    assert (target.kind, target.scheme) == (kind, scheme)
    assert (target.problem is not None) == ("${" in url)
    if scheme == "app+https" and target.problem is None:
        assert (target.port, target.tls, target.consent) == (443, "verify-full", ())


def test_repository_is_relative_to_the_file_and_needs_consent() -> None:
    text = 'repository = "shop"\n[environments.dev.services]\napp = "https://shop.example"\n'
    config = parse(text, "parity.toml", {}, Path("/srv"))
    assert config.repository == "/srv/shop"
    assert needs_consent(config) == ("run git in /srv/shop",)
    assert restricted(config).repository == ""


@pytest.mark.parametrize("word", ["tls", "ssl"])
def test_scheme_that_means_tls_gives_no_clear_text(word: str) -> None:
    """An app's URL is verified; in parity.toml such a scheme is TLS or an error."""
    for kind, service in services.kinds().items():
        if not service.port or service.commands:
            continue
        for scheme in (*service.schemes, *service.scheme_aliases):
            url = f"{scheme}+{word}://h"
            for app in (True, False):
                with suppress(ConfigError, NotUnderstoodError):
                    understood = understand(url) if app else None
                    found = target("dev", "it", understood.urls[0] if understood else url, Path("/"), {}, app=app)
                    assert found.tls.startswith("verify"), (kind, url)
                    assert "+" not in found.scheme or found.scheme in scheme, (kind, url)
