"""The nouns of the program: frozen, without I/O, and importing nothing but :mod:`parity_tui.secrets`."""

from parity_tui.model.failure import RETRY_HINT, Failure, Reason, ServiceError
from parity_tui.model.ledger import Entry, Ledger
from parity_tui.model.outcome import Outcome, Reading
from parity_tui.model.rules import Comparing, Comparison, Rule
from parity_tui.model.service import Dialer, FirstBytesCheck, HiddenGroup, Image, Output, ReadOnce, Service, UnixSocket
from parity_tui.model.target import (
    NAME,
    NO_TLS,
    CertificateStatus,
    QuickPassword,
    Target,
    TargetKey,
    TlsMode,
    Tunnel,
    target_key,
)
from parity_tui.model.values import ABSENT, Fact, Severity, State, ValueType, Verdict

__all__ = [
    "ABSENT",
    "NAME",
    "NO_TLS",
    "RETRY_HINT",
    "CertificateStatus",
    "Comparing",
    "Comparison",
    "Dialer",
    "Entry",
    "Fact",
    "Failure",
    "FirstBytesCheck",
    "HiddenGroup",
    "Image",
    "Ledger",
    "Outcome",
    "Output",
    "QuickPassword",
    "ReadOnce",
    "Reading",
    "Reason",
    "Rule",
    "Service",
    "ServiceError",
    "Severity",
    "State",
    "Target",
    "TargetKey",
    "TlsMode",
    "Tunnel",
    "UnixSocket",
    "ValueType",
    "Verdict",
    "target_key",
]
