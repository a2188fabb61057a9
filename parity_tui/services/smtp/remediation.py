"""Postfix's commands that would set a value, and the options of Exim, as text for a person to copy."""

from __future__ import annotations

from parity_tui.model import Fact

_RELOAD = "; postfix reload"


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    """Return the command that gives a setting its value, "" where none does.

    >>> remediate("SIZE", "20480000", Fact("10240000"))
    'postconf -e message_size_limit=20480000; postfix reload  # Exim: message_size_limit = 20480000'
    >>> remediate("VRFY", "no", Fact("yes"))
    'postconf -e disable_vrfy_command=yes; postfix reload  # of Postfix'
    >>> remediate("DSN", "yes", Fact("no"))
    'postconf smtpd_discard_ehlo_keywords  # of Postfix: without dsn'
    """
    if wanted not in ("yes", "no") and not (setting == "SIZE" and wanted.isdecimal()):
        return ""
    match setting:
        case "SIZE":
            command = f"postconf -e message_size_limit={wanted}{_RELOAD}"
            return f"{command}  # Exim: message_size_limit = {wanted}"
        case "VRFY":
            return f"postconf -e disable_vrfy_command={'no' if wanted == 'yes' else 'yes'}{_RELOAD}  # of Postfix"
        case "SMTPUTF8":
            return f"postconf -e smtputf8_enable={wanted}{_RELOAD}  # of Postfix"
        case "STARTTLS":
            level = "may" if wanted == "yes" else "none"
            return f"postconf -e smtpd_tls_security_level={level}{_RELOAD}  # of Postfix, which needs a certificate"
        case "PIPELINING" | "8BITMIME" | "DSN" | "CHUNKING" | "ENHANCEDSTATUSCODES" | "ETRN":
            way = "without" if wanted == "yes" else "with"
            return f"postconf smtpd_discard_ehlo_keywords  # of Postfix: {way} {setting.lower()}"
    return ""
