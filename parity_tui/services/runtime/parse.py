"""Output of a command → Reading."""

from __future__ import annotations

import re

from parity_tui.drift.policy import matches
from parity_tui.model import Fact, Reading, Reason, ServiceError, Target, ValueType
from parity_tui.transport.foreign import foreign

_PROPERTIES = {
    "java.version": "version", "java.vm.name": "vm", "java.vendor": "vendor", "os.arch": "arch",
    "file.encoding": "encoding", "native.encoding": "encoding.native", "user.timezone": "timezone",
    "user.language": "language", "java.class.version": "library.class_files",
}  # fmt: skip
"""property of Java -> name of its fact"""

_ARCHITECTURES = {"aarch64": "arm64", "amd64": "x86_64", "x64": "x86_64"}


def parse(text: str, mark: str, program: str, target: Target) -> Reading:
    r"""Return the reading of a command's output, which :func:`script` encloses in lines with ``mark``.

    Raises ServiceError where the command is missing, was interrupted or prints no version.

    >>> output = "\n@@7\nproduct\tRuby\nversion\t3.3.1\nlibrary.zlib\t1.3\n\n@@7 0\n"
    >>> reading = parse(output, "@@7", "ruby", Target("dev", "app", "runtime"))
    >>> reading.product, reading.version, reading.facts["library.zlib"].raw
    ('Ruby', '3.3.1', '1.3')
    """
    text = f"\n{text}"
    if f"\n{mark} missing" in text:
        raise ServiceError(Reason.SERVER, f"there is no command {program}")
    body, _, code = text.partition(f"\n{mark}\n")[2].partition(f"\n{mark} ")
    if not code:
        last = _last_line(text) or "it said nothing"
        raise ServiceError(Reason.PROTOCOL, f"the answer of {program} breaks off: {foreign(last)}")
    lines = [line for line in body.replace("\r", "").split("\n") if line.strip()]
    values = dict([pair for line in lines if (pair := _java_property(line) or _name_and_value(line))])
    if "version" not in values:
        values |= _version_line(lines, program, code.strip())
    product = "Java" if "vm" in values else values.pop("product", "")
    version = values.pop("version")
    if not (product and version):
        raise ServiceError(Reason.WRONG_SERVICE, f"{program} does not say its version: {foreign(_last_line(body))}")
    facts = _facts(values, target.options.get("packages", ""))
    return Reading(product, version, facts, address=_address(target, program))


def _address(target: Target, program: str) -> str:
    return program if target.scheme.endswith("+local") else f"{target.host}:{program}"


def _last_line(text: str) -> str:
    return (text.strip().split("\n")[-1]).strip()[:200]


def _name_and_value(line: str) -> tuple[str, str] | None:
    """Return name and value of a line that our script printed, None for warnings and the like."""
    name, tab, value = line.partition("\t")
    return (name, value) if tab and name.isprintable() else None


def _java_property(line: str) -> tuple[str, str] | None:
    name, equals, value = line.strip().partition(" = ")
    return (_PROPERTIES[name], value) if equals and name in _PROPERTIES else None


def _version_line(lines: list[str], program: str, code: str) -> dict[str, str]:
    """Return product and version from the first line that holds a version number."""
    name = program.rpartition("/")[2]
    for line in lines:
        if match := re.search(r"(?<![\w.])(?:v|go)?([0-9]+(\.[0-9]+)+[\w.+-]*)", line, re.ASCII):
            platform = re.search(r"[a-z]+/(\w+)$", line) if name.startswith("go") else None
            return {"product": name, "version": match[1], **({"arch": platform[1]} if platform else {})}
    reason = Reason.WRONG_SERVICE if code == "0" else Reason.SERVER
    last = _last_line(" ".join(lines)) or "it says nothing"
    raise ServiceError(reason, f"{program} does not say its version: {foreign(last)}")


def _facts(values: dict[str, str], wanted: str) -> dict[str, Fact]:
    """Return the facts; of packages those that match the globs in ``wanted``, all of them if it is empty."""
    globs = [_package_name(name) for name in re.split(r"[\s,]+", wanted) if name]
    facts = {}
    for name, value in values.items():
        if not name.startswith("package."):
            canonical = _ARCHITECTURES.get(value, value) if name == "arch" else ""
            facts[name] = Fact(value, canonical=canonical)
            continue
        package = _package_name(name.removeprefix("package."))
        if not globs or any(matches(glob, package) for glob in globs):
            facts[f"package.{package}"] = Fact(value, ValueType.SET if ", " in value else ValueType.TEXT)
    for name in globs:
        if "*" not in name and "?" not in name:
            facts.setdefault(f"package.{name}", Fact("not installed"))
    facts.pop("no packages", None)
    return facts


def _package_name(name: str) -> str:
    """Return a package's name in one spelling: Flask_Login and flask-login are the same package."""
    return re.sub(r"[_.]+", "-", name).lower()
