"""What stands beside us: the same asked with the same libraries, used with ordinary care, and dicts compared.

``python -m tests.bench.libraries PLACES`` (as JSON) is a whole process that prints the values that differ.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import sys
from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aio_pika
import aiomcache
import asyncpg
from redis.asyncio.connection import Connection

Values = dict[str, str]
Read = Callable[[], Awaitable[Values]]
Where = dict[str, Any]


async def postgres(place: Where) -> Read:
    """Log in."""
    connection = await asyncpg.connect(
        host="127.0.0.1", port=place["port"], user=place["user"], password=place["password"], database="postgres"
    )

    async def read() -> Values:
        """Ask for all settings and extensions."""
        rows = await connection.fetch(
            "SELECT name, setting FROM pg_settings"
            " UNION ALL SELECT 'extension ' || extname, extversion FROM pg_extension"
        )
        return {row[0]: row[1] for row in rows}

    return read


async def redis(place: Where) -> Read:
    """Connect; INFO and CONFIG GET in one go."""
    driver: Any = Connection(host="127.0.0.1", port=place["port"], protocol=2, driver_info=None)
    await driver.connect()

    async def read() -> Values:
        """Ask both."""
        await driver.send_packed_command(driver.pack_commands([(b"INFO", b"server"), (b"CONFIG", b"GET", b"*")]))
        info = str(await driver.read_response(disable_decoding=True), "utf-8")
        flat = [str(word, "utf-8") for word in await driver.read_response(disable_decoding=True)]
        about = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
        return {"version": about["redis_version"], **dict(zip(flat[::2], flat[1::2], strict=True))}

    return read


async def memcached(place: Where) -> Read:
    """Connect; `stats` and `stats settings`."""
    client = aiomcache.Client("127.0.0.1", place["port"], pool_size=1)

    async def read() -> Values:
        """Ask one after the other, as the library has it."""
        stats = await client.stats()
        settings = await client.stats(b"settings")
        texts = {str(name, "utf-8"): str(value or b"", "utf-8") for name, value in settings.items()}
        return {"version": str(stats[b"version"] or b"", "utf-8"), **texts}

    return read


async def rabbitmq(place: Where) -> Read:
    """Log in; what the broker says of itself, and three questions to its HTTP API."""
    connection = await aio_pika.connect(f"amqp://{place['user']}:{place['password']}@127.0.0.1:{place['port']}/")

    async def read() -> Values:
        """Ask the HTTP API in threads."""
        transport: Any = connection.transport
        properties = transport.connection.server_properties
        found = {"version": str(properties.get("version", ""))}
        paths = ("/api/nodes", "/api/policies", "/api/feature-flags")
        for answer in await asyncio.gather(*(asyncio.to_thread(_get, place, path) for path in paths)):
            found |= _flat(answer)
        return found

    return read


def _get(place: Where, path: str) -> Any:
    """Return the answer to one GET."""
    connection = http.client.HTTPConnection("127.0.0.1", place["management"], timeout=10)
    login = b64encode(f"{place['user']}:{place['password']}".encode()).decode()
    connection.request("GET", path, headers={"Authorization": f"Basic {login}"})
    answer = json.load(connection.getresponse())
    connection.close()
    return answer


def _flat(answer: list[dict[str, Any]]) -> Values:
    """Return what is plain in a list of objects."""
    return {
        f"{each.get('name')}.{key}": str(value)
        for each in answer
        for key, value in each.items()
        if isinstance(value, str | int | bool)
    }


KINDS: dict[str, Callable[[Where], Awaitable[Read]]] = {
    "postgres": postgres,
    "redis": redis,
    "memcached": memcached,
    "rabbitmq": rabbitmq,
}


async def once(place: Where) -> Values:
    """Connect and read."""
    return await (await KINDS[place["kind"]](place))()


def different(places: Sequence[Where], readings: Sequence[Values]) -> list[str]:
    """Return a line for each setting whose values differ within its service."""
    lines = []
    for service in dict.fromkeys(place["service"] for place in places):
        mine = [values for place, values in zip(places, readings, strict=True) if place["service"] == service]
        for name in sorted(set().union(*mine)):
            values = [each.get(name, "-") for each in mine]
            if len(set(values)) > 1:
                lines.append(f"{service} {name}: {' | '.join(values)}")
    return lines


async def main() -> None:
    """Read all at once, print what differs, leave without farewells."""
    places = json.loads(sys.argv[1])
    readings = await asyncio.gather(*(once(place) for place in places))
    print("\n".join(different(places, readings)))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
