"""The operating system: product, kernel, libraries, time zone, locale."""

from __future__ import annotations

import re

from parity_tui.model import Fact, Reason, ServiceError, State, ValueType
from parity_tui.secrets import fingerprint
from parity_tui.secrets.detect import is_secret
from parity_tui.services._locale import canonical_locale
from parity_tui.services._timezone import zone_rule, zone_text
from parity_tui.services.host.parse.output import OF_THE_LOGIN, ScriptOutput, present

_ARCHITECTURES = {"aarch64": "arm64", "amd64": "x86_64"}
_CATEGORIES = ("LC_COLLATE", "LC_MONETARY", "LC_NUMERIC", "LC_TIME")
_VARIABLES = ("LD_PRELOAD", "OPENSSL_CONF", "SSL_CERT_DIR", "SSL_CERT_FILE")
"""variables that change every program of the login"""
_OPENSSL = ("MinProtocol", "MaxProtocol", "CipherString", "Ciphersuites", "Groups", "Curves", "Options")


def product_and_version(output: ScriptOutput) -> tuple[str, str]:
    """Return name and version of the operating system, as precise as it reports them. Raises ServiceError."""
    apple = output.pairs("sw_vers")
    if "ProductName" in apple:
        return apple["ProductName"], apple.get("ProductVersion", "")
    name, release, *_ = [*output["uname"].split(), "", ""]
    release_file = output.pairs("os-release")
    if not (release_file.get("NAME") or name):
        raise ServiceError(Reason.WRONG_SERVICE, "the remote shell did not identify its system")
    if not release_file.get("NAME"):
        return name, release
    version = release_file.get("VERSION_ID") or release_file.get("BUILD_ID", "")
    # Ubuntu has an /etc/debian_version too: that of the Debian it is made from.
    point_release = output.pairs("system").get("debian_version", "") if release_file.get("ID") == "debian" else ""
    for text in (release_file.get("VERSION", ""), point_release):
        if version and (match := re.match(rf"{re.escape(version)}(\.\d+)+", text, re.ASCII)):
            version = match[0]
    return release_file["NAME"], version


def system(output: ScriptOutput) -> dict[str, Fact]:
    """Return architecture, kernel, images, security settings, libraries, time zone and locale."""
    _, kernel, arch, *_ = [*output["uname"].split(), "", "", ""]
    release_file, settings = output.pairs("os-release"), output.pairs("system")
    branch = re.match(r"\d+\.\d+", kernel, re.ASCII)
    image = " ".join(filter(None, (release_file.get("IMAGE_ID"), release_file.get("IMAGE_VERSION"))))
    container, _, digest = output.pairs("machine").get("image", "").partition(" ")
    facts = {
        "arch": Fact(arch, canonical=_ARCHITECTURES.get(arch, arch)),
        "kernel": Fact(kernel, canonical=branch[0] if branch else kernel),
        "image": Fact(image),
        "docker.image": Fact(container),
        "docker.digest": Fact(digest),
        "selinux": Fact({"1": "enforcing", "0": "permissive"}.get(settings.get("selinux", ""), "")),
        "fips": Fact(settings.get("fips", ""), ValueType.BOOL),
        "crypto_policy": Fact(settings.get("crypto_policy", "")),
        "root_filesystem": Fact(_root_type(output.lines("mounts"))),
        "ntp": Fact(output.pairs("ntp").get("ntp", "")),
    }
    return {**present(facts), **_libraries(output), **_zone(output), **_locale(output), **_variables(output)}


def _variables(output: ScriptOutput) -> dict[str, Fact]:
    """Return variables of the login that change its programs, and which sorts of connections use a proxy."""
    session = output.pairs("session")
    facts = {f"env.{name}": _shown(name, session[name]) for name in _VARIABLES if session.get(name)}
    proxies = sorted(
        {value.lower().removesuffix("_proxy") for name, value in output.every("session") if name == "proxy"}
    )
    return {**facts, "proxy": Fact(", ".join(proxies) or "none", ValueType.SET, note=OF_THE_LOGIN)}


def _shown(name: str, value: str) -> Fact:
    if is_secret(name, value):
        return Fact(fingerprint(value), state=State.SECRET, note=OF_THE_LOGIN)
    return Fact(value, note=OF_THE_LOGIN)


def _root_type(mounts: list[str]) -> str:
    """Return the type of the root file system, from /proc/mounts or the output of macOS' mount.

    >>> _root_type(["rootfs / rootfs rw 0 0", "overlay / overlay rw 0 0"])
    'overlay'
    >>> _root_type(["/dev/disk3s1s1 on / (apfs, sealed)"])
    'apfs'
    """
    for line in reversed(mounts):
        if match := re.fullmatch(r"\S+ / (\S+) .*|.* on / \((\w+).*", line):
            return match[1] or match[2]
    return ""


def _libraries(output: ScriptOutput) -> dict[str, Fact]:
    """Return the libraries that sort text, and the settings of OpenSSL."""
    libc_fields = output.pairs("libc")
    musl = re.search(r"[0-9][\w.]*", libc_fields.get("musl", ""))
    loader = re.search(r"GLIBC ([0-9]+\.[0-9]+)", libc_fields.get("loader", ""))
    reported = re.fullmatch(r"\w+ [0-9][\w.]*", libc_fields.get("glibc", ""), re.ASCII)
    libc = reported[0] if reported else (f"musl {musl[0]}" if musl else f"glibc {loader[1]}" if loader else "")
    files = (re.search(r"libicuuc\.(?:so\.)?([0-9]+\.[0-9.]*[0-9])", value) for _, value in output.every("libc"))
    icu = sorted({match[1] for match in files if match})
    command = re.match(r"\w+ \S+", output.pairs("openssl").get("version", ""))
    # The library decides; the command is a tool that may be missing, or linked with another one.
    openssl = sorted({value for name, value in output.every("openssl") if name == "library" and value})
    facts = {
        "libc": Fact(libc),
        "icu": Fact(", ".join(icu), ValueType.SET),
        "openssl": Fact(", ".join(openssl) or (command[0] if command else "")),
    }
    for name in _OPENSSL:
        text = output.pairs("openssl").get(name, "")
        facts[f"openssl.{name}"] = Fact(text.partition("#")[0].strip(), source="openssl.cnf")
    unknown = Fact(state=State.UNKNOWN, note="neither getconf nor the dynamic loader reports it")
    return {**present(facts), **({} if libc or not output["uname"].startswith("Linux") else {"libc": unknown})}


def _zone(output: ScriptOutput) -> dict[str, Fact]:
    """Return the effective time zone, compared by its rule: a zone has several names, a copied file has none."""
    zone, session = output.pairs("zone"), output.pairs("session")
    from_login = "TZ_SET" in session
    link = zone.get("link", "").rpartition("zoneinfo/")[2]
    name = (session.get("TZ", "").removeprefix(":") or "UTC") if from_login else link or zone.get("name", "")
    rule = zone.get("rule", "")
    if not rule and "missing" in zone:  # TZ may be a rule itself; without a file the C library uses UTC
        rule = name if from_login and re.search(r"[0-9]", name) else "UTC0"
    rule = rule or zone_rule(name)
    source = "TZ" if from_login else "/etc/localtime"
    note = OF_THE_LOGIN if from_login else ""
    facts = {
        "timezone": Fact(name or rule, canonical=zone_text(rule), source=source, note=note),
        # The names of UTC are links of one zone.
        "timezone.name": Fact(
            name, canonical="UTC" if zone_text(rule) == "UTC" else "", default=True, source=source, note=note
        ),
    }
    return present(facts)


def _locale(output: ScriptOutput) -> dict[str, Fact]:
    """Return the locale of the login and the one configured for the system."""
    session = output.pairs("session")
    source = next((each for each in ("LC_ALL", "LC_CTYPE", "LANG") if session.get(each)), "")
    name = session.get(source, "C")
    files = output.pairs("locale")
    configured = files.get("LANG", "")
    return present(
        {
            "locale.categories": Fact(_categories({} if session.get("LC_ALL") else session, name), note=OF_THE_LOGIN),
            "system_locale.categories": Fact(_categories(files, configured)),
            "locale": Fact(name, canonical=canonical_locale(name), source=source or "default", note=OF_THE_LOGIN),
            "system_locale": Fact(configured, canonical=canonical_locale(configured)),
        }
    )


def _categories(variables: dict[str, str], base: str) -> str:
    """Return the categories whose locale is not that of the others.

    >>> _categories({"LC_TIME": "de_DE.utf8", "LC_NUMERIC": "C.UTF-8"}, "C.utf8"), _categories({}, "C")
    ('LC_TIME=de_DE.UTF-8', 'none')
    """
    texts = {name: canonical_locale(variables[name]) for name in _CATEGORIES if variables.get(name)}
    others = [f"{name}={text}" for name, text in texts.items() if text != canonical_locale(base)]
    return ", ".join(others) or "none"
