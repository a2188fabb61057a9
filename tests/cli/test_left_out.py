"""Variables of dotenv files that are left out: never a service that is absent, never parity."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from parity_tui.cli import Exit
from parity_tui.cli.commands import create_watcher, exit_code, select
from parity_tui.config import Config, parse
from parity_tui.config.config import LeftOut

TEXT = "[environments.dev.services]\ncache = 'memory://'\n[environments.production.services]\ncache = 'memory://'\n"
SEARCH = LeftOut("dev", "SEARCH_URL", 'scheme "elastic" is not known')


def config(*items: LeftOut, more: str = "") -> Config:
    return replace(parse(TEXT + more, "parity.toml", {}, Path()), left_out=items)


async def code(of: Config) -> Exit:
    watcher = create_watcher(of, once=True)
    async for _ in watcher.boards():
        pass
    return exit_code(watcher.board, "warning")


async def test_left_out_variable_is_no_parity() -> None:
    assert await code(config()) is Exit.PARITY
    assert await code(config(SEARCH)) is Exit.UNKNOWN


async def test_left_out_service_is_unknown_not_absent() -> None:
    made = config(SEARCH, more="search = 'memory://'\n")
    watcher = create_watcher(made, once=True)
    async for _ in watcher.boards():
        pass
    section = watcher.board.sections[1]
    assert section.outcomes[0] is not None
    assert section.outcomes[0].failure is not None
    assert section.outcomes[0].failure.message == 'SEARCH_URL is left out: scheme "elastic" is not known'
    assert not any(row.verdict == "drift" for row in section.rows)
    assert await code(made) is Exit.UNKNOWN


def test_service_that_is_not_selected_is_not_missed() -> None:
    assert select(config(SEARCH), (), ("cache",)).left_out == ()
    assert select(config(SEARCH), ("production",), ()).left_out == ()
    assert select(config(SEARCH), (), ()).left_out == (SEARCH,)
