"""The command or the option that would set a value, as text for a person to copy."""

from __future__ import annotations

import json
import re

from parity_tui.model import Fact, State

_NOT_SETTABLE = ("topology", "replica set", "members", "role", "maxWireVersion", "maxMessageSizeBytes",
                 "maxWriteBatchSize", "logicalSessionTimeoutMinutes")  # fmt: skip


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    """Return the command that sets a parameter, or the option and where it belongs; "" for neither.

    >>> print(remediate("notablescan", "false", Fact("true")))
    db.adminCommand({setParameter: 1, notablescan: false})   # and in the configuration file, for good
    >>> print(remediate("tlsMode", "requireTLS", Fact("disabled", source="set at the start")))
    setParameter: {tlsMode: "requireTLS"}   # in the configuration file, then a restart
    >>> print(remediate("option.security.authorization", "enabled", Fact("disabled")))
    security.authorization: enabled   # in the configuration file, then a restart
    """
    if setting in _NOT_SETTABLE or setting.startswith("build.") or not re.fullmatch(r"[\w .:/,+-]+", wanted, re.ASCII):
        return ""
    if setting == "featureCompatibilityVersion":
        return f"db.adminCommand({{setFeatureCompatibilityVersion: {json.dumps(wanted)}, confirm: true}})"
    if setting.startswith("option."):
        name = setting.removeprefix("option.")
        return f"{name}: {wanted}   # in the configuration file, then a restart"
    if fact.state is not State.VALUE or not re.fullmatch(r"\w+", setting, re.ASCII):
        return ""
    value = wanted if wanted in ("true", "false") or re.fullmatch(r"-?\d+(\.\d+)?", wanted) else json.dumps(wanted)
    if fact.source:
        return f"setParameter: {{{setting}: {value}}}   # in the configuration file, then a restart"
    return f"db.adminCommand({{setParameter: 1, {setting}: {value}}})   # and in the configuration file, for good"
