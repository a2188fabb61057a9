"""The configuration of a file that was never allowed: what needs consent is not read, the rest is."""

from __future__ import annotations

from msgspec.structs import replace

from parity_tui.config.config import Config
from parity_tui.drift.values import printable
from parity_tui.drift.words import listing
from parity_tui.model import Failure, Reason, Target

ALLOW = "parity-tui allow"


def needs_consent(config: Config) -> tuple[str, ...]:
    """Return what a configuration starts and sends beside passwords, each once."""
    git = (f"run git in {printable(config.repository)}",) if config.repository else ()
    events = config.notify.consent if config.notify else ()
    targets = (*config.targets, *((config.hub,) if config.hub else ()))
    return (*dict.fromkeys(phrase for target in targets for phrase in target.consent), *git, *events)


def restricted(config: Config) -> Config:
    """Return the configuration with a failure for each target that needs consent, and a warning that lists the needs.

    A target that cannot be read anyway keeps its own problem.
    """
    targets = tuple(_refused(target, config.name) if target.consent else target for target in config.targets)
    count = sum(1 for target in targets if target.consent)
    unread = [f"{count} of {len(targets)} targets are not read"] if count else []
    unread += ["its repository is not read"] if config.repository and not count else []
    unread += ["its history is not shared"] if config.hub else []
    unread += ["a watcher sends no events"] if config.notify else []
    return replace(config, targets=targets, repository="", hub=None, notify=None).with_warnings(
        f"{config.name} was never allowed here, so {listing(unread)}; it would "
        f"{', '.join(needs_consent(config))}; if you trust it as it is now: {ALLOW}"
    )


def _refused(target: Target, name: str) -> Target:
    message = f"{name} was never allowed to {', or to '.join(target.consent)}; if you trust it, run {ALLOW}"
    return replace(target, problem=target.problem or Failure(Reason.CONFIG, message))
