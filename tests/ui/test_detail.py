"""The detail of the line under the cursor."""

from __future__ import annotations

from tests.drift.builders import board, reading
from tests.ui.board_user import opened_board


async def test_enter_and_v_show_the_whole_detail() -> None:
    """Each value whole, the source, the fix on lines of its own; a service has one too."""
    async with opened_board((60, 24)) as user:
        await user.to("archive_command")
        assert "…" in user.line("archive_comm")
        await user.press("enter")
        await user.until(lambda: user.has_modal)
        assert "needs GRANT pg_read_all_settings TO parity" in user.modal.replace("\n", " ")
        await user.press("escape")
        await user.to("TimeZone")
        await user.press("v")
        await user.until(lambda: user.has_modal)
        assert "Run this to fix staging:\nALTER SYSTEM SET" in user.modal
        assert "postgresql.conf:702" in user.modal
        await user.press("a")
        await user.until(lambda: "copied the fix for staging" in user.modal)
        await user.press("escape")
        await user.to("queue")
        await user.press("v")
        await user.until(lambda: user.has_modal)
        assert "no answer in 3 s (mq.staging:5672)" in user.modal


async def test_long_names_do_not_run_into_the_value() -> None:
    async with opened_board((80, 24), board(*[reading({"zone": "Paris", "limit": str(n)}) for n in range(3)])) as user:
        await user.press("d")
        await user.to("zone")
        assert user.screen.count("dev, staging and produc… Paris") == 1


async def test_hint_names_the_key_for_the_rest() -> None:
    async with opened_board((80, 24)) as user:
        await user.to("TimeZone")
        assert "v shows the rest" in user.screen


async def test_detail_of_a_row_is_complete() -> None:
    async with opened_board() as user:
        await user.to("shared_buffers")
        for text in ("expected", "set as 1048576 in units of 8kB", "postgresql.conf:121", "restart pending"):
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
