"""Endpoints of an app, on a real HTTP server: documents by convention, headers, plain text."""

from __future__ import annotations

import json

import pytest

from parity_tui.drift.policy import Policy
from parity_tui.model import State, Verdict
from tests import builders
from tests.services.app.builders import ONE, OTHER, app, drift, raws, read, rows, target

DOCKERFLOW = json.dumps(
    {"source": "https://git.example/shop", "version": "v1.4.2", "commit": ONE, "build": "https://ci.example/1"}
)
SPRING = json.dumps(
    {
        "git": {"branch": "main", "commit": {"id": ONE[:7], "time": "2026-11-20T09:00:00Z"}},
        "build": {"artifact": "shop", "version": "1.4.2", "time": "2026-11-20T10:00:00.123Z"},
    }
)


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/__version__", DOCKERFLOW, {"revision": ONE, "release": "1.4.2", "source": "git.example/shop"}),
        (
            "/actuator/info",
            SPRING,
            {
                "revision": ONE[:7],
                "release": "1.4.2",
                "built": "2026-11-20T10:00:00Z",
                "committed": "2026-11-20T09:00:00Z",
            },
        ),
        ("/version", f'{{"gitSha": "{ONE}", "db": {{"version": "16.4"}}}}', {"revision": ONE}),
        ("/api/version", f'{{"data": {{"git_sha": "{ONE.upper()}"}}}}', {"revision": ONE}),
        ("/health", f'{{"status": "ok", "commitSha": "{ONE}", "startedAt": 1795413600}}', {"revision": ONE}),
        ("/healthz", f"{ONE}\n", {"revision": ONE}),
        ("/version.json", '{"version": "2026.11.3"}', {"release": "2026.11.3"}),
        ("/version", f"commit: {ONE}\nbuild_time: 2026-11-20T10:00:00+01:00\n", {"built": "2026-11-20T09:00:00Z"}),
    ],
)
async def test_conventional_path_names_the_build(path: str, body: str, expected: dict[str, str]) -> None:
    with app() as served:
        served.show(path, body, Content_Type="application/json")
        values = raws(await read(target(served.port)))
        assert {name: values.get(name) for name in expected} == expected
        assert served.requests[-1] == f"GET {path}"


async def test_paths_are_tried_once_a_session() -> None:
    with app() as served:
        served.show("/api/version", DOCKERFLOW)
        await read(target(served.port), times=3)
        await read(target(served.port))  # a renewed connection
        tried = ["GET /__version__", "GET /version", "GET /version.json"]
        assert served.requests == [*tried, *["GET /api/version"] * 4]


async def test_headers_name_the_build_of_any_page() -> None:
    with app() as served:
        served.show("/", "<html>shop</html>", Content_Type="text/html", X_GitSHA=ONE)
        reading = await read(target(served.port))
        assert (raws(reading)["revision"], reading.version) == (ONE, ONE[:10])


async def test_build_time_of_the_request_is_dropped() -> None:
    with app() as served:
        served.show("/version", json.dumps({"commit": ONE, "build_time": "2026-11-20T10:00:00Z"}))
        assert "built" in (await read(target(served.port, "version"))).facts
        served.show("/version", json.dumps({"commit": ONE, "build_time": "2026-11-20T10:00:05Z"}))
        for _ in range(2):
            reading = await read(target(served.port, "version"))
            assert "built" not in reading.facts
            assert reading.notes == ("the build time changes with each request: it is left out",)


async def test_build_time_of_the_first_reply_is_dropped() -> None:
    from datetime import UTC, datetime

    with app() as served:
        served.show("/version", json.dumps({"commit": ONE, "built": datetime.now(UTC).isoformat()}))
        assert "built" not in (await read(target(served.port, "version"))).facts


async def test_another_revision_may_have_another_build_time() -> None:
    with app() as served:
        served.show("/version", json.dumps({"commit": ONE, "built": "2026-11-20T10:00:00Z"}))
        await read(target(served.port, "version"))
        served.show("/version", json.dumps({"commit": OTHER, "built": "2026-11-21T10:00:00Z"}))
        assert raws(await read(target(served.port, "version")))["built"] == "2026-11-21T10:00:00Z"


async def test_one_revision_is_one_row_however_it_differs() -> None:
    with app() as one, app() as other:
        one.show("/version", json.dumps({"commit": ONE, "version": "1.4", "built": "2026-11-20T10:00:00Z"}))
        other.show("/version", json.dumps({"commit": OTHER, "version": "1.5", "built": "2026-11-21T10:00:00Z"}))
        readings = await read(target(one.port, "version")), await read(target(other.port, "version"))
        assert drift(*readings) == {"revision"}
        other.show("/version", json.dumps({"commit": ONE[:7], "version": "v1.4", "built": "2026-11-20T11:00:00+01:00"}))
        assert drift(readings[0], await read(target(other.port, "version"))) == set()


async def test_version_without_revision_is_compared() -> None:
    with app() as one, app() as other:
        one.show("/version", '"v1.4.2"')
        other.show("/version", "1.4.3")
        readings = await read(target(one.port, "version")), await read(target(other.port, "version"))
        assert drift(*readings) == {"release"}


@pytest.mark.parametrize("text", [f"v1.4.2-3-g{ONE[:7]}", ONE])
async def test_version_that_holds_the_revision_names_the_build(text: str) -> None:
    """As `git describe` prints it."""
    with app() as one, app() as other:
        one.show("/version", json.dumps({"version": text}))
        other.show("/version", json.dumps({"version": text.replace(ONE[:7], OTHER[:7])}))
        readings = await read(target(one.port, "version")), await read(target(other.port, "version"))
        assert drift(readings[0], readings[0]) == set()
        assert drift(*readings) == {"revision"}


async def test_dirty_build_is_reported_everywhere() -> None:
    with app() as served:
        served.show("/version", json.dumps({"revision": f"{ONE[:12]}-dirty"}))
        reading = await read(target(served.port, "version"))
        assert drift(reading, reading) == {"uncommitted changes"}


async def test_no_hash_is_taken_for_a_secret() -> None:
    with app() as served:
        served.show("/version", json.dumps({"commit": ONE, "source": "https://ann:fish@git.example/shop.git"}))
        reading = await read(target(served.port, "version"))
        assert {fact.state for fact in reading.facts.values()} == {State.VALUE}
        assert "fish" not in str(reading)
        assert rows(reading, reading, policy=Policy())["revision"].text(0) == ONE[:10]


async def test_unnamed_fact_is_unknown_and_no_difference() -> None:
    with app() as one, app() as other:
        one.show("/version", json.dumps({"commit": ONE, "version": "1.4", "source": "https://git.example/shop"}))
        other.show("/version", ONE)
        readings = await read(target(one.port, "version")), await read(target(other.port, "version"))
        made = rows(*readings)
        assert drift(*readings) == set()
        assert (made["release"].verdict, made["release"].cells[1].state) == (Verdict.UNKNOWN, State.HIDDEN)
        assert made["release"].cells[1].note == "/version does not name it"
        assert not [row for row in made.values() if row.listed]


async def test_another_kind_of_service_is_another_product() -> None:
    with app() as served:
        served.show("/version", ONE)
        other = builders.reading(product="nginx")
        assert "product" in builders.drift(await read(target(served.port, "version")), other, kind=["app", "http"])
