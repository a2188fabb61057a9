"""A valid parity.toml: environments, targets, expectations, severities, references."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from parity_tui.config import Config, parse
from parity_tui.drift.policy import Expectation
from parity_tui.model import Failure, Reason, Severity

from .conftest import SERVICES, WHOLE, Parse


def test_environments_keep_their_order_and_colours(whole: Config) -> None:
    assert [(e.name, e.colour) for e in whole.environments] == [("dev", "yellow"), ("production", "red")]
    assert whole.services == ("database", "cache", "queue")


def test_top_level_keys_are_read(whole: Config) -> None:
    assert (whole.migrations_age, whole.history_keep) == (14 * 86400, 365 * 86400)
    assert (whole.baseline, whole.interval, whole.timeout) == ("production", 10.0, 0.5)


def test_target_combines_url_and_table(whole: Config, tmp_path: Path) -> None:
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


def test_tls_scheme_sets_mode_and_port(whole: Config) -> None:
    ports = {t.address: t.tls for t in whole.targets if t.host}
    assert ports == {"localhost:5672": "off", "cache.prod:6379": "verify-full", "db.prod:5433": "verify-full",
                     "mq.prod:5671": "verify-full"}  # fmt: skip


def test_options_of_a_kind_are_kept(whole: Config) -> None:
    assert whole.targets[-1].options == {"management": "https://mq.prod:15671"}
    assert whole.targets[-1].path == "/"


def test_expected_drift_is_read(whole: Config) -> None:
    assert whole.expectations == (
        Expectation("database", "shared_*", "laptops are small", ("dev",), {"dev": "128MB"}, "dba", date(2027, 3, 31)),
    )


def test_accepted_blind_spot_is_read(read: Parse) -> None:
    expectation = "[[expect]]\nservice = 'cache'\nsetting = '*'\nhidden = true\nreason = 'no rights'\n"
    config = read(f"[environments.dev.services]\ncache = 'redis://localhost'\n{expectation}")
    assert config.expectations == (Expectation("cache", "*", "no rights", hidden=True),)


def test_severities_are_read_quoted_and_unquoted(whole: Config) -> None:
    assert whole.severities == (("postgres.jit", Severity.INFO), ("redis.save", Severity.IGNORED))


@pytest.mark.parametrize(
    "change", [lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n"), lambda t: t.replace(" = ", "\t=\t")]
)
def test_byte_order_mark_crlf_and_tabs_are_accepted(
    whole: Config, tmp_path: Path, change: Callable[[str], str]
) -> None:
    """Fault 42."""
    other = parse(change(WHOLE), "parity.toml", {}, tmp_path)
    assert [t.address for t in other.targets] == [t.address for t in whole.targets]
    assert other.expectations == whole.expectations


def test_unset_variable_fails_only_its_targets(read: Parse) -> None:
    """Fault 39."""
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


def test_ssh_applies_to_services_with_a_host(read: Parse) -> None:
    text = (
        "[environments.qa]\nssh = '${JUMP}'\n[environments.qa.services]\n"
        "cache = 'redis://cache'\nfiles = 'sqlite:///x.db'\ndatabase = 'postgresql://a@db'\n"
    )
    config = read(text + SERVICES, JUMP="ssh://ann@bastion:2222")
    assert [(target.service, target.ssh) for target in config.targets] == [
        ("cache", "ssh://ann@bastion:2222"), ("files", ""), ("database", "ssh://ann@bastion:2222"),
        ("cache", ""), ("database", ""),
    ]  # fmt: skip
    unset = Failure(Reason.CONFIG, "the variable JUMP is not set")
    assert [target.problem for target in read(text + SERVICES).targets] == [unset, None, unset, None, None]


def test_double_dollar_is_a_dollar(read: Parse) -> None:
    config = read("[environments.dev.services.cache]\nurl = 'redis://h'\npassword = 'a$$b$c$${d}'\n")
    assert config.targets[0].password is not None
    secret = config.targets[0].password()
    assert secret is not None
    assert secret.reveal() == "a$b$c${d}"


def test_loading_imports_no_event_loop(tmp_path: Path) -> None:
    """Commands that read no server start faster."""
    urls = ("postgresql://a@h/b", "redis://h", "memcached://h", "mysql://a@h", "amqp://h")
    services = "".join(f'{kind.partition(":")[0]} = "{kind}"\n' for kind in urls)
    file = tmp_path / "parity.toml"
    file.write_text(f"[environments.dev.services]\n{services}")
    script = "import sys, pathlib, parity_tui.config as config\nconfig.load(pathlib.Path(sys.argv[1]))\n"
    subprocess.run([sys.executable, "-c", f"{script}sys.exit('asyncio' in sys.modules)", file], check=True)
