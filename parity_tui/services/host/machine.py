"""What made a machine what it is: a container, a virtual machine or metal; Vagrant, Chef, Puppet."""

from __future__ import annotations

import re

from parity_tui.model import Fact, ValueType
from parity_tui.services.host.parts import Parts

_CONTAINERS = (
    "docker", "podman", "lxc", "lxc-libvirt", "systemd-nspawn", "openvz", "rkt", "wsl", "proot", "pouch",
    "container-other", "kubepods", "libpod",
)  # fmt: skip
_VENDORS = {
    "QEMU": "qemu", "VMware, Inc.": "vmware", "innotek GmbH": "oracle", "Amazon EC2": "amazon", "Xen": "xen",
    "Parallels": "parallels", "Apple Inc.": "apple", "DigitalOcean": "kvm", "OpenStack Foundation": "kvm",
    "Hetzner": "kvm", "Google": "google",
}  # fmt: skip
_PRODUCTS = {"Virtual Machine": "microsoft", "KVM": "kvm", "VirtualBox": "oracle", "Google Compute Engine": "google"}


def machine(parts: Parts) -> dict[str, Fact]:
    """Return what kind of machine it is and the traces of what set it up."""
    return {"machine": Fact(_kind(parts)), **_hardware(parts), **_vagrant(parts), **_chef(parts), **_puppet(parts)}


def _kind(parts: Parts) -> str:
    """Return container, virtual machine or metal, and whose, by the surest sign that there is."""
    told = parts.pairs("machine")
    detected = told.get("detected", "")
    if parts.pairs("session").get("KUBERNETES_SERVICE_HOST"):
        return "container (Kubernetes)"
    if "microsoft" in parts["uname"].casefold():
        return "container (wsl)"
    if container := detected if detected in _CONTAINERS else told.get("container") or told.get("cgroup"):
        return f"container ({container})"
    if detected not in ("", "none") or (detected == "" and (detected := _guest(parts))):
        return f"virtual machine ({detected})"
    return "metal"


def _guest(parts: Parts) -> str:
    """Return whose guest a machine without systemd is, "" for none."""
    told = parts.pairs("machine")
    kernel = parts["uname"].casefold()
    if parts.pairs("darwin").get("kern.hv_vmm_present") == "1":
        return "apple"
    if told.get("hypervisor"):
        return told["hypervisor"]
    # On metal the maker is a brand too: the processor's own flag tells them apart.
    if "flag" not in told and "arm64" not in kernel and "aarch64" not in kernel:
        return ""
    known = _PRODUCTS.get(told.get("product", "")) or _VENDORS.get(told.get("vendor", ""), "")
    return known or ("other" if "flag" in told else "")


def _hardware(parts: Parts) -> dict[str, Fact]:
    """Return maker and model, which for a rented machine is its size."""
    told = parts.pairs("machine")
    text = " ".join(filter(None, (told.get("vendor"), told.get("product"))))
    return {"hardware": Fact(text)} if text else {}


def _vagrant(parts: Parts) -> dict[str, Fact]:
    """Return whether Vagrant made it."""
    return {"vagrant": Fact("yes", ValueType.BOOL, source=parts["vagrant"].split("\t")[-1])} if parts["vagrant"] else {}


def _chef(parts: Parts) -> dict[str, Fact]:
    """Return Chef's version and how long ago it ran last; Cinc is Chef without the brand."""
    told = parts.pairs("chef")
    version = re.search(r"[0-9]+\.[0-9.]*[0-9]", told.get("version", ""))
    return _tool("chef", told, version[0] if version else "")


def _puppet(parts: Parts) -> dict[str, Fact]:
    """Return Puppet's version, how long ago it ran last, and whether that went well."""
    told = parts.pairs("puppet")
    facts = _tool("puppet", told, told.get("version") or told.get("puppet", ""))
    failures = [value for name, value in parts.every("puppet") if name in ("failed", "failure", "failed_to_restart")]
    if failures:
        facts["puppet.failures"] = Fact("yes" if any(value.strip("0") for value in failures) else "no", ValueType.BOOL)
    return facts


def _tool(name: str, told: dict[str, str], version: str) -> dict[str, Fact]:
    """Return what every such tool leaves behind; nothing where it was never here."""
    if not told:
        return {}
    facts = {name: Fact("yes", ValueType.BOOL, source=told.get("trace", ""))}
    if version:
        facts[f"{name}.version"] = Fact(version)
    if "last_run" in told:
        facts[f"{name}.last_run"] = Fact(told["last_run"])
    return facts
