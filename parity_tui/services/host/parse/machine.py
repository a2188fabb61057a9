"""Container, virtual machine or metal; hardware; Vagrant, Chef, Puppet."""

from __future__ import annotations

import re

from parity_tui.model import Fact, ValueType
from parity_tui.services.host.parse.output import ScriptOutput

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


def machine(output: ScriptOutput) -> dict[str, Fact]:
    """Return the sort of machine, its hardware and the traces of tools that set it up."""
    return {"machine": Fact(_kind(output)), **_hardware(output), **_vagrant(output), **_chef(output), **_puppet(output)}


def _kind(output: ScriptOutput) -> str:
    """Return container, virtual machine or metal, and its product, by the most reliable sign."""
    signs = output.pairs("machine")
    detected = signs.get("detected", "")
    if output.pairs("session").get("KUBERNETES_SERVICE_HOST"):
        return "container (Kubernetes)"
    if "microsoft" in output["uname"].casefold():
        return "container (wsl)"
    if container := detected if detected in _CONTAINERS else signs.get("container") or signs.get("cgroup"):
        return f"container ({container})"
    if detected not in ("", "none") or (detected == "" and (detected := _guest(output))):
        return f"virtual machine ({detected})"
    return "metal"


def _guest(output: ScriptOutput) -> str:
    """Return the hypervisor of a machine without systemd, "" if the signs show none."""
    signs = output.pairs("machine")
    kernel = output["uname"].casefold()
    if output.pairs("darwin").get("kern.hv_vmm_present") == "1":
        return "apple"
    if signs.get("hypervisor"):
        return signs["hypervisor"]
    # Vendors make metal machines too; the processor's flag shows that this is a virtual one.
    if "flag" not in signs and "arm64" not in kernel and "aarch64" not in kernel:
        return ""
    known = _PRODUCTS.get(signs.get("product", "")) or _VENDORS.get(signs.get("vendor", ""), "")
    return known or ("other" if "flag" in signs else "")


def _hardware(output: ScriptOutput) -> dict[str, Fact]:
    """Return vendor and model, which for a rented machine is its size."""
    signs = output.pairs("machine")
    text = " ".join(filter(None, (signs.get("vendor"), signs.get("product"))))
    return {"hardware": Fact(text)} if text else {}


def _vagrant(output: ScriptOutput) -> dict[str, Fact]:
    trace = output["vagrant"].split("\t")[-1]
    return {"vagrant": Fact("yes", ValueType.BOOL, source=trace)} if output["vagrant"] else {}


def _chef(output: ScriptOutput) -> dict[str, Fact]:
    """Return facts of Chef or its fork Cinc."""
    traces = output.pairs("chef")
    version = re.search(r"(?<![0-9])[0-9]++\.[0-9.]*[0-9]", traces.get("version", ""))
    return _tool("chef", traces, version[0] if version else "")


def _puppet(output: ScriptOutput) -> dict[str, Fact]:
    traces = output.pairs("puppet")
    facts = _tool("puppet", traces, traces.get("version") or traces.get("puppet", ""))
    failures = [value for name, value in output.every("puppet") if name in ("failed", "failure", "failed_to_restart")]
    if failures:
        facts["puppet.failures"] = Fact("yes" if any(value.strip("0") for value in failures) else "no", ValueType.BOOL)
    return facts


def _tool(name: str, traces: dict[str, str], version: str) -> dict[str, Fact]:
    """Return presence, version and last run of a tool, nothing if it was never installed."""
    if not traces:
        return {}
    facts = {name: Fact("yes", ValueType.BOOL, source=traces.get("trace", ""))}
    if version:
        facts[f"{name}.version"] = Fact(version)
    if "last_run" in traces:
        facts[f"{name}.last_run"] = Fact(traces["last_run"])
    return facts
