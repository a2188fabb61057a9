"""The output of the script, split into its sections."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from msgspec import Struct, field

_HEADER = re.compile(r"^# configuration file (/.*):$", re.MULTILINE)
"""begins a file in the output of `nginx -T`"""
_INCLUDE = re.compile(r"(?:^|[;{}])[ \t]*include[ \t]([^;{}\n]{1,5000});", re.MULTILINE)


class Sudo(Struct, frozen=True):
    """The end of a program that sudo ran."""

    code: str
    user: str
    command: str
    error: str


class ScriptOutput(Struct):
    """The output of the script."""

    build: str = ""
    """the output of `nginx -V`"""
    main: str = ""
    """the name of the main file"""
    files: dict[str, str] = field(default_factory=dict)
    """file name -> text"""
    includes: dict[str, list[str]] = field(default_factory=dict)
    """pattern of an include -> matching files"""
    unread: list[str] = field(default_factory=list)
    """files and folders that cannot be read"""
    closed: dict[str, list[str]] = field(default_factory=dict)
    """pattern of an include -> folders of it that cannot be read"""
    used: list[str] = field(default_factory=list)
    """patterns of the includes that nginx reads: the script also follows those in comments and strings"""
    missing: str | None = None
    """path of the program that does not exist, "" if it was searched on PATH; None if nginx was found"""
    failed: str = ""
    """how a program that the script needs has failed"""
    dump: str = ""
    """the output of `nginx -T`"""
    sudo: Sudo | None = None
    """how sudo ran it; None where the script has read the files itself"""
    whole: bool = False
    """whether the script ran to its end"""


def split_output(text: str, mark: str) -> ScriptOutput:
    r"""Split the output of the script at its marks.

    >>> output = split_output("# main /a\n# file /a\nevents {}\n\n# end\n", "#")
    >>> output.main, output.files, output.whole
    ('/a', {'/a': 'events {}\n\n'}, True)
    """
    output = ScriptOutput()
    pattern = ""
    for section in f"\n{text}".split(f"\n{mark} ")[1:]:
        head, _, body = section.partition("\n")
        title, _, name = head.partition(" ")
        match title:
            case "build":
                output.build = body
            case "main":
                output.main = name
            case "file":
                output.files[name] = f"{body}\n"
            case "include":
                output.includes[name] = [line for line in body.split("\n") if line]
                pattern = name
            case "unread":
                output.unread.append(name)
                output.closed.setdefault(pattern, []).append(name)
            case "missing":
                output.missing = name
            case "dump":
                output.main, output.dump = name, body
            case "dumped":
                output.sudo = Sudo(name, *f"{body}\n\n".split("\n", 2))
            case "failed":
                output.failed = name
            case "end":
                output.whole = True
    if output.sudo is not None:
        _take_dump(output)
    return output


def _take_dump(output: ScriptOutput) -> None:
    """Take the files that `nginx -T` has printed; a name that occurs twice may be a line of another file: it fails."""
    headers = list(_HEADER.finditer(output.dump))
    ends = [*(match.start() for match in headers[1:]), len(output.dump)]
    for match, end in zip(headers, ends, strict=False):
        if match[1] in output.files:
            output.failed = f"nginx -T prints {match[1]} twice: its files hold lines of such an output"
        output.files[match[1]] = output.dump[match.end() + 1 : end]
    output.main = headers[0][1] if headers else output.main
    folder = output.main.rpartition("/")[0]
    for pattern in {each.strip(" \t\"'") for text in output.files.values() for each in _INCLUDE.findall(text)}:
        full = pattern if pattern.startswith("/") else f"{folder}/{pattern}"
        matches = sorted(file for file in output.files if file == full or _matches(file, full))
        if matches or any(sign in pattern for sign in "*?["):  # else a comment: nginx has found all that it includes
            output.includes[pattern] = matches


def _matches(file: str, pattern: str) -> bool:
    """Return whether a file matches a glob, of which no sign stands for a slash or for the dot of a hidden file."""
    names, globs = file.split("/"), pattern.split("/")
    return len(names) == len(globs) and all(
        fnmatchcase(name, glob) and not (name.startswith(".") and not glob.startswith("."))
        for name, glob in zip(names, globs, strict=True)
    )
