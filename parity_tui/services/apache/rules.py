"""Rules for directives in any context, modules and the build."""

from __future__ import annotations

from parity_tui.model import Rule, Severity

C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741

_HOST = "Belongs to the host."
_ICONS = "Pictures in the listings of folders."

_DIRECTIVES: tuple[tuple[Severity, str, str], ...] = (
    (N, "Listen", "Addresses and ports belong to the host."),
    (N, "ServerName", "Each environment has its own names."),
    (N, "ServerAlias", "Each environment has its own names."),
    (N, "ServerAdmin", "Each environment has its own people."),
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
    (C, "AllowOverride", "Files named .htaccess are obeyed, or have no effect."),
    (C, "AllowEncodedSlashes", "Addresses with %2F answer 404."),
    (C, "MergeSlashes", "Other sections match an address with several slashes."),
    (C, "AcceptPathInfo", "Addresses that go on after a script's name answer 404."),
    (C, "rewrites/text", "Rules with a secret in them differ."),
    (C, "order of *", "Another rule or section wins."),
    (W, "default host", "Requests for unknown names, and health checks by address, get another host."),
    (C, "rewrites", "Other addresses reach the app, or in another order."),
    (C, "RewriteEngine", "Rules have no effect where it is off."),
    (C, "RewriteBase", "Relative rules lead elsewhere."),
    (C, "ProxyPass[*", "Another scheme or another path reaches the app."),
    (C, "ProxyPassReverse[*", "Redirects of the app lead to an inner address."),
    (C, "ProxyPreserveHost", "The app sees another host: wrong redirects and links."),
    (C, "RequestHeader[*", "The app sees another host, scheme or client."),
    (C, "Require", "Who is let in."),
    (C, "Satisfy", "Who is let in."),
    (C, "SetEnv[*", "The app finds other variables."),
    (C, "php_*", "PHP behaves otherwise."),
    (C, "Redirect*", "Another answer."),
    (C, "FallbackResource", "Another way to the app."),
    (C, "Action", "Another program answers."),
    (C, "SetHandler", "Another program answers."),
    (C, "AddHandler", "Another program answers."),
    (W, "LimitRequestBody", "Larger uploads are refused with 413."),
    (W, "LimitRequestFieldSize", "Requests with large cookies become 400."),
    (W, "LimitRequestFields", "Requests with many headers become 400."),
    (W, "LimitRequestLine", "Long addresses become 414."),
    (W, "*Timeout", "Long requests or idle connections are cut off."),
    (W, "KeepAlive", "A connection for each request."),
    (W, "RequestReadTimeout", "Slow uploads are cut off."),
    (W, "SSLEngine", "Secure cookies, HSTS and redirects only show where there is TLS."),
    (W, "SSL*", "Old clients are refused, or TLS behaves otherwise."),
    (W, "Protocols", "HTTP/2 is offered, or not."),
    (W, "Header[*", "Browsers allow other things: caching, framing, origins."),
    (W, "ErrorDocument[*", "Another answer where something fails."),
    (W, "Options", "Listings, symbolic links and scripts are allowed, or not."),
    (W, "AddOutputFilterByType", "Answers lose their length and get another ETag."),
    (W, "SetOutputFilter", "Answers are changed on their way."),
    (W, "DirectoryIndex", "Another file answers for a folder."),
    (W, "DirectorySlash", "Addresses of folders are redirected, or not."),
    (W, "AddDefaultCharset", "Browsers read letters otherwise."),
    (W, "UseCanonicalName", "Redirects name another host."),
    (W, "RemoteIP*", "The app sees the proxy's address instead of the client's."),
    (W, "TraceEnable", "The method TRACE is answered."),
    (I, "ServerTokens", "Tells the version to everybody."),
)

_CAPACITY = ("MaxRequestWorkers", "ServerLimit", "StartServers", "ThreadsPerChild", "MinSpareThreads",
             "MaxSpareThreads", "MinSpareServers", "MaxSpareServers", "ThreadLimit")  # fmt: skip


def _any_context() -> tuple[Rule, ...]:
    """Return the rules of all directives: at the top level and in any section.

    Another version never explains why one is missing, because people write configurations.
    """
    return tuple(
        Rule(f"{section}{name}", severity, why, explained_by="")
        for severity, name, why in _DIRECTIVES
        for section in ("", "*/")
    )


RULES: tuple[Rule, ...] = (
    Rule("version", C, "Directives that one side does not know keep it from starting."),
    Rule("product", C, "Another web server behind the same role understands other directives."),
    Rule("configuration", C, "A file that cannot be read may change any directive.", explained_by=""),
    Rule("mpm", C, "Processes or threads: with mod_php only the former is safe.", explained_by=""),
    Rule("module.*", C, "Without its module a directive is an error, or an .htaccess is ignored.", explained_by=""),
    Rule("package", I, "Security fixes come under the same version."),
    Rule("hosts", I, "How many virtual hosts there are.", explained_by=""),
    Rule("apr", I, "The library underneath."),
    Rule("apr_util", I, "The library underneath."),
    Rule("pcre", I, "Regular expressions are those of the library."),
    Rule("magic number", I, "Modules are built for it."),
    Rule("architecture", I, "Belongs to the build."),
    Rule("build.*", I, "How it was built.", explained_by=""),
    Rule("define.*", I, "Conditions in the configuration depend on it.", explained_by=""),
    *(Rule(name, I, "Sized to the host.", capacity=True, explained_by="") for name in _CAPACITY),
    *_any_context(),
    Rule("*", I, "", explained_by=""),
)
