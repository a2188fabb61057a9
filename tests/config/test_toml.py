"""parity.toml: what it says, and what is said of its mistakes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from parity_tui.config import Config, ConfigError, parse
from parity_tui.drift.policy import Expectation
from parity_tui.model import Failure, Reason, Severity

from .conftest import Parse

WHOLE = """\
baseline = "production"
interval = "10s"
timeout  = 0.5

[environments.dev]
color = "yellow"
[environments.dev.services]
database = "sqlite:///var/app.db"
cache    = "memory://"
queue    = "amqp://guest:guest@localhost/"

[environments.production.services]
cache = "rediss://parity@cache.prod"
[environments.production.services.database]
url = "postgresql://parity@db.prod:5433/app?connect_timeout=3&target_session_attrs=any"
password_env = "PROD_DB_PASSWORD"
tls = "verify-full"
ca = "prod.pem"
[environments.production.services.queue]
url = "amqps://parity@mq.prod/%2F"
management = "https://mq.prod:15671"

[[expect]]
service = "database"
setting = "shared_*"
environments = ["dev"]
values = { dev = "128MB" }
reason = "laptops are small"
owner = "dba"
until = 2027-03-31

[severity]
"postgres.jit" = "info"
redis.save = "ignore"
"""


@pytest.fixture
def whole(read: Parse) -> Config:
    """Give a configuration that uses everything."""
    return read(WHOLE, PROD_DB_PASSWORD="swordfish")


def test_environments_keep_the_order_of_the_file_and_production_is_red(whole: Config) -> None:
    """The panes stand in this order."""
    assert [(e.name, e.colour) for e in whole.environments] == [("dev", "yellow"), ("production", "red")]
    assert whole.services == ("database", "cache", "queue")


def test_everything_at_the_top_is_read(whole: Config) -> None:
    """Durations are seconds."""
    assert (whole.baseline, whole.interval, whole.timeout) == ("production", 10.0, 0.5)


def test_a_target_has_what_its_url_and_its_table_say(whole: Config, tmp_path: Path) -> None:
    """Each part of the address has a place of its own; what means nothing here is dropped."""
    target = next(t for t in whole.targets if (t.environment, t.service) == ("production", "database"))
    assert (target.kind, target.scheme, target.address, target.path) == (
        "postgres",
        "postgresql",
        "db.prod:5433",
        "app",
    )
    assert (target.user, target.tls, target.ca) == ("parity", "verify-full", str(tmp_path / "prod.pem"))
    assert target.options == {"target_session_attrs": "any"}
    assert target.password is not None
    secret = target.password()
    assert secret is not None
    assert secret.reveal() == "swordfish"


def test_a_scheme_that_means_tls_is_verified_and_has_a_port_of_its_own(whole: Config) -> None:
    """Nobody has to ask for it."""
    ports = {t.address: t.tls for t in whole.targets if t.host}
    assert ports == {"localhost:5672": "off", "cache.prod:6379": "verify-full", "db.prod:5433": "verify-full",
                     "mq.prod:5671": "verify-full"}  # fmt: skip


def test_the_options_of_a_kind_reach_it(whole: Config) -> None:
    """They are known only to the kind."""
    assert whole.targets[-1].options == {"management": "https://mq.prod:15671"}
    assert whole.targets[-1].path == "/"


def test_expected_drift_is_read(whole: Config) -> None:
    """With its guard and its last day."""
    assert whole.expectations == (
        Expectation("database", "shared_*", "laptops are small", ("dev",), {"dev": "128MB"}, "dba", date(2027, 3, 31)),
    )


def test_severities_are_read_with_quotes_around_the_name_and_without(whole: Config) -> None:
    """TOML makes a table of redis.save; it means the same."""
    assert whole.severities == (("postgres.jit", Severity.INFO), ("redis.save", Severity.IGNORED))


@pytest.mark.parametrize(
    "change", [lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n"), lambda t: t.replace(" = ", "\t=\t")]
)
def test_marks_of_editors_do_not_matter(whole: Config, tmp_path: Path, change: Callable[[str], str]) -> None:
    """Fault 42: a byte order mark, line ends of Windows, tabs."""
    other = parse(change(WHOLE), "parity.toml", {}, tmp_path)
    assert [t.address for t in other.targets] == [t.address for t in whole.targets]
    assert other.expectations == whole.expectations


SERVICES = """\
[environments.dev.services]
cache = "redis://localhost"
[environments.production.services.database]
url = "postgresql://parity@db.prod/app"
"""

MISTAKES = [
    # (what is added, before it or behind it, the line, words that must be there)
    ("a key", "basline = 'dev'\n{}", 1, 'unknown key "basline"; did you mean "baseline"?'),
    ("a key of an environment", "{}[environments.qa]\nservice = 1\n", 6, 'did you mean "services"?'),
    (
        "a key of a service",
        "{}pasword = 'swordfish'\n",
        5,
        'unknown key "pasword" in environments.production.services.database; did you mean "password"?',
    ),
    ("a key of expect", "{}[[expect]]\nservise = 'cache'\n", 6, 'unknown key "servise" in expect[1]; did you mean'),
    ("ssh of one service", "{}ssh = 'bastion'\n", 5, "`ssh` stands in [environments.NAME]"),
    ("an option for ssh", "environments.dev.ssh = '-oProxyCommand=x'\n{}", 1, "dev.ssh must be a host"),
    ("two words for ssh", "environments.dev.ssh = 'bastion -v'\n{}", 1, "dev.ssh must be a host"),
    ("a port for ssh", "environments.dev.ssh = 'bastion:22'\n{}", 1, "ssh://bastion:2222"),
    ("half a variable in ssh", "environments.dev.ssh = '${'\n{}", 1, "dev.ssh holds a ${ that is neither"),
    ("another way to log in", "{}auth = 'libpq'\n", 5, 'auth can only be "native"'),
    ("half an entry of the keyring", "{}password_keyring = 'db'\n", 5, 'must be "SERVICE/USER"'),
    ("a baseline", "baseline = 'productoin'\n{}", 1, 'did you mean "production"?'),
    ("an interval in words", "\ninterval = 'five'\n{}", 2, 'interval must be a duration such as "5s"'),
    ("no interval", "interval = 0\n{}", 1, "interval must be more than nothing"),
    ("a negative timeout", "timeout = -1\n{}", 1, "timeout must be more than nothing"),
    ("no number", "timeout = nan\n{}", 1, "timeout must be more than nothing"),
    ("a type", "timeout = [3]\n{}", 1, "timeout must be a number or a text in quotes, not a list"),
    ("a table", "environments = 3\n", 1, "environments must be a table, not a number"),
    ("a service", "{}[environments.qa.services]\ncache = 3\n", 6, "cache must be a table, not a number"),
    ("a url", "{}[environments.qa.services.cache]\nca = 'a'\n", 5, 'environments.qa.services.cache has no "url"'),
    ("a command", "{}password_command = 'pass show db'\n", 5, "password_command must be a list in brackets"),
    ("a scheme", "{}[environments.qa.services]\nc = 'reddis://h'\n", 6, 'unknown scheme "reddis"; did you mean "redis'),
    ("no environments", "interval = 3\n", 1, "there is no [environments.NAME]"),
    ("no services", "{}[environments.qa]\ncolor = 'blue'\n", 5, "environments.qa has no services"),
    ("a name", "{}[environments.'a\tb'.services]\ncache = 'memory://'\n", 5, "a name is letters and digits"),
    ("expect without reason", "{}[[expect]]\nservice = 'cache'\nsetting = 'a'\n", 5, 'expect[1] has no "reason"'),
    (
        "expect with an empty reason",
        "{}[[expect]]\nservice = 'cache'\nsetting = 'a'\nreason = ' '\n",
        8,
        "expect[1].reason is empty",
    ),
    (
        "expect of no service",
        "{}[[expect]]\nservice = 'cash'\nsetting = 'a'\nreason = 'b'\n",
        6,
        'no service "cash"; did you mean "cache"?',
    ),
    (
        "expect of no environment",
        "{}[[expect]]\nservice = 'cache'\nsetting = 'a'\nreason = 'b'\nenvironments = [\n 'def',\n]\n",
        9,
        'no environment "def"; did you mean "dev"?',
    ),
    (
        "a guard of no environment",
        "{}[[expect]]\nservice = 'cache'\nsetting = 'a'\nreason = 'b'\nvalues = { prodction = '1' }\n",
        9,
        'did you mean "production"?',
    ),
    (
        "a guard without quotes",
        "{}[[expect]]\nservice = 'cache'\nsetting = 'a'\nreason = 'b'\nvalues = { dev = 1 }\n",
        9,
        "a table, each value a text in quotes",
    ),
    (
        "a day in quotes",
        "{}[[expect]]\nservice = 'cache'\nsetting = 'a'\nreason = 'b'\nuntil = '2027-01-01'\n",
        9,
        "must be a day such as 2027-03-31, without quotes, not a text",
    ),
    ("a kind", "{}[severity]\n'postgre.jit' = 'info'\n", 6, 'no kind "postgre"; did you mean "postgres"?'),
    ("a severity", "{}[severity]\n'redis.save' = 'critcal'\n", 6, 'did you mean "critical"?'),
    ("a severity by number", "{}[severity]\n'redis.save' = 1\n", 6, "known: critical, warning, info, ignore"),
    ("a severity without setting", "{}[severity]\nredis = 'info'\n", 6, 'must be "kind.setting"'),
    ("a variable outside of services", "baseline = '${WHO}'\n{}", 1, "baseline: the variable WHO is not set"),
    ("a variable in expect", "{}[[expect]]\nservice='cache'\nsetting='a'\nreason='${WHO}'\n", 5, "WHO is not set"),
    ("a reference", "baseline = '${WHO'\n{}", 1, "a dollar is written $$"),
    ("the same table", "{}[environments.dev.services]\ncache = 'memory://'\n", 5, "stands in the file a second time"),
    ("the same key", "{}url = 'redis://localhost'\n", 5, "stands in the file a second time"),
    ("syntax", "{}[[expect]\n", "5:", "expected"),
    ("quotes", "baseline = dev\n{}", "1:12:", "invalid value"),
    ("an end", "{}ca = '''\nand so on\n", 5, "expected"),
    ("a long number", "interval = " + "9" * 5000 + "\n{}", 1, "a number is too long"),
]


@pytest.mark.parametrize(("text", "line", "words"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_named_with_file_line_and_the_nearest_name(
    read: Parse, text: str, line: int | str, words: str
) -> None:
    """Faults 34 to 36, 38: nothing is guessed, and nobody has to search."""
    with pytest.raises(ConfigError) as caught:
        read(text.replace("{}", SERVICES))
    said = str(caught.value)
    assert said.startswith(f"parity.toml:{line}")
    assert words.lower() in said.lower()
    assert "swordfish" not in said


def test_the_line_of_the_file_stands_beneath(read: Parse) -> None:
    """Fault 34: As it is where it can hold no password."""
    with pytest.raises(ConfigError) as caught:
        read("baseline = 'productoin' \n" + SERVICES)
    assert str(caught.value).splitlines()[1] == "    baseline = 'productoin'"


def test_a_line_that_can_hold_a_password_is_shown_without_its_values(read: Parse) -> None:
    """The key is what the mistake is about."""
    with pytest.raises(ConfigError) as caught:
        read(SERVICES + 'pasword = "swordfish" # it is swordfish\n')
    assert str(caught.value).splitlines()[1] == '    pasword = "•••"'


def test_a_text_over_several_lines_is_not_shown_where_it_breaks(read: Parse) -> None:
    """The line alone does not say that it is a password's."""
    with pytest.raises(ConfigError) as caught:
        read(SERVICES + 'password = """\nhunter22=\\q"""\n')
    assert str(caught.value).startswith("parity.toml:6:")
    assert "hunter22" not in str(caught.value)


def test_nothing_in_an_error_can_steer_a_terminal(read: Parse) -> None:
    """A name from the file may hold anything."""
    with pytest.raises(ConfigError) as caught:
        read(SERVICES + '[environments.qa]\n"\\u001b[31m" = 1\n')
    assert "\x1b" not in str(caught.value)


def test_all_mistakes_are_said_at_once_in_the_order_of_the_file(read: Parse) -> None:
    """One start of the program is enough to mend them."""
    with pytest.raises(ConfigError) as caught:
        read("interval = 0\nbaseline = 'x'\n" + SERVICES + "tsl = 'off'\n[severity]\na = 1\n")
    assert [problem.split(":")[1] for problem in caught.value.problems] == ["1", "2", "7", "9"]


def test_a_mistake_of_an_environment_does_not_hide_those_of_its_services(read: Parse) -> None:
    """Nor is a service that only stands there unknown to expected drift."""
    with pytest.raises(ConfigError) as caught:
        read("environments.dev.sssh = 'a'\n" + SERVICES + "[environments.dev.services.it]\nurl = 'x://h'\n"
             "[[expect]]\nservice = 'it'\nsetting = '*'\nreason = 'r'\n")  # fmt: skip
    assert [problem.split(":")[1] for problem in caught.value.problems] == ["1", "7"]


def test_hundreds_of_mistakes_are_counted(read: Parse) -> None:
    """The first twenty are shown."""
    with pytest.raises(ConfigError) as caught:
        read("".join(f"[environments.e{n}.services]\ncache = 3\n" for n in range(100)))
    assert len(caught.value.problems) == 21
    assert caught.value.problems[-1] == "parity.toml: and 80 more"


def test_a_deep_nest_is_no_crash(read: Parse) -> None:
    """Python's own limit is a sentence too."""
    with pytest.raises(ConfigError, match="nested too deeply"):
        read("a = " + "[" * 100_000)


def test_a_mistake_in_a_long_file_is_found_at_once(read: Parse) -> None:
    """Its line, among thousands, without reading the file thousands of times."""
    many = "".join(f"[environments.e{n}.services]\ncache = 'memory://'\n" for n in range(2000))
    with pytest.raises(ConfigError, match=r"^parity.toml:4002: unknown key"):
        read(many + "[environments.last]\nservces = 1\n")


def test_a_variable_that_is_not_set_fails_only_the_targets_that_use_it(read: Parse) -> None:
    """Fault 39: the others run."""
    config = read(dedent("""\
        [environments.dev.services]
        cache = "redis://${CACHE_HOST:-localhost}:${CACHE_PORT}/${NUMBER:-0}"
        database = "${DATABASE_URL}"
        queue = "amqp://u:${QUEUE_PASSWORD}@mq"
        """), CACHE_PORT="7000", CACHE_HOST="")  # fmt: skip
    cache, database, queue = config.targets
    assert (cache.address, cache.problem) == ("localhost:7000", None)
    assert database.problem == Failure(Reason.CONFIG, "the variable DATABASE_URL is not set")
    assert queue.problem == Failure(Reason.CONFIG, "the variable QUEUE_PASSWORD is not set")
    assert queue.kind == "rabbitmq"


def test_ssh_of_an_environment_counts_for_all_of_its_services_that_have_a_host(read: Parse) -> None:
    """A file of this machine is read here; and a variable that is not set fails the environment alone."""
    text = (
        "[environments.qa]\nssh = '${JUMP}'\n[environments.qa.services]\n"
        "cache = 'redis://cache'\nfiles = 'sqlite:///x.db'\ndatabase = 'postgresql://a@db'\n"
    )
    config = read(text + SERVICES, JUMP="ssh://ann@bastion:2222")
    assert [(target.service, target.ssh) for target in config.targets] == [
        ("cache", "ssh://ann@bastion:2222"), ("files", ""), ("database", "ssh://ann@bastion:2222"),
        ("cache", ""), ("database", ""),
    ]  # fmt: skip
    config = read(text + SERVICES)
    assert [target.problem for target in config.targets] == [
        Failure(Reason.CONFIG, "the variable JUMP is not set"), None, Failure(Reason.CONFIG, "the variable JUMP is not set"),
        None, None,
    ]  # fmt: skip


def test_a_dollar_is_written_twice(read: Parse) -> None:
    """And once where no brace follows."""
    config = read("[environments.dev.services.cache]\nurl = 'redis://h'\npassword = 'a$$b$c$${d}'\n")
    assert config.targets[0].password is not None
    secret = config.targets[0].password()
    assert secret is not None
    assert secret.reveal() == "a$b$c${d}"


def test_only_some_environments_and_services(whole: Config) -> None:
    """Those named; a baseline that is not among them is none, and that is said."""
    some = whole.only(["dev"], ["cache", "queue"])
    assert [(t.environment, t.service) for t in some.targets] == [("dev", "cache"), ("dev", "queue")]
    assert ([e.name for e in some.environments], some.services, some.baseline) == (["dev"], ("cache", "queue"), "")
    assert some.warnings == (*whole.warnings, "production is the baseline and left out")
    assert whole.only([], []) == whole


def test_without_the_baseline_the_majority_of_the_others_decides(read: Parse) -> None:
    """And is said to, where there can be one."""
    services = "".join(f"[environments.{name}.services]\ncache = 'memory://'\n" for name in ("a", "b", "c", "d"))
    some = read(f"baseline = 'd'\n{services}").only(["a", "b", "c"])
    assert some.warnings == ("d is the baseline and left out: the majority decides",)


def test_another_baseline_interval_and_timeout(whole: Config) -> None:
    """As the command line says; what it does not say stays."""
    other = whole.with_(baseline="dev", interval="1000ms")
    assert (other.baseline, other.interval, other.timeout) == ("dev", 1.0, 0.5)
    assert whole.with_(baseline="").baseline == ""


def test_unknown_names_of_the_command_line_are_errors_with_the_nearest(whole: Config) -> None:
    """All of them at once."""
    with pytest.raises(ConfigError, match='no environment "prodution"; did you mean "production"') as caught:
        whole.only(["dev", "prodution", "xyz"])
    assert len(caught.value.problems) == 2
    with pytest.raises(ConfigError, match='no service "databse"; did you mean "database"'):
        whole.only([], ["databse"])
    with pytest.raises(ConfigError, match='no environment "prod"; did you mean "production"'):
        whole.with_(baseline="prod")
    with pytest.raises(ConfigError, match="--timeout 0: it must be more than nothing"):
        whole.with_(timeout=0)
    with pytest.raises(ConfigError, match='--interval soon: it must be a duration such as "5s"'):
        whole.with_(interval="soon")


def test_nothing_left_is_an_error(read: Parse) -> None:
    """An empty board would look like parity."""
    config = read(SERVICES)
    with pytest.raises(ConfigError, match="dev has no database"):
        config.only(["dev"], ["database"])
