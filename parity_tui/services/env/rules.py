"""How the variables of an app are compared: names and shapes; values only where they must differ."""

from __future__ import annotations

from parity_tui.model import Rule, Severity, ValueType
from parity_tui.services.env.normalize import EMPTY
from parity_tui.services.env.parse import VALUE_OF

_SIGNING = (
    "SECRET_KEY", "*_SECRET_KEY", "SECRET_KEY_BASE", "*_SECRET_KEY_BASE", "SECRET", "APP_KEY", "APP_SECRET",
    "*JWT_SECRET*", "*JWT_KEY", "*JWT_PRIVATE_KEY", "*SESSION_SECRET*", "*SESSION_KEY", "*COOKIE_SECRET*",
    "*COOKIE_KEY", "*ENCRYPTION_KEY*", "*FERNET_KEY", "*SIGNING_KEY", "*SIGNING_SECRET", "*MASTER_KEY", "AUTH_SECRET",
    "NEXTAUTH_SECRET", "*HASH_SALT", "*PASSWORD_SALT", "*CSRF_SECRET", "*TOKEN_SECRET",
)  # fmt: skip
_SERVERS = (
    "*DATABASE_URL", "*DATABASE_URI", "*DATABASE_DSN", "DB_URL", "*_DB_URL", "*POSTGRES_URL", "*POSTGRESQL_URL",
    "*MYSQL_URL", "*MARIADB_URL", "*MONGO_URL", "*MONGO_URI", "*MONGODB_URL", "*MONGODB_URI", "*REDIS_URL",
    "*REDIS_DSN", "*VALKEY_URL", "*CACHE_URL", "*BROKER_URL", "*AMQP_URL", "*RABBITMQ_URL", "*CLOUDAMQP_URL",
    "*QUEUE_URL", "*MESSENGER_TRANSPORT_DSN", "*ELASTICSEARCH_URL", "*OPENSEARCH_URL", "*SQLALCHEMY_DATABASE_URI",
)  # fmt: skip
_LOGINS = ("*PASSWORD", "*PASSWD", "*_PASS", "*TOKEN", "*API_KEY", "*APIKEY", "*SECRET*", "*PRIVATE_KEY", "*ACCESS_KEY")
_PUBLIC = ("*PUBLIC*", "*_NAME", "*_FILE", "*_PATH", "*_URL_PREFIX", "*_HEADER")
_OF_THE_LOGIN = (
    "PATH", "HOME", "PWD", "OLDPWD", "SHLVL", "_", "USER", "LOGNAME", "SHELL", "MAIL", "TERM", "COLORTERM", "HOSTNAME",
    "LS_COLORS", "EDITOR", "PAGER", "DISPLAY", "TMPDIR", "SSH_*", "XDG_*", "DBUS_*", "SUDO_*", "BASH_FUNC_*", "STY",
    "TMUX*", "DEBIAN_FRONTEND",
)  # fmt: skip
_OF_THE_MANAGER = (
    "INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_*", "MAINPID", "MANAGERPID", "LISTEN_*", "NOTIFY_SOCKET", "WATCHDOG_*",
    "MEMORY_PRESSURE_*", "CREDENTIALS_DIRECTORY", "RUNTIME_DIRECTORY", "STATE_DIRECTORY", "LOGS_DIRECTORY",
    "CACHE_DIRECTORY", "CONFIGURATION_DIRECTORY", "container", "KUBERNETES_*", "*_SERVICE_HOST", "*_SERVICE_PORT",
    "*_SERVICE_PORT_*", "*_PORT_*_TCP*", "*_PORT_*_UDP*", "PYTHON_VERSION", "PYTHON_SHA256", "PYTHON_PIP_VERSION",
    "PYTHON_GET_PIP_*", "GPG_KEY", "NODE_VERSION", "YARN_VERSION", "RUBY_VERSION", "RUBY_DOWNLOAD_*", "GEM_HOME",
    "BUNDLE_APP_CONFIG", "BUNDLE_SILENCE_ROOT_WARNING", "JAVA_HOME", "JAVA_VERSION", "GOLANG_VERSION", "GOPATH",
    "GOTOOLCHAIN", "PHP_VERSION", "PHP_SHA256", "PHP_URL", "PHP_ASC_URL", "PHP_INI_DIR", "PHPIZE_DEPS", "PHP_*FLAGS",
)  # fmt: skip

_OF_THE_RUNTIME = (
    "NODE_OPTIONS", "JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CATALINA_OPTS", "RUBYOPT",
    "RUBY_GC_*", "GODEBUG", "GOGC", "GOMEMLIMIT", "GOMAXPROCS", "MALLOC_*", "LD_PRELOAD", "PYTHONOPTIMIZE",
    "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONHASHSEED", "PYTHONMALLOC", "PYTHONWARNINGS", "ERL_FLAGS",
    "ELIXIR_ERL_OPTIONS", "OPENSSL_CONF",
)  # fmt: skip

_ZONE = "Dates and times of the app are in another zone."
_LOCALE = "The app sorts, formats and decodes text by other rules."
_RUNTIME = "The language's runtime has other limits or behaves differently."
_SIGNED = (
    "A session, cookie or token that one of them signs is valid in the other: its users become those of production."
)
_SERVED = (
    "Both lead to one server with one login: a test, a migration or a worker of the one changes the data of the other."
)
_LOGIN = "A leak in one environment opens the other too; it cannot be revoked in one alone."
_VALUE = "Values are meant to differ between environments; names and shapes are not."
_NAME = "Code that reads the variable fails or takes its default where it is missing, empty or of another shape."
_LOGIN_NAME = "Set by the login or the shell that started the process, not for the app."
_MANAGER_NAME = "Set by the service manager or the image, not for the app."


def _values(names: tuple[str, ...], severity: Severity, why: str) -> tuple[Rule, ...]:
    return tuple(Rule(VALUE_OF + name, severity, why, must_differ=True, explained_by="") for name in names)


def _ignored(names: tuple[str, ...], why: str) -> tuple[Rule, ...]:
    rules = (Rule(prefix + name, Severity.IGNORED, why) for name in names for prefix in ("", VALUE_OF))
    return tuple(rules)


RULES = (
    *_ignored(_OF_THE_LOGIN, _LOGIN_NAME),
    *_ignored(_OF_THE_MANAGER, _MANAGER_NAME),
    Rule(f"{VALUE_OF}TZ", Severity.WARNING, _ZONE, ValueType.ENUM, explained_by=""),
    *(Rule(VALUE_OF + name, Severity.WARNING, _LOCALE, ValueType.ENUM, explained_by="") for name in ("LANG", "LC_*")),
    *(Rule(VALUE_OF + name, Severity.INFO, _RUNTIME, explained_by="") for name in _OF_THE_RUNTIME),
    *(Rule(VALUE_OF + name, Severity.INFO, _VALUE, may_differ=True, explained_by="") for name in _PUBLIC),
    *_values(_SIGNING, Severity.CRITICAL, _SIGNED),
    *_values(_SERVERS, Severity.CRITICAL, _SERVED),
    *_values(_LOGINS, Severity.WARNING, _LOGIN),
    Rule(f"{VALUE_OF}*", Severity.INFO, _VALUE, may_differ=True, explained_by=""),
    Rule("*", Severity.INFO, _NAME, presence=Severity.WARNING, by_value={EMPTY: Severity.WARNING}, explained_by=""),
)
