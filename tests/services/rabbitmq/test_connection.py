"""The connections on real brokers: no channel, GET only, few round trips."""

from __future__ import annotations

import asyncio
import re

import pamqp.frame
import pytest

from parity_tui.demo.process import wait_until
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.services.rabbitmq import SERVICE, connection
from parity_tui.services.rabbitmq.queries import PATHS
from parity_tui.transport.dialer import NetworkDialer
from tests.proxy import proxy
from tests.services.rabbitmq.builders import reading, target


async def test_reading_costs_one_round_trip(broker: RabbitMQ) -> None:
    """Three readings: one AMQP connection with a login and no channel; GETs only, one burst each."""
    async with (
        proxy(broker.host, broker.port) as over_amqp,
        proxy(broker.host, broker.management_port) as over_http,
    ):
        where = target(over_amqp.port, management=f"http://127.0.0.1:{over_http.port}")
        async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
            readings = [await read() for _ in range(3)]
    assert readings[0] == readings[1] == readings[2]
    assert over_amqp.connections == over_http.connections == 1
    login = {"Connection.StartOk", "Connection.TuneOk", "Connection.Open", "Connection.Close", "Heartbeat"}
    assert {"Connection.Open"} < set(frames(over_amqp.sent)) <= login
    assert over_amqp.bursts <= 3 + frames(over_amqp.sent).count("Heartbeat") + 1
    # The first reading also requests the policies of each virtual host.
    assert over_http.bursts == 3 + 1
    lines = re.findall(rb"^(?:GET|HEAD|POST|PUT|PATCH|DELETE) .*(?=\r$)", over_http.sent, re.MULTILINE)
    allowed = {f"GET {path} HTTP/1.1".encode() for path in (*PATHS.values(), "/api/policies/%2F")}
    assert set(lines) <= allowed
    assert over_http.sent.count(b"\r\n\r\n") == len(lines)


def frames(sent: bytes) -> list[str]:
    """Return the names of the frames that a client has sent, all on channel 0."""
    assert sent.startswith(b"AMQP\0\0\x09\x01")
    rest, names = sent[8:], []
    while rest:
        length, channel, frame = pamqp.frame.unmarshal(rest)
        assert channel == 0
        names.append(frame.name)
        rest = rest[length:]
    return names


async def test_refused_request_is_not_repeated(broker: RabbitMQ) -> None:
    """Fault 24: the broker logs every refusal."""
    async with proxy(broker.host, broker.management_port) as over_http:
        where = target(broker.port, "clerk", management=f"http://127.0.0.1:{over_http.port}")
        async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
            readings = [await read() for _ in range(3)]
    assert over_http.sent.count(b"GET /api/nodes") == 1
    assert over_http.sent.count(b"GET /api/overview") == 3
    assert readings[0] == readings[2]


async def test_log_shows_a_regular_close(broker: RabbitMQ) -> None:
    """Connection.Close is sent, though its answer is not awaited."""
    lost, closed = (broker.words().count(words) for words in ("unexpectedly closed", "closing AMQP connection"))
    await reading(target(broker.port))
    assert wait_until(lambda: broker.words().count("closing AMQP connection") > closed, 10)
    assert broker.words().count("unexpectedly closed") == lost


@pytest.mark.slow
async def test_frozen_broker_is_noticed(broker: RabbitMQ, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 6: after missing heartbeats a reading waits for one, until the caller's deadline."""
    monkeypatch.setattr(connection, "HEARTBEAT", 1)
    where = target(broker.port)
    async with SERVICE.connect(where, NetworkDialer(where, 3)) as read:
        await asyncio.sleep(2.5)
        first = await read()  # only heartbeats arrived meanwhile
        broker.pause()
        try:
            await asyncio.sleep(2.5)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await read()
        finally:
            broker.resume()
    assert first.version == broker.version
