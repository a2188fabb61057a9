"""The command or the line that sets a value, as text for a person to copy."""

from __future__ import annotations

from parity_tui.model import Fact


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    """Return the command that enables a module, or the line that sets a directive; "" for any other value.

    >>> remediate("module.rewrite", "shared", Fact())
    'a2enmod rewrite   # on Debian; then apachectl graceful'
    >>> remediate("Timeout", "300", Fact("60", source="default"))
    'Timeout 300   # in the main file; then apachectl -t && apachectl graceful'
    """
    if setting.startswith("module.") and wanted == "shared":
        return f"a2enmod {setting.removeprefix('module.')}   # on Debian; then apachectl graceful"
    context, _, name = setting.rpartition("/") if "[" not in setting else ("", "", "")
    if not wanted or not name.isalnum() or name[0].islower() or any(sign in wanted for sign in ";\n\r<>"):
        return ""
    position = f", at {fact.source}" if ":" in fact.source else ""
    return f"{name} {wanted}   # in {context or 'the main file'}{position}; then apachectl -t && apachectl graceful"
