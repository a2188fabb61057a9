"""What system a machine runs, what it has, and what its kernel allows."""

from __future__ import annotations

import re

from parity_tui.model import Fact, Reason, ServiceError, ValueType
from parity_tui.services.host.parts import Parts
from parity_tui.services.host.timezone import words

OF_THE_LOGIN = "of the login that asked, not of a service"
_ARCHITECTURES = {"aarch64": "arm64", "amd64": "x86_64"}
_NO_LIMIT = 1 << 60  # where no limit is set, version 1 tells the largest number of pages that there is


def product(parts: Parts) -> tuple[str, str]:
    """Return the name and the version of the operating system, as exactly as it tells them."""
    apple = parts.pairs("sw_vers")
    if "ProductName" in apple:
        return apple["ProductName"], apple.get("ProductVersion", "")
    name, release, *_ = [*parts["uname"].split(), "", ""]
    told = parts.pairs("os-release")
    if not (told.get("NAME") or name):
        raise ServiceError(Reason.WRONG_SERVICE, "what answers does not say which system it is")
    if not told.get("NAME"):
        return name, release
    version = told.get("VERSION_ID") or told.get("BUILD_ID", "")
    finer = [told.get("VERSION", ""), parts.pairs("system").get("debian_version", "") if _is_debian(told) else ""]
    for text in finer:
        if version and (match := re.match(rf"{re.escape(version)}(\.\d+)+", text, re.ASCII)):
            version = match[0]
    return told["NAME"], version


def _is_debian(told: dict[str, str]) -> bool:
    """Tell whether /etc/debian_version is this system's own: Ubuntu has that of the Debian it was made of."""
    return told.get("ID") == "debian"


def system(parts: Parts) -> dict[str, Fact]:
    """Return what the system is made of."""
    _, kernel, arch, *_ = [*parts["uname"].split(), "", "", ""]
    told, own = parts.pairs("os-release"), parts.pairs("system")
    branch = re.match(r"\d+\.\d+", kernel, re.ASCII)
    image = " ".join(filter(None, (told.get("IMAGE_ID"), told.get("IMAGE_VERSION"))))
    container, _, digest = parts.pairs("machine").get("image", "").partition(" ")
    facts = {
        "arch": Fact(arch, canonical=_ARCHITECTURES.get(arch, arch)),
        "kernel": Fact(kernel, canonical=branch[0] if branch else kernel),
        "image": Fact(image),
        "docker.image": Fact(container),
        "docker.digest": Fact(digest),
        "selinux": Fact({"1": "enforcing", "0": "permissive"}.get(own.get("selinux", ""), "")),
        "fips": Fact(own.get("fips", ""), ValueType.BOOL),
        "crypto_policy": Fact(own.get("crypto_policy", "")),
        "root_filesystem": Fact(_root(parts.lines("mounts"))),
        "ntp": Fact(parts.pairs("ntp").get("ntp", "")),
    }
    return {**_told(facts), **_libraries(parts), **_zone(parts), **_locale(parts)}


def _told(facts: dict[str, Fact]) -> dict[str, Fact]:
    """Return the facts that there is something to tell of."""
    return {name: fact for name, fact in facts.items() if fact.raw}


def _root(mounts: list[str]) -> str:
    """Return the type of the root file system, from Linux' table or what macOS' mount says.

    >>> _root(["rootfs / rootfs rw 0 0", "overlay / overlay rw 0 0"]), _root(["/dev/disk3s1s1 on / (apfs, sealed)"])
    ('overlay', 'apfs')
    """
    for line in reversed(mounts):
        if match := re.fullmatch(r"\S+ / (\S+) .*|.* on / \((\w+).*", line):
            return match[1] or match[2]
    return ""


def _libraries(parts: Parts) -> dict[str, Fact]:
    """Return the libraries that decide how text sorts and what TLS accepts."""
    told = parts.pairs("libc")
    musl = re.search(r"[0-9][\w.]*", told.get("musl", ""))
    libc = told.get("glibc", "") or (f"musl {musl[0]}" if musl else "")
    files = (re.search(r"libicuuc\.(?:so\.)?([0-9]+\.[0-9.]*[0-9])", value) for _, value in parts.every("libc"))
    icu = sorted({match[1] for match in files if match})
    openssl = re.match(r"\w+ \S+", parts.pairs("openssl").get("version", ""))
    facts = {
        "libc": Fact(libc),
        "icu": Fact(", ".join(icu), ValueType.SET),
        "openssl": Fact(openssl[0] if openssl else ""),
    }
    for name in ("MinProtocol", "CipherString"):
        facts[f"openssl.{name}"] = Fact(parts.pairs("openssl").get(name, ""), source="openssl.cnf")
    return _told(facts)


def _zone(parts: Parts) -> dict[str, Fact]:
    """Return the time zone that holds, compared by its rule: a zone has many names, and a copied file has none."""
    told, session = parts.pairs("zone"), parts.pairs("session")
    own = "TZ_SET" in session
    link = told.get("link", "").rpartition("zoneinfo/")[2]
    name = (session.get("TZ", "").removeprefix(":") or "UTC") if own else link or told.get("name", "")
    rule = told.get("rule", "")
    if not rule and "missing" in told:  # TZ may be a rule itself; without a file the C library takes UTC
        rule = name if own and re.search(r"[0-9]", name) else "UTC0"
    rule = rule or name
    source = "TZ" if own else "/etc/localtime"
    note = OF_THE_LOGIN if own else ""
    facts = {
        "timezone": Fact(name or rule, canonical=words(rule), source=source, note=note),
        "timezone.name": Fact(name, default=True, source=source, note=note),
    }
    return _told(facts)


def _locale(parts: Parts) -> dict[str, Fact]:
    """Return the locale of the login, and that of the system's own file."""
    session = parts.pairs("session")
    source = next((name for name in ("LC_ALL", "LC_CTYPE", "LANG") if session.get(name)), "")
    own = session.get(source, "C")
    file = parts.pairs("locale").get("LANG", "")
    return _told(
        {
            "locale": Fact(own, canonical=_locale_text(own), source=source or "default", note=OF_THE_LOGIN),
            "system_locale": Fact(file, canonical=_locale_text(file)),
        }
    )


def _locale_text(name: str) -> str:
    """Return a locale in one way of writing.

    >>> _locale_text("de_DE.utf8@euro"), _locale_text("POSIX"), _locale_text("C.UTF-8")
    ('de_DE.UTF-8@euro', 'C', 'C.UTF-8')
    """
    return "C" if name == "POSIX" else re.sub(r"\.utf-?8(?=@|$)", ".UTF-8", name, flags=re.IGNORECASE)


def limits(parts: Parts) -> dict[str, Fact]:
    """Return what the machine has and what its kernel allows."""
    session, memory, apple = parts.pairs("session"), parts.pairs("memory"), parts.pairs("darwin")
    facts = {
        "nofile": Fact(session.get("nofile", ""), ValueType.NUMBER, note=OF_THE_LOGIN),
        "nofile.hard": Fact(session.get("nofile_hard", ""), ValueType.NUMBER, note=OF_THE_LOGIN),
        "cpus": Fact(memory.get("cpus") or apple.get("hw.ncpu", ""), ValueType.NUMBER),
        "memory": _memory(memory.get("MemTotal") or f"{apple.get('hw.memsize', '')} B"),
        "swap": Fact(_swap(memory.get("SwapTotal", ""), apple.get("vm.swapusage", ""))),
        "transparent_hugepage": Fact(_chosen(memory.get("thp", ""))),
    }
    for name, value in parts.every("sysctl"):
        name = name.replace("/", ".")
        facts[name] = Fact(" ".join(value.split()), ValueType.NUMBER if value.isdecimal() else ValueType.TEXT)
    for name in ("kern.maxfiles", "kern.ipc.somaxconn"):
        facts[name] = Fact(apple.get(name, ""), ValueType.NUMBER)
    return {**_told(facts), **_cgroup(parts)}


def _memory(text: str) -> Fact:
    """Return the memory, compared as sizes are sold: a kernel keeps some for itself, here more and there less.

    >>> _memory("24684100 kB").canonical, _memory("68719476736 B").canonical, _memory("2014344 kB").canonical
    ('24 GB', '64 GB', '1.9 GB')
    """
    match = re.fullmatch(r"([0-9]{1,20}) (kB|B)", text, re.ASCII)
    if not match:
        return Fact("")
    size = int(match[1]) * (1024 if match[2] == "kB" else 1) / 1024**3
    return Fact(text, ValueType.SIZE, "B", canonical=f"{size:.0f} GB" if size >= 10 else f"{size:.1f} GB")


def _swap(linux: str, apple: str) -> str:
    """Return whether there is swap, "" where nobody says."""
    match = re.match(r"([0-9]+)", linux) or re.search(r"total = ([0-9.]+)", apple)
    return ("on" if match[1].strip("0.") else "off") if match else ""


def _chosen(text: str) -> str:
    """Return the word in brackets of a list to choose from."""
    match = re.search(r"\[(\w+)\]", text)
    return match[1] if match else ""


def _cgroup(parts: Parts) -> dict[str, Fact]:
    """Return the limits around us, the tightest of all groups that we are in."""
    told, every = parts.pairs("cgroup"), parts.every("cgroup")
    if "version" not in told:
        return {}
    sizes = [int(value) for name, value in every if name == "memory" and re.fullmatch("[0-9]{1,20}", value)]
    shares = [share for name, value in every if name == "cpu" and (share := _share(*value.partition(" ")[::2]))]
    if share := _share(told.get("quota", ""), told.get("period", "")):
        shares.append(share)
    size = min(sizes, default=_NO_LIMIT)
    return {
        "cgroup.version": Fact(told["version"]),
        "cgroup_memory_limit": Fact(str(size) if size < _NO_LIMIT else "max", ValueType.SIZE),
        "cgroup_cpu_limit": Fact(f"{min(shares):g}" if shares else "max", ValueType.NUMBER),
    }


def _share(quota: str, period: str) -> float:
    """Return how many processors a quota is worth, 0 for no limit."""
    known = all(re.fullmatch("[0-9]{1,15}", text) for text in (quota, period))
    return int(quota) / int(period) if known and int(period) else 0.0
