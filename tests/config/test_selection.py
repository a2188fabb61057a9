"""Options of the command line: a part of the configuration, other values."""

from __future__ import annotations

import pytest

from parity_tui.config import Config, ConfigError

from .conftest import SERVICES, Parse


def test_only_selects_environments_and_services(whole: Config) -> None:
    some = whole.only(["dev"], ["cache", "queue"])
    assert [(t.environment, t.service) for t in some.targets] == [("dev", "cache"), ("dev", "queue")]
    assert ([e.name for e in some.environments], some.services, some.baseline) == (["dev"], ("cache", "queue"), "")
    assert some.warnings == (*whole.warnings, "production is the baseline and left out")
    assert whole.only([], []) == whole


def test_dropped_baseline_warns_that_the_majority_decides(read: Parse) -> None:
    services = "".join(f"[environments.{name}.services]\ncache = 'memory://'\n" for name in ("a", "b", "c", "d"))
    some = read(f"baseline = 'd'\n{services}").only(["a", "b", "c"])
    assert some.warnings == ("d is the baseline and left out: compared with the majority",)


def test_override_replaces_baseline_interval_and_timeout(whole: Config) -> None:
    other = whole.override(baseline="dev", interval="1000ms")
    assert (other.baseline, other.interval, other.timeout) == ("dev", 1.0, 0.5)
    assert whole.override(baseline="").baseline == ""


def test_unknown_names_suggest_the_nearest(whole: Config) -> None:
    with pytest.raises(ConfigError, match='no environment "prodution"; did you mean "production"') as caught:
        whole.only(["dev", "prodution", "xyz"])
    assert len(caught.value.problems) == 2
    with pytest.raises(ConfigError, match='no service "databse"; did you mean "database"'):
        whole.only([], ["databse"])
    with pytest.raises(ConfigError, match='no environment "prod"; did you mean "production"'):
        whole.override(baseline="prod")
    with pytest.raises(ConfigError, match="--timeout 0: must be more than 0"):
        whole.override(timeout=0)
    with pytest.raises(ConfigError, match='--interval soon: must be a duration such as "5s"'):
        whole.override(interval="soon")


def test_empty_selection_is_an_error(read: Parse) -> None:
    config = read(SERVICES)
    with pytest.raises(ConfigError, match="dev has no database"):
        config.only(["dev"], ["database"])
