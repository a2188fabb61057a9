"""Directives that are given several times: which of the lines count, and whether their order decides."""

from __future__ import annotations

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
_SINGLE = frozenset(_SINGLE_NAMES.split())
"""directives of which Apache keeps one value: that of the last line"""


def counted(group: Sequence[Statement]) -> Sequence[Statement]:
    """Return those lines of one directive that count: of a directive with one value the last one.

    >>> lines = [Statement("Timeout", ["30"], "a:1"), Statement("Timeout", ["60"], "a:2")]
    >>> [each.source for each in counted(lines)]
    ['a:2']
    """
    name = group[0].name.lower()
    if name == "setenv":  # grouped by variable
        return group[-1:]
    if name not in _SINGLE:
        return group
    if name in ("sslciphersuite", "sslproxyciphersuite"):  # has a value for each version of the protocol
        last = {each.args[0].upper() if len(each.args) > 1 else "SSL": each for each in group}
        return [last[version] for version in sorted(last)]
    return group[-1:]


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
