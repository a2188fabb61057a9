"""Rules for directives in any context, modules and the build."""

from __future__ import annotations

from parity_tui.model import Rule, Severity
from parity_tui.services._webconfig import PRESENCE, blocks_around, severity_by

C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741

_HOST = "Belongs to the host."
_ICONS = "Icons in directory listings."

_DIRECTIVES: tuple[tuple[Severity, str, str], ...] = (
    (N, "Listen", "Addresses and ports belong to the host."),
    (N, "ServerName", "Each environment has its own names."),
    (N, "ServerAlias", "Each environment has its own names."),
    (N, "ServerAdmin", "Each environment has its own contacts."),
    (N, "ServerRoot", _HOST),
    (N, "DocumentRoot", _HOST),
    (N, "PidFile", _HOST),
    (N, "ScoreBoardFile", _HOST),
    (N, "DefaultRuntimeDir", _HOST),
    (N, "Mutex", _HOST),
    (N, "User", _HOST),
    (N, "Group", _HOST),
    (N, "ErrorLog", _HOST),
    (N, "CustomLog", _HOST),
    (N, "TransferLog", _HOST),
    (N, "TypesConfig", _HOST),
    (N, "MIMEMagicFile", _HOST),
    (N, "AuthUserFile", _HOST),
    (N, "AuthGroupFile", _HOST),
    (N, "SSLCertificate*", "The paths of certificates belong to the host."),
    (N, "SSLCACertificate*", "The paths of certificates belong to the host."),
    (N, "SSLSessionCache", _HOST),
    (N, "SSLStaplingCache", _HOST),
    (N, "AddIcon*", _ICONS),
    (N, "DefaultIcon", _ICONS),
    (N, "Alias[*", "Folders belong to the host."),
    (N, "ScriptAlias[*", "Folders belong to the host."),
    (W, "aliased paths", "These URLs lead to files on one side only, or to programs; elsewhere to the document root."),
    (C, "AllowOverride", ".htaccess files are applied, or ignored."),
    (C, "AllowEncodedSlashes", "URLs with %2F return 404."),
    (C, "MergeSlashes", "Different sections match a URL with several slashes."),
    (C, "AcceptPathInfo", "URLs with a path after a script's name return 404."),
    (C, "rewrites/text", "Rules with a secret in them differ."),
    (C, "order of *", "A different rule or section takes effect."),
    (W, "default host", "Requests for unknown names, and health checks by IP address, reach a different host."),
    (C, "rewrites", "Different URLs reach the app, or are matched in a different order."),
    (C, "RewriteEngine", "Rules have no effect where it is off."),
    (C, "RewriteBase", "Relative rewrite rules resolve differently."),
    (C, "ProxyPass[*", "Requests reach the app with a different scheme or path."),
    (C, "ProxyPassReverse[*", "Redirects of the app expose an internal address."),
    (C, "ProxyPreserveHost", "The app sees a different host: wrong redirects and links."),
    (C, "RequestHeader[*", "The app sees a different host, scheme or client."),
    (C, "Require", "Access rules differ: some clients are refused on one side."),
    (C, "Satisfy", "Access rules differ: some clients are refused on one side."),
    (C, "SetEnv[*", "The app gets different variables."),
    (C, "php_*", "PHP behaves differently."),
    (C, "Redirect*", "The response differs."),
    (C, "FallbackResource", "The app is reached in a different way."),
    (C, "Action", "A different program handles the request."),
    (C, "SetHandler", "A different program handles the request."),
    (C, "AddHandler", "A different program handles the request."),
    (W, "LimitRequestBody", "Larger uploads are refused with 413."),
    (W, "LimitRequestFieldSize", "Requests with large cookies are refused with 400."),
    (W, "LimitRequestFields", "Requests with many headers are refused with 400."),
    (W, "LimitRequestLine", "Long URLs are refused with 414."),
    (W, "*Timeout", "Long requests or idle connections are cut off."),
    (W, "KeepAlive", "Every request needs a new connection."),
    (W, "RequestReadTimeout", "Slow uploads are cut off."),
    (W, "SSLEngine", "Secure cookies, HSTS and redirects only work with TLS."),
    (W, "SSL*", "Old clients are refused, or TLS behaves differently."),
    (W, "Protocols", "HTTP/2 is offered, or not."),
    (W, "Header[*", "Browsers apply different rules for caching, framing and origins."),
    (W, "ErrorDocument[*", "Error pages differ."),
    (W, "Options", "Listings, symbolic links and scripts are allowed, or not."),
    (W, "AddOutputFilterByType", "Responses lose Content-Length and get a different ETag."),
    (W, "SetOutputFilter", "Responses are modified by a filter."),
    (W, "DirectoryIndex", "A different index file is served for a directory."),
    (W, "DirectorySlash", "URLs of directories are redirected, or not."),
    (W, "AddDefaultCharset", "Browsers assume a different character encoding."),
    (W, "UseCanonicalName", "Redirects use a different host name."),
    (W, "RemoteIP*", "The app sees the proxy's address instead of the client's."),
    (W, "TraceEnable", "The method TRACE is answered."),
    (I, "ServerTokens", "Exposes the version to every client."),
    (I, "ServerSignature", "Error pages expose the version."),
    (W, "text", "A section with a secret in its condition differs."),
    (W, "AddCharset[*", "Browsers assume a different character encoding for such files."),
    (W, "AddLanguage[*", "Clients get a file in a different language."),
    (W, "AddEncoding[*", "Clients decompress such files, or save them compressed."),
    (W, "AddType[*", "Browsers handle such files differently."),
    (W, "RemoveType", "Browsers handle such files differently."),
    (W, "RemoveHandler", "Such files are executed, or sent as source."),
    (W, "ForceType", "Browsers handle such files differently."),
    (W, "ForceLanguagePriority", "Clients get a page in some language, or an error."),
    (W, "LanguagePriority", "Clients without a preference get a different language."),
    (W, "BrowserMatch*", "Some clients get different responses."),
    (W, "SetEnvIf*", "Rules that test the variable behave differently."),
    (W, "PassEnv[*", "The app gets a variable of the server, or not."),
    (W, "UnsetEnv[*", "The app gets a variable, or not."),
    (W, "AccessFileName", "A different file is used in place of .htaccess."),
    (W, "MaxKeepAliveRequests", "Connections end after so many requests; clients reconnect more often."),
    (W, "MaxConnectionsPerChild", "Processes that leak memory are replaced sooner, or never."),
    (W, "LogLevel", "Errors are logged, or lost; more logging costs disk and time."),
    (W, "LogFormat[*", "Log parsers and dashboards see different fields."),
    (W, "HostnameLookups", "Each request waits for a DNS lookup of the client."),
    (W, "EnableSendfile", "Files on network drives can be sent wrongly."),
    (W, "EnableMMAP", "A file truncated while being sent crashes the process."),
    (W, "FileETag", "Clients' cached copies are revalidated wrongly behind several servers."),
    (W, "ExpiresActive", "Clients cache responses for a different time."),
    (W, "Expires*", "Clients cache responses for a different time."),
    (W, "Cache*", "Different responses are cached, or for a different time."),
    (W, "Proxy*", "Requests reach the app in a different way."),
    (W, "BalancerMember", "Requests are balanced over a different number of servers, or by a different method."),
    (N, "AuthName", "Only shown in the browser's dialogue."),
    (W, "Auth*", "Authentication differs: some clients are refused on one side."),
    *(
        (W, name, "Access by IP address differs: some clients are refused on one side.")
        for name in ("order", "allow", "deny")  # as Apache itself spells them
    ),
    (W, "Session*", "Sessions of clients end sooner, or cannot be read."),
    (W, "OIDC*", "OpenID Connect logins behave differently."),
    (W, "Deflate*", "Responses are compressed differently."),
    (W, "Filter*", "Responses are modified by a filter."),
    (W, "AddOutputFilter", "Responses are modified by a filter."),
    (W, "AddInputFilter", "Requests are modified by a filter."),
    (W, "Substitute", "Pages are modified by a filter."),
    (W, "Sec*", "Requests are refused by the application firewall."),
    (W, "LimitInternalRecursion", "Rewrite loops are stopped earlier."),
    (W, "LimitXMLRequestBody", "Larger WebDAV requests are refused."),
    (W, "HttpProtocolOptions", "Slightly malformed requests are refused."),
    (W, "H2*", "HTTP/2 behaves differently."),
    (W, "WSGI*", "The app gets different processes, threads or paths."),
    (W, "Passenger*", "The app gets different processes, threads or paths."),
    (W, "Dav*", "Clients can write files."),
    (W, "ScriptSock", "Scripts cannot be run where the socket is missing."),
    (W, "RLimit*", "Scripts are aborted at a different limit."),
    (W, "AliasMatch", "Different URLs lead to files."),
    (W, "Ext*", "Scripts and filters are run in a different way."),
    (W, "Define[*", "Conditions in the configuration depend on it."),
    (I, "ExtendedStatus", "The status page shows each request; costs a little time."),
    (I, "HeaderName", "A file shown above listings."),
    (I, "ReadmeName", "A file shown below listings."),
    (I, "Index*", "Directory listings look different."),
    (I, "AddDescription", "Directory listings look different."),
    (I, "AddAlt*", "Directory listings look different."),
)

_CAPACITY = ("MaxRequestWorkers", "ServerLimit", "StartServers", "ThreadsPerChild", "MinSpareThreads",
             "MaxSpareThreads", "MinSpareServers", "MaxSpareServers", "ThreadLimit")  # fmt: skip


def _any_context() -> tuple[Rule, ...]:
    """Return the rules of all directives: at the top level and in any section.

    Another version never explains why one is missing, because people write configurations.
    """
    return tuple(
        Rule(f"{section}{name}", severity, why, explained_by=blocks_around)
        for severity, name, why in _DIRECTIVES
        for section in ("", "*/")
    )


severity = severity_by(_DIRECTIVES)

RULES: tuple[Rule, ...] = (
    Rule("version", C, "Directives that one side does not know keep it from starting."),
    Rule("product", C, "A different web server in the same role supports different directives."),
    Rule("configuration", C, "An unreadable file may change any directive.", explained_by=""),
    Rule("mpm", C, "Processes or threads: with mod_php only the former is safe.", explained_by=""),
    Rule(
        "module.*",
        C,
        "Without its module a directive is an error, or an .htaccess is ignored.",
        explained_by="",
        safer="complete",
    ),
    Rule("package", I, "Distributions ship security fixes under the same version."),
    Rule("hosts", I, "The number of virtual hosts differs.", explained_by=""),
    Rule("apr", I, "The version of the underlying library differs."),
    Rule("apr_util", I, "The version of the underlying library differs."),
    Rule("pcre", I, "Regular expressions depend on the library."),
    Rule("magic number", I, "Modules are built for one version of the API."),
    Rule("architecture", I, "Belongs to the build."),
    Rule("build.*", I, "Build options differ.", explained_by=""),
    Rule("define.*", I, "Conditions in the configuration depend on it.", explained_by=""),
    *(Rule(name, I, "Sized to the host.", capacity=True, explained_by="") for name in _CAPACITY),
    Rule("VirtualHost*/present", C, "Requests to this host are answered by another one.", explained_by=blocks_around),
    PRESENCE,
    *_any_context(),
    Rule("*", I, "", explained_by=blocks_around),
)
