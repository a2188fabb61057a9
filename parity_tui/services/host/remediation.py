"""The command that sets a value of a machine, as text for a person to copy."""

from __future__ import annotations

import re
from shlex import quote

from parity_tui.model import Fact
from parity_tui.services.host.parse.packages import NOT_INSTALLED

_INSTALL = {"dpkg": "apt-get install {0}={1}", "apk": "apk add {0}={1}", "rpm": "dnf install {0}-{1}"}
_REMOVE = {"dpkg": "apt-get remove {0}", "apk": "apk del {0}", "rpm": "dnf remove {0}", "brew": "brew uninstall {0}"}


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    """Return the command that sets a value permanently; "" if none does.

    >>> print(remediate("vm.overcommit_memory", "1", Fact("0")))
    echo 'vm.overcommit_memory = 1' > /etc/sysctl.d/90-parity.conf && sysctl --system
    >>> remediate("package.nginx", "1.22.1-9", Fact("1.22.1-8", source="dpkg"))
    'apt-get install nginx=1.22.1-9'
    """
    if not wanted:
        return ""
    if re.match(r"(vm|net|fs)\.", setting):
        return f"echo {quote(f'{setting} = {wanted}')} > /etc/sysctl.d/90-parity.conf && sysctl --system"
    if setting.startswith("package."):
        return _package(setting.removeprefix("package."), wanted, fact)
    match setting:
        case "timezone" | "timezone.name":
            return f"timedatectl set-timezone {quote(wanted)}"
        case "locale" | "system_locale":
            return f"localectl set-locale {quote(f'LANG={wanted}')}   # then restart the services"
        case "transparent_hugepage":
            return f"echo {quote(wanted)} > /sys/kernel/mm/transparent_hugepage/enabled   # until the next boot"
        case "crypto_policy":
            return f"update-crypto-policies --set {quote(wanted)}   # then restart"
        case "selinux":
            return f"setenforce {quote(wanted)}   # and SELINUX= in /etc/selinux/config"
    return ""


def _package(name: str, wanted: str, fact: Fact) -> str:
    """Return the command that installs or removes a package, if its manager and exact name are known."""
    if ", " in wanted or name in ("libicu", "libssl", "libcrypto"):
        return ""
    form = (_REMOVE if wanted == NOT_INSTALLED else _INSTALL).get(fact.source, "")
    return form.format(quote(name), quote(wanted)) if form else ""
