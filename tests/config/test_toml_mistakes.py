"""The problems that parity.toml's reader reports."""

from __future__ import annotations

import pytest

from parity_tui.config import ConfigError

from .conftest import SERVICES, Parse

MISTAKES = [
    # (name, text with {} for SERVICES, line of the problem, part of its message)
    ("a key", "basline = 'dev'\n{}", 1, 'unknown key "basline"; did you mean "baseline"?'),
    ("a key of an environment", "{}[environments.qa]\nservice = 1\n", 6, 'did you mean "services"?'),
    (
        "a key of a service",
        "{}pasword = 'swordfish'\n",
        5,
        'unknown key "pasword" in environments.production.services.database; did you mean "password"?',
    ),
    ("a key of expect", "{}[[expect]]\nservise = 'cache'\n", 6, 'unknown key "servise" in expect[1]; did you mean'),
    ("ssh of one service", "{}ssh = 'bastion'\n", 5, "`ssh` belongs in [environments.NAME]"),
    ("an option for ssh", "environments.dev.ssh = '-oProxyCommand=x'\n{}", 1, "dev.ssh must be a host"),
    ("two words for ssh", "environments.dev.ssh = 'bastion -v'\n{}", 1, "dev.ssh must be a host"),
    ("a port for ssh", "environments.dev.ssh = 'bastion:22'\n{}", 1, "ssh://bastion:2222"),
    ("half a variable in ssh", "environments.dev.ssh = '${'\n{}", 1, "dev.ssh has a ${ that begins neither"),
    ("another way to log in", "{}auth = 'libpq'\n", 5, 'auth can only be "native"'),
    ("half an entry of the keyring", "{}password_keyring = 'db'\n", 5, 'must be "SERVICE/USER"'),
    ("a baseline", "baseline = 'productoin'\n{}", 1, 'did you mean "production"?'),
    ("an interval in words", "\ninterval = 'five'\n{}", 2, 'interval must be a duration such as "5s"'),
    ("no interval", "interval = 0\n{}", 1, "interval must be more than 0"),
    ("a negative timeout", "timeout = -1\n{}", 1, "timeout must be more than 0"),
    ("an age", 'migrations_age = "11y"\n{}', 1, "migrations_age must be a duration such as"),
    ("a short history", "history_keep = 0\n{}", 1, "history_keep must be more than 0 and at most 3650 days"),
    ("a long age", 'migrations_age = "4000d"\n{}', 1, "migrations_age must be more than 0 and at most 3650 days"),
    ("no number", "timeout = nan\n{}", 1, "timeout must be more than 0"),
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
    (
        "a hidden value",
        "{}[[expect]]\nservice = 'cache'\nsetting = 'a'\nreason = 'b'\nhidden = true\nvalues = { dev = '1' }\n",
        10,
        "a hidden setting has no values",
    ),
    (
        "hidden in quotes",
        "{}[[expect]]\nservice = 'cache'\nsetting = 'a'\nreason = 'b'\nhidden = 'yes'\n",
        9,
        "true or false",
    ),
    ("a kind", "{}[severity]\n'postgre.jit' = 'info'\n", 6, 'no kind "postgre"; did you mean "postgres"?'),
    ("a severity", "{}[severity]\n'redis.save' = 'critcal'\n", 6, 'did you mean "critical"?'),
    ("a severity by number", "{}[severity]\n'redis.save' = 1\n", 6, "known: critical, warning, info, ignore"),
    ("a severity without setting", "{}[severity]\nredis = 'info'\n", 6, 'must be "kind.setting"'),
    ("a variable outside of services", "baseline = '${WHO}'\n{}", 1, "baseline: the variable WHO is not set"),
    ("a variable in expect", "{}[[expect]]\nservice='cache'\nsetting='a'\nreason='${WHO}'\n", 5, "WHO is not set"),
    ("a reference", "baseline = '${WHO'\n{}", 1, "a dollar is written $$"),
    ("the same table", "{}[environments.dev.services]\ncache = 'memory://'\n", 5, "is defined twice"),
    ("the same key", "{}url = 'redis://localhost'\n", 5, "is defined twice"),
    ("syntax", "{}[[expect]\n", "5:", "expected"),
    ("quotes", "baseline = dev\n{}", "1:12:", "invalid value"),
    ("an end", "{}ca = '''\nand so on\n", 5, "expected"),
    ("a long number", "interval = " + "9" * 5000 + "\n{}", 1, "a number is too long"),
]


@pytest.mark.parametrize(("text", "line", "words"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_mistake_is_reported_with_line_and_nearest_name(read: Parse, text: str, line: int | str, words: str) -> None:
    """Faults 34 to 36, 38."""
    with pytest.raises(ConfigError) as caught:
        read(text.replace("{}", SERVICES))
    message = str(caught.value)
    assert message.startswith(f"parity.toml:{line}")
    assert words.lower() in message.lower()
    assert "swordfish" not in message


def test_problem_shows_the_line_of_the_file(read: Parse) -> None:
    """Fault 34: the line is shown as it is where it can hold no password."""
    with pytest.raises(ConfigError) as caught:
        read("baseline = 'productoin' \n" + SERVICES)
    assert str(caught.value).splitlines()[1] == "    baseline = 'productoin'"


def test_line_near_a_password_hides_values(read: Parse) -> None:
    with pytest.raises(ConfigError) as caught:
        read(SERVICES + 'pasword = "swordfish" # it is swordfish\n')
    assert str(caught.value).splitlines()[1] == '    pasword = "•••"'


def test_broken_multiline_text_is_not_shown(read: Parse) -> None:
    with pytest.raises(ConfigError) as caught:
        read(SERVICES + 'password = """\nhunter22=\\q"""\n')
    assert str(caught.value).startswith("parity.toml:6:")
    assert "hunter22" not in str(caught.value)


def test_errors_hold_no_escape_sequences(read: Parse) -> None:
    with pytest.raises(ConfigError) as caught:
        read(SERVICES + '[environments.qa]\n"\\u001b[31m" = 1\n')
    assert "\x1b" not in str(caught.value)


def test_all_mistakes_are_reported_in_file_order(read: Parse) -> None:
    with pytest.raises(ConfigError) as caught:
        read("interval = 0\nbaseline = 'x'\n" + SERVICES + "tsl = 'off'\n[severity]\na = 1\n")
    assert [problem.split(":")[1] for problem in caught.value.problems] == ["1", "2", "7", "9"]


def test_invalid_environment_still_checks_its_services(read: Parse) -> None:
    with pytest.raises(ConfigError) as caught:
        read("environments.dev.sssh = 'a'\n" + SERVICES + "[environments.dev.services.it]\nurl = 'x://h'\n"
             "[[expect]]\nservice = 'it'\nsetting = '*'\nreason = 'r'\n")  # fmt: skip
    assert [problem.split(":")[1] for problem in caught.value.problems] == ["1", "7"]


def test_mistakes_beyond_twenty_are_counted(read: Parse) -> None:
    with pytest.raises(ConfigError) as caught:
        read("".join(f"[environments.e{n}.services]\ncache = 3\n" for n in range(100)))
    assert len(caught.value.problems) == 21
    assert caught.value.problems[-1] == "parity.toml: and 80 more"


def test_deep_nesting_is_an_error(read: Parse) -> None:
    with pytest.raises(ConfigError, match="nested too deeply"):
        read("a = " + "[" * 100_000)


def test_line_is_found_fast_in_long_files(read: Parse) -> None:
    many = "".join(f"[environments.e{n}.services]\ncache = 'memory://'\n" for n in range(2000))
    with pytest.raises(ConfigError, match=r"^parity.toml:4002: unknown key"):
        read(many + "[environments.last]\nservces = 1\n")
