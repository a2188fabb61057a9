"""Directives that are given several times: which of the lines count, and whether their order decides."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity_tui.services.apache.parse.statements import Statement

UNORDERED = frozenset(
    {"listen", "serveralias", "require", "passenv", "loadmodule", "addoutputfilterbytype", "addinputfilterbytype",
     "indexignore", "addicon", "addiconbytype", "addiconbyencoding", "adddescription", "allow", "deny", "mutex",
     "customlog", "errorlog", "balancermember", "addhandler", "addtype", "addlanguage", "addcharset", "addencoding",
     "unsetenv", "browsermatch", "browsermatchnocase", "setenvif", "setenvifnocase", "setenvifexpr",
     "sslcertificatefile", "sslcertificatekeyfile", "sslrandomseed", "sslrequire", "remoteiptrustedproxy",
     "remoteipinternalproxy"}
)  # fmt: skip
"""directives whose lines may stand in any order; where they contradict each other, it is a fact of its own"""
_MATCHED = re.compile(r"%\d")
_BY_EXTENSION = frozenset({"addtype", "addhandler", "addcharset", "addencoding", "addlanguage"})
_SINGLE_NAMES = """
accessfilename acceptpathinfo adddefaultcharset allowencodedslashes allowoverride authname authtype authuserfile
cachedefaultexpire cachemaxexpire contentdigest defaulttype deflatecompressionlevel directoryslash documentroot
enablemmap enablesendfile errorlog expiresactive expiresdefault extendedstatus fallbackresource forcetype
gracefulshutdowntimeout group hostnamelookups keepalive keepalivetimeout limitrequestbody limitrequestfields
limitrequestfieldsize limitrequestline limitxmlrequestbody listenbacklog maxconnectionsperchild
maxkeepaliverequests maxrangeoverlaps maxrangereversals maxranges maxrequestworkers maxspareservers maxsparethreads
mergeslashes minspareservers minsparethreads order pidfile proxyaddheaders proxybadheader
proxyerroroverride proxyiobuffersize proxymaxforwards proxypreservehost proxyreceivebuffersize proxyrequests
proxystatus proxytimeout proxyvia remoteipheader rewritebase rewriteengine satisfy scoreboardfile serveradmin
serverlimit servername serverroot serversignature servertokens session sessionmaxage sethandler setinputfilter
setoutputfilter sslciphersuite sslcompression sslengine sslfips sslhonorcipherorder sslinsecurerenegotiation
sslprotocol sslproxycheckpeercn sslproxycheckpeerexpire sslproxycheckpeername
sslproxyciphersuite sslproxyengine sslproxyprotocol sslproxyverify sslproxyverifydepth sslsessioncachetimeout
sslsessiontickets sslstrictsnivhostcheck sslusername sslusestapling sslverifyclient sslverifydepth startservers
threadlimit threadsperchild timeout traceenable typesconfig usecanonicalname usecanonicalphysicalport user
"""
SINGLE = frozenset(_SINGLE_NAMES.split())
"""directives of which Apache keeps one value: that of the last line"""


def counted(group: Sequence[Statement]) -> Sequence[Statement]:
    """Return those lines of one directive that count: of a directive with one value the last one.

    >>> lines = [Statement("Timeout", ["30"], "a:1"), Statement("Timeout", ["60"], "a:2")]
    >>> [each.source for each in counted(lines)]
    ['a:2']
    """
    name = group[0].name.lower()
    if name in ("header", "requestheader"):
        return _effective(group)
    if name in ("setenv", "errordocument"):  # grouped by variable, and by status
        return group[-1:]
    if name not in SINGLE:
        return group
    if name in ("sslciphersuite", "sslproxyciphersuite"):  # has a value for each version of the protocol
        last = {each.args[0].upper() if len(each.args) > 1 else "SSL": each for each in group}
        return [last[version] for version in sorted(last)]
    return group[-1:]


def _effective(group: Sequence[Statement]) -> Sequence[Statement]:
    """Return changes of one header without those that a later line undoes: it sets or unsets the header in any case.

    >>> changes = ("set A 1", "always set A 2", "append A 3", "set A 4")
    >>> lines = [Statement("Header", args.split(), "") for args in changes]
    >>> [each.args for each in _effective(lines)]
    [['always', 'set', 'A', '2'], ['set', 'A', '4']]
    """
    kept: list[Statement] = []
    for each in group:
        table, action, value = _change(each)
        if (action, len(value)) in (("set", 1), ("unset", 0)):
            kept = [line for line in kept if _change(line)[0] != table or _change(line)[1] in ("echo", "note")]
        kept.append(each)
    return kept


def _change(line: Statement) -> tuple[str, str, list[str]]:
    """Return the table of headers that a line changes, the action, and what follows the header's name."""
    first = line.args[0].lower() if line.args else ""
    named = first in ("always", "onsuccess", "early")
    action, _, *rest = [*line.args[named:], "", ""]
    return (first if named else "onsuccess"), action.lower(), [word for word in rest if word]


def conditions_sorted(group: Sequence[Statement]) -> list[Statement]:
    """Return rewrite directives, the conditions of a rule sorted where their order does not decide: all of them must
    hold, and nothing refers to what they matched.

    >>> lines = [Statement("RewriteCond", ["%{B}", "b"], ""), Statement("RewriteCond", ["%{A}", "a"], "")]
    >>> [each.args[0] for each in conditions_sorted([*lines, Statement("RewriteRule", ["^", "-"], "")])]
    ['%{A}', '%{B}', '^']
    """
    result: list[Statement] = []
    conditions: list[Statement] = []
    for each in group:
        if each.name.lower() == "rewritecond":
            conditions.append(each)
            continue
        flags = {
            flag.strip().upper() for line in conditions for flag in line.args[2:3] for flag in flag[1:-1].split(",")
        }
        refers = any(_MATCHED.search(word) for line in (*conditions, each) for word in line.args)
        ordered = refers or not flags.isdisjoint({"OR", "ORNEXT"})
        result += conditions if ordered else sorted(conditions, key=lambda line: line.args)
        result.append(each)
        conditions = []
    return result + conditions


def without_overridden(parts: Sequence[Statement]) -> list[Statement]:
    """Return the parts of directives without those whose extension a later line of the same directive sets.

    >>> parts = [Statement("AddType", ["a/b", ".x"], ""), Statement("AddType", ["c/d", "X"], "")]
    >>> [each.args for each in without_overridden(parts)]
    [['c/d', 'X']]
    """
    last: dict[tuple[str, str], Statement] = {}
    for part in parts:
        if part.name.lower() in _BY_EXTENSION and len(part.args) > 1:
            last[_extension(part)] = part
    kept = {id(part) for part in last.values()}
    return [part for part in parts if part.name.lower() not in _BY_EXTENSION or len(part.args) < 2 or id(part) in kept]


def _extension(part: Statement) -> tuple[str, str]:
    return part.name.lower(), part.args[1].lower().lstrip(".")
