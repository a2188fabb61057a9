"""Limits and sizes: open files, processors, memory, kernel settings, control groups."""

from __future__ import annotations

import re

from parity_tui.model import Fact, ValueType
from parity_tui.services.host.parse.output import OF_THE_LOGIN, ScriptOutput, present

_LIMITS = {
    "Max processes": ("nproc", ValueType.NUMBER),
    "Max locked memory": ("memlock", ValueType.SIZE),
    "Max core file size": ("core", ValueType.SIZE),
    "Max stack size": ("stack", ValueType.SIZE),
    "Max address space": ("address_space", ValueType.SIZE),
    "Max file size": ("file_size", ValueType.SIZE),
    "Max realtime priority": ("rtprio", ValueType.NUMBER),
    "Max nice priority": ("nice", ValueType.NUMBER),
    "Max cpu time": ("cpu_time", ValueType.NUMBER),
    "Max pending signals": ("pending_signals", ValueType.NUMBER),
    "Max msgqueue size": ("message_queues", ValueType.SIZE),
}
"""line of /proc/self/limits -> name and type of its fact"""
_LEVELS = (
    (2, {"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"}),
    (3, {"abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"}),
    (4, {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}),
)
"""(level, flags of Linux that it adds), as the ABI of x86-64 defines them"""
_NO_LIMIT = 1 << 60  # cgroup version 1 reports the largest possible size if no limit is set


def limits(output: ScriptOutput) -> dict[str, Fact]:
    """Return open files, processors, memory, kernel settings and the limits of control groups."""
    session, memory, apple = output.pairs("session"), output.pairs("memory"), output.pairs("darwin")
    facts = {
        "nofile": Fact(session.get("nofile", ""), ValueType.NUMBER, note=OF_THE_LOGIN),
        "nofile.hard": Fact(
            session.get("nofile_hard", ""),
            ValueType.NUMBER,
            default=session.get("nofile_hard") == session.get("nofile"),
            note=OF_THE_LOGIN,
        ),
        "cpus": Fact(_number(output, "cpus") or apple.get("hw.ncpu", ""), ValueType.NUMBER),
        "cpu_level": Fact(_level(set(memory.get("flags", "").split()))),
        "boot_options": Fact(memory.get("boot", "").strip()),
        "memory": _memory(memory.get("MemTotal") or f"{apple.get('hw.memsize', '')} B"),
        "swap": Fact(_swap(memory.get("SwapTotal", ""), apple.get("vm.swapusage", ""))),
        "transparent_hugepage": Fact(_selected_option(memory.get("thp", ""))),
        "transparent_hugepage.defrag": Fact(_selected_option(memory.get("defrag", ""))),
    }
    for name, value in output.every("sysctl"):
        name = name.replace("/", ".")
        facts[name] = Fact(" ".join(value.split()), ValueType.NUMBER if value.isdecimal() else ValueType.TEXT)
    for name in ("kern.maxfiles", "kern.ipc.somaxconn"):
        facts[name] = Fact(apple.get(name, ""), ValueType.NUMBER)
    return {**present(facts), **_process_limits(output), **_cgroup(output)}


def _process_limits(output: ScriptOutput) -> dict[str, Fact]:
    """Return umask and the soft limits of /proc/self/limits: name, soft, hard, unit in columns."""
    umask = output.pairs("session").get("umask", "")
    facts = {"umask": Fact(umask, ValueType.OCTAL, note=OF_THE_LOGIN)} if umask else {}
    for line in output.lines("limits"):
        title, *columns = re.split(r"\s{2,}", line.strip())
        if title in _LIMITS and columns:
            name, kind = _LIMITS[title]
            facts[name] = Fact(columns[0], kind, note=OF_THE_LOGIN)
    return facts


def _number(output: ScriptOutput, name: str) -> str:
    """Return the first number under a name: a program that failed, or that another one replaces, prints none."""
    return next((value for key, value in output.every("memory") if key == name and value.isdecimal()), "")


def _level(flags: set[str]) -> str:
    """Return the level of a processor's instructions, "" for one that is not of x86-64.

    >>> _level(set()), _level({"lm", "sse2"}), _level({"lm"} | _LEVELS[0][1] | _LEVELS[1][1])
    ('', 'x86-64-v1', 'x86-64-v3')
    """
    level = 1
    for number, added in _LEVELS:
        if level < number - 1 or not added <= flags:
            break
        level = number
    return f"x86-64-v{level}" if "lm" in flags else ""


def _memory(text: str) -> Fact:
    """Return the memory, rounded for comparison: kernels reserve different amounts of it.

    >>> _memory("24684100 kB").canonical, _memory("68719476736 B").canonical, _memory("2014344 kB").canonical
    ('24 GB', '64 GB', '1.9 GB')
    """
    match = re.fullmatch(r"([0-9]{1,20}) (kB|B)", text, re.ASCII)
    if not match:
        return Fact("")
    size = int(match[1]) * (1024 if match[2] == "kB" else 1) / 1024**3
    return Fact(text, ValueType.SIZE, "B", canonical=f"{size:.0f} GB" if size >= 10 else f"{size:.1f} GB")


def _swap(linux: str, apple: str) -> str:
    """Return "on" or "off", "" if the system does not report its swap."""
    match = re.match(r"([0-9]+)", linux) or re.search(r"total = ([0-9.]+)", apple)
    return ("on" if match[1].strip("0.") else "off") if match else ""


def _selected_option(text: str) -> str:
    """Return the option in brackets: "always [madvise] never"."""
    match = re.search(r"\[(\w+)\]", text)
    return match[1] if match else ""


def _cgroup(output: ScriptOutput) -> dict[str, Fact]:
    """Return the limits of control groups: the smallest of all groups that contain us."""
    fields, every = output.pairs("cgroup"), output.every("cgroup")
    if "version" not in fields:
        return {}
    sizes = [int(value) for name, value in every if name == "memory" and re.fullmatch("[0-9]{1,20}", value)]
    shares = [share for name, value in every if name == "cpu" and (share := _share(*value.partition(" ")[::2]))]
    if share := _share(fields.get("quota", ""), fields.get("period", "")):
        shares.append(share)
    size = min(sizes, default=_NO_LIMIT)
    return {
        "cgroup.version": Fact(fields["version"]),
        "cgroup_memory_limit": Fact(str(size) if size < _NO_LIMIT else "max", ValueType.SIZE),
        "cgroup_cpu_limit": Fact(f"{min(shares):g}" if shares else "max", ValueType.NUMBER),
    }


def _share(quota: str, period: str) -> float:
    """Return a quota as a number of processors, 0 for no limit."""
    limited = all(re.fullmatch("[0-9]{1,15}", text) for text in (quota, period))
    return int(quota) / int(period) if limited and int(period) else 0.0
