"""Scripted peers: other services, floods, brokers that end the connection, and LavinMQ."""

from __future__ import annotations

import asyncio
import threading

import pytest
from pamqp import commands, heartbeat

from parity_tui.model import ReadOnce, ServiceError, Target
from parity_tui.services.rabbitmq import SERVICE, connection
from parity_tui.transport.dialer import NetworkDialer
from tests.proxy import Script, floods, says
from tests.services.rabbitmq.builders import at, failure, marshal, reading, scripted_broker


@pytest.mark.parametrize(
    ("script", "reason", "words"),
    [
        (says(), "closed", "closed the connection"),
        (says(b"\x01\0\0\0"), "closed", "closed the connection"),
        (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "wrong-service", "like HTTP"),
        (says(b"SSH-2.0-OpenSSH_9.2\r\n"), "wrong-service", "like SSH"),
        (says(b"J\0\0\0\n8.0.36\0"), "wrong-service", "like MySQL"),
        (says(b"AMQP\x00\x01\x00\x00"), "wrong-service", "like AMQP 1.0"),
        (says(b"\x15\x03\x01\x00\x02\x02\x46"), "tls", "like TLS"),
        (says(b"\x01\0\0\xff\xff\xff\xff" + b"x" * 100), "protocol", "more than a broker has to say"),
        (says(b"\x01\0\0\0\0\0\x04\0\x0a\0\x0b\xce"), "protocol", ""),
        (floods(b"\0" * 65536), "protocol", "more than any server"),
        (floods(marshal(heartbeat.Heartbeat()) * 999), "protocol", ""),
    ],
)
async def test_peer_that_is_no_broker_is_named(
    script: Script, reason: str, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Faults 4, 8, 9, 10: closed, endless or another service; the library prints nothing."""
    async with at(script) as where:
        described, message = await failure(where)
    assert described == reason
    assert words in message
    assert capfd.readouterr() == ("", "")


async def keep_reading(read: ReadOnce) -> None:
    """Read until it fails."""
    while True:
        await read()
        await asyncio.sleep(0)


async def test_flood_after_the_login_is_cut_off(capfd: pytest.CaptureFixture[str]) -> None:
    """Fault 8: heartbeats without end exceed the budget between two readings."""
    logged_in = asyncio.Event()

    async def flood(writer: asyncio.StreamWriter) -> None:
        await logged_in.wait()
        while True:
            writer.write(marshal(heartbeat.Heartbeat()) * 500)
            await writer.drain()

    async with at(scripted_broker(flood)) as where, SERVICE.connect(where, NetworkDialer(where, 3)) as read:
        logged_in.set()
        with pytest.raises(ServiceError):
            await asyncio.wait_for(keep_reading(read), 5)
    assert capfd.readouterr() == ("", "")


async def test_broker_that_shuts_down_is_quoted() -> None:
    """Fault 5."""
    close = commands.Connection.Close(320, "CONNECTION_FORCED - broker shuts down", 0, 0)

    async def shut_down(writer: asyncio.StreamWriter) -> None:
        writer.write(marshal(close))

    async with at(scripted_broker(shut_down)) as where, SERVICE.connect(where, NetworkDialer(where, 3)) as read:
        with pytest.raises(ServiceError) as caught:
            await asyncio.wait_for(keep_reading(read), 5)
    assert caught.value.reason == "closed"
    assert "broker shuts down" in caught.value.message


async def test_cancelled_connection_leaves_no_task() -> None:
    """A silent peer is left at once, with no task of the library."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        await asyncio.sleep(60)

    async with at(silent) as where:
        await asyncio.sleep(0)
        before = asyncio.all_tasks()
        async with asyncio.timeout(5) as patience:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3), SERVICE.connect(where, NetworkDialer(where, 3)):
                    pytest.fail("a silent peer accepts no login")
            assert not patience.expired()
            if ending := {task for task in asyncio.all_tasks() - before if "serve" not in repr(task)}:
                _, left = await asyncio.wait(ending, timeout=0.5)
                assert left == set()


def test_abandoned_connection_is_collected_silently() -> None:
    """The library would close it in whichever loop runs then, and complain without one."""
    target = Target("dev", "q", "rabbitmq", "amqp", "h", 1)

    async def opened() -> connection.AMQPConnection:
        return connection.AMQPConnection(target, NetworkDialer(target, 1), "u", None, "/")

    loop = asyncio.new_event_loop()
    connections = [loop.run_until_complete(opened())]
    thread = threading.Thread(target=connections.clear)
    thread.start()
    thread.join()
    loop.close()


async def test_lavinmq_is_recognized() -> None:
    """Its version is its own, and it does not run on Erlang."""
    async with at(scripted_broker()) as where:
        seen = await reading(where)
    assert (seen.product, seen.version) == ("LavinMQ", "2.4.1")
    assert seen.facts["platform"].raw == "Crystal 1.16.3"
    assert "erlang" not in seen.facts
