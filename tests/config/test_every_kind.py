"""The kinds that there really are: each can be written into a configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity_tui import services
from parity_tui.config import ConfigError, parse
from parity_tui.config.targets import MODES


@pytest.fixture(autouse=True)
def _made_up_kinds() -> None:
    """Leave the kinds as they are."""


@pytest.mark.parametrize("scheme", services.schemes())
def test_every_scheme_of_every_kind_gives_a_target_of_that_kind(scheme: str) -> None:
    """With the port and the mode of TLS of its kind."""
    kind = services.schemes()[scheme]
    service = services.kinds()[kind]
    place = "ann@host" if service.port else "place" if scheme.endswith(("+ssh", "+docker")) else ""
    url = f"{scheme}://{place}/x"
    target = parse(f"[environments.dev.services]\nit = '{url}'\n", "parity.toml", {}, Path("/srv")).targets[0]
    assert (target.kind, target.scheme, target.tls in MODES) == (kind, scheme, True)
    assert bool(target.port) == bool(service.port)
    assert (target.tls == "verify-full") == (scheme in service.tls_schemes)


def test_what_is_read_with_commands_keeps_its_place_and_its_own_keys() -> None:
    """The name of a container is not that of a host: capitals count; and packages are the kind's own key."""
    text = '[environments.dev.services.machine]\nurl = "host+docker://Web_1"\npackages = "nginx, libicu*"\n'
    target = parse(text, "parity.toml", {}, Path("/srv")).targets[0]
    assert (target.host, target.options) == ("Web_1", {"packages": "nginx, libicu*"})


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('url = "host+ssh:///x"', "names no place"),
        ('url = "host+docker://ann@web"', "neither a user nor a port"),
        ('url = "host+local://"\npassword = "x"', "log in as they do"),
        ('url = "host+ssh://db1?a=b"', 'unknown key "a"'),
    ],
)
def test_what_means_nothing_to_a_command_is_refused(entry: str, words: str) -> None:
    """In words, as everywhere."""
    with pytest.raises(ConfigError, match=words):
        parse(f"[environments.dev.services.machine]\n{entry}\n", "parity.toml", {}, Path("/srv"))
