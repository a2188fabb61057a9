"""An argument parser whose errors are plain sentences that name the nearest command, option or choice."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

from parity_tui.cli.exit import Exit

_VALUE_FOR_SWITCH = re.compile(r": ignored explicit argument .*", re.DOTALL)
_AMBIGUOUS = re.compile(r"ambiguous option: (\S+) could match (.*)", re.DOTALL)


class Parser(argparse.ArgumentParser):
    """A parser that suggests the nearest name for an unknown one; errors end with :attr:`Exit.USAGE`."""

    def error(self, message: str) -> NoReturn:
        """Print the message as one sentence behind the command and exit."""
        text = _VALUE_FOR_SWITCH.sub(" takes no value", message.removeprefix("argument "))
        text = text.replace("the following arguments are required: ", "it needs ")
        text = _AMBIGUOUS.sub(lambda match: f"{match[1]} could be {match[2].replace(', ', ' or ')}", text)
        text = "".join(character if character.isprintable() else " " for character in text)
        print(f"{self.prog}: {text}", file=sys.stderr)  # noqa: T201
        sys.exit(Exit.USAGE)

    def refuse_unknown_options(self, words: Sequence[str], others: Callable[[], Mapping[str, Parser]]) -> None:
        """Exit at the first option that this parser lacks; ``others`` makes the parsers of the commands by name."""
        for word in words:
            if word == "--":
                return
            name = word.partition("=")[0] if word.startswith("--") else word[:2]
            if len(name) > 1 and name.startswith("-") and not self._has(name):
                self.error(f'there is no option "{name}"{self._hint(name, others())}')

    def refuse_words(self, words: Iterable[str]) -> None:
        """Exit at the first word that belongs to no option."""
        for word in words:
            from parity_tui.config.address import has_password

            shown = "an argument" if has_password(word) else f'"{word}"'
            names = "; names follow an option: --environment NAME" if self._has("--environment") else ""
            self.error(f"there is no place for {shown}{names}")

    def options(self) -> list[str]:
        """Return the names of all options that help lists."""
        return [name for name, action in self._option_string_actions.items() if action.help != argparse.SUPPRESS]

    def _has(self, name: str) -> bool:
        """Return whether an option has this name, or, as argparse permits, begins like it."""
        return any(
            option == name or option.startswith(name) > (name[1:2] != "-") for option in self._option_string_actions
        )

    def _hint(self, name: str, others: Mapping[str, Parser]) -> str:
        from parity_tui.config.errors import similar

        if holders := [command for command, parser in others.items() if name in parser.options()]:
            return f" here; it belongs to {', '.join(holders)}"
        if close := similar(name, self.options()):
            return f'; did you mean "{close}"?'
        if close := similar(name, [option for parser in others.values() for option in parser.options()]):
            holders = [command for command, parser in others.items() if close in parser.options()]
            return f'; did you mean "{close}" behind {", ".join(holders)}?'
        return f"; {self.prog} --help lists all"

    def _print_message(self, message: str, file: Any = None) -> None:
        (file or sys.stderr).write(message)  # argparse itself hides that a text cannot be written
        sys.stdout.flush()

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        from parity_tui.config.errors import nearest

        hint = nearest(value, action.choices)
        if isinstance(action, argparse._SubParsersAction):
            raise argparse.ArgumentError(None, f'there is no command "{value}"{hint}')
        raise argparse.ArgumentError(None, f'{_name_of(action)} cannot be "{value}"{hint}')

    def _match_argument(self, action: argparse.Action, arg_strings_pattern: str) -> int:
        try:
            return super()._match_argument(action, arg_strings_pattern)
        except argparse.ArgumentError:
            raise argparse.ArgumentError(None, f"{_name_of(action)} needs a value{_usage(action)}") from None


def _name_of(action: argparse.Action) -> str:
    """Return the long name of an option, the metavar of another argument."""
    return action.option_strings[-1] if action.option_strings else str(action.metavar)


def _usage(action: argparse.Action) -> str:
    words = action.metavar if isinstance(action.metavar, tuple) else (action.metavar,)
    metavar = " ".join(filter(None, words if isinstance(action.nargs, int) else words[:1]))
    value = metavar or "|".join(map(str, action.choices or ()))
    return f": {_name_of(action)} {value}" if value else ""
