"""Messages about a thing that changes again and again."""

from __future__ import annotations

from msgspec import json

from parity_tui.daemon.damper import MOST, STEADY, UNSTEADY, WINDOW, Damper
from parity_tui.daemon.event import Event

FAILED, RECOVERED = "failed", "recovered"


def outage(kind: str, environment: str = "dev") -> Event:
    return Event("", kind, environment, "cache", text=f"{environment} cache {kind}")


def flap(damper: Damper, changes: int, start: float = 0.0, pause: float = 20.0) -> list[str]:
    """Return the messages on an outage that begins and ends by turns."""
    kinds = [(FAILED, RECOVERED)[number % 2] for number in range(changes)]
    messages = [damper.pass_on(outage(kind), start + number * pause) for number, kind in enumerate(kinds)]
    return [message.text for message in messages if message]


def test_flapping_server_gets_few_messages() -> None:
    messages = flap(Damper(), 50)
    assert len(messages) == MOST
    assert [UNSTEADY in text for text in messages] == [False, False, False, True]


def test_last_state_is_sent_once_steady() -> None:
    damper = Damper()
    flap(damper, 7)  # the fourth message was "recovered", the last change "failed"
    assert not list(damper.steady(120 + WINDOW - 1))
    (message,) = damper.steady(120 + WINDOW)
    assert message.text == f"dev cache failed ({STEADY})"
    assert not list(damper.steady(120 + 2 * WINDOW))


def test_known_state_is_not_sent_again() -> None:
    damper = Damper()
    flap(damper, 8)
    assert not list(damper.steady(10_000))


def test_other_values_are_another_state() -> None:
    damper = Damper()
    for number in range(6):
        damper.pass_on(Event("", "new", "dev", "cache", setting="hz", after=str(number)), number)
    assert [message.after for message in damper.steady(WINDOW * 2)] == ["5"]


def test_many_things_are_told_apart_in_time() -> None:
    damper = Damper()
    events = [Event("", "new", "dev", "cache", setting=f"setting {number}") for number in range(20_000)]
    assert all(damper.pass_on(event, 0.0) for event in events)


def test_rare_changes_are_all_sent() -> None:
    assert len(flap(Damper(), 50, pause=WINDOW / 2)) == 50


def test_each_thing_is_counted_alone() -> None:
    damper = Damper()
    flap(damper, 6)
    assert damper.pass_on(outage(FAILED, "staging"), 130)
    assert damper.pass_on(Event("", "new", "dev", "cache", setting="hz", text="dev cache hz"), 130)


def test_steady_thing_is_forgotten() -> None:
    damper = Damper()
    flap(damper, 2)
    list(damper.steady(WINDOW * 2))
    assert not damper.courses
    assert len(flap(damper, 4, WINDOW * 2)) == 4


def test_held_message_survives_a_restart() -> None:
    damper = Damper()
    flap(damper, 7)
    restarted = json.decode(json.encode(damper), type=Damper)
    assert [message.kind for message in restarted.steady(10_000)] == [FAILED]
