"""The output of the script, split into its sections."""

from __future__ import annotations

from msgspec import Struct, field


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
    """files that cannot be read"""
    missing: str | None = None
    """path of the program that does not exist, "" if it was searched on PATH; None if nginx was found"""
    failed: str = ""
    """how a program that the script needs has failed"""
    whole: bool = False
    """whether the script ran to its end"""


def split_output(text: str, mark: str) -> ScriptOutput:
    r"""Split the output of the script at its marks.

    >>> output = split_output("# main /a\n# file /a\nevents {}\n\n# end\n", "#")
    >>> output.main, output.files, output.whole
    ('/a', {'/a': 'events {}\n\n'}, True)
    """
    output = ScriptOutput()
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
            case "unread":
                output.unread.append(name)
            case "missing":
                output.missing = name
            case "failed":
                output.failed = name
            case "end":
                output.whole = True
    return output
