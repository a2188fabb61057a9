"""The detail of the line under the cursor."""

from __future__ import annotations

from tests.ui.board_user import opened_board


async def test_v_toggles_a_taller_detail() -> None:
    async with opened_board() as user:
        before = user.grid.size.height
        await user.press("v")
        assert user.grid.size.height < before
        await user.press("v")
        assert user.grid.size.height == before


async def test_detail_of_a_row_is_complete() -> None:
    async with opened_board() as user:
        await user.to("shared_buffers")
        for text in ("expected", "written 1048576 in units of 8kB", "postgresql.conf:121", "restart pending"):
            assert text in user.screen
        assert "laptops and rehearsals are small (dba)" in user.screen
        assert "Sets the number of shared memory buffers" in user.screen
        await user.to("archive_command")
        assert "needs GRANT pg_read_all_settings TO parity" in user.screen


async def test_detail_of_a_service_is_complete() -> None:
    async with opened_board() as user:
        await user.to("reporting")
        assert "reporting.staging:5432 closed the connection · last answer 2 min ago" in user.screen
        assert "TLS, not verified" in user.screen
