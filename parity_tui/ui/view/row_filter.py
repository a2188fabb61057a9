"""The filter of the board: words in names and values, and the prefixes "env:" and "service:"."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

_ENVIRONMENT, _SERVICE = ("env:", "environment:"), ("service:",)


class RowFilter(Struct, frozen=True):
    """A typed filter, taken apart; all parts are casefolded."""

    text: str = ""
    """part of a setting, a value or the name of a service"""
    environment: str = ""
    """beginning of the names of environments that a row marks"""
    service: str = ""
    """part of the name of a service"""

    @classmethod
    def parse(cls, typed: str) -> RowFilter:
        """Return the parts of a typed filter.

        >>> RowFilter.parse("env:prod time zone")
        RowFilter(text='time zone', environment='prod', service='')
        """
        words, environment, service = [], "", ""
        for word in typed.casefold().split(" "):
            if prefix := next((prefix for prefix in _ENVIRONMENT if word.startswith(prefix)), ""):
                environment = word.removeprefix(prefix)
            elif prefix := next((prefix for prefix in _SERVICE if word.startswith(prefix)), ""):
                service = word.removeprefix(prefix)
            else:
                words.append(word)
        return cls(" ".join(words).strip(), environment, service)

    def has_service(self, name: str) -> bool:
        """Return whether rows of a service may match."""
        return self.service in name.casefold()

    def names_service(self, name: str) -> bool:
        """Return whether the text is part of the name of a service, so that all its rows match."""
        return bool(self.text) and self.text in name.casefold()

    def has_environment(self, names: Sequence[str]) -> bool:
        """Return whether one of the marked environments matches."""
        return not self.environment or any(name.casefold().startswith(self.environment) for name in names)
