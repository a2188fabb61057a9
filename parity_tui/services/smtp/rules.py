"""Severity, type and reason of every setting."""

from __future__ import annotations

from parity_tui.model import Rule, Severity, ValueType

C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741
BOOL, SIZE, SET, MAP = ValueType.BOOL, ValueType.SIZE, ValueType.SET, ValueType.MAP

_SPEED = "Many mails take more round trips."
_EXTENSION = "Clients that use the extension find it on one side only."

RULES = (
    Rule("version", W, "Versions offer other extensions and refuse other mails."),
    Rule("version shown", I, "The banner names the version to everyone.", BOOL, explained_by=""),
    Rule("SIZE", C, "Larger mails are refused.", SIZE, "B", {"0": "no limit"}, explained_by="", safer="higher"),
    Rule("STARTTLS", C, "Clients that require TLS refuse to send; others send in clear text.", explained_by="",
         safer=("no", "yes", "*")),
    Rule("logins", C, "Clients whose way to log in is missing cannot send.", SET, explained_by=""),
    Rule("logins without TLS", W, "Passwords may be sent in clear text.", SET, explained_by=""),
    Rule("SMTPUTF8", C, "Mails to addresses beyond ASCII are refused.", BOOL, explained_by="", safer="complete"),
    Rule("8BITMIME", W, "Mails are re-encoded, which breaks signatures, or refused.", BOOL, explained_by=""),
    Rule("BINARYMIME", I, "Binary parts are encoded first.", BOOL, explained_by=""),
    Rule("DSN", W, "Reports of delivery are sent on one side only.", BOOL, explained_by=""),
    Rule("REQUIRETLS", W, "Mails that demand TLS all the way are refused.", BOOL, explained_by=""),
    Rule("ENHANCEDSTATUSCODES", W, "Code that reads codes such as 5.1.1 finds none.", BOOL, explained_by=""),
    Rule("CHUNKING", I, "Large mails are sent in another way.", BOOL, explained_by=""),
    Rule("PIPELINING", I, _SPEED, BOOL, explained_by=""),
    Rule("PIPECONNECT", I, _SPEED, BOOL, explained_by=""),
    Rule("PRDR", I, "Each recipient gets an answer of its own.", BOOL, explained_by=""),
    Rule("VRFY", I, "Addresses can be tried out.", BOOL, explained_by=""),
    Rule("EXPN", W, "Members of lists can be listed.", BOOL, explained_by=""),
    Rule("ETRN", I, "Clients may have a queue delivered.", BOOL, explained_by=""),
    Rule("HELP", I, "Only people ask for it.", BOOL, explained_by=""),
    Rule("LIMITS", W, "More recipients, or more mails of one connection, are refused.", MAP, explained_by=""),
    Rule("DELIVERBY", I, "Mails may have a deadline.", explained_by=""),
    Rule("FUTURERELEASE", I, "Mails may be held back until a time.", explained_by=""),
    Rule("MT-PRIORITY", I, "Mails may have a priority.", explained_by=""),
    Rule("XCLIENT", W, "Clients may claim another address: meant for proxies alone.", SET, explained_by=""),
    Rule("XFORWARD", W, "Clients may claim another origin: meant for proxies alone.", SET, explained_by=""),
    Rule("*", I, _EXTENSION, explained_by=""),
)  # fmt: skip
