"""The reference: reads the same values with the libraries alone, and compares dicts.

``python -m tests.bench.libraries ADDRESSES`` (as JSON) prints the values that differ.
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
import asyncmy
import asyncpg
from redis.asyncio.connection import Connection

Values = dict[str, str]
Read = Callable[[], Awaitable[Values]]
Address = dict[str, Any]


async def postgres(address: Address) -> Read:
    connection = await asyncpg.connect(
        host="127.0.0.1", port=address["port"], user=address["user"], password=address["password"], database="postgres"
    )

    async def read() -> Values:
        rows = await connection.fetch(
            "SELECT name, setting FROM pg_settings"
            " UNION ALL SELECT 'extension ' || extname, extversion FROM pg_extension"
        )
        return {row[0]: row[1] for row in rows}

    return read


async def redis(address: Address) -> Read:
    """Connect; a reading pipelines INFO and CONFIG GET."""
    driver: Any = Connection(host="127.0.0.1", port=address["port"], protocol=2, driver_info=None)
    await driver.connect()

    async def read() -> Values:
        await driver.send_packed_command(driver.pack_commands([(b"INFO", b"server"), (b"CONFIG", b"GET", b"*")]))
        info = str(await driver.read_response(disable_decoding=True), "utf-8")
        flat = [str(word, "utf-8") for word in await driver.read_response(disable_decoding=True)]
        about = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
        return {"version": about["redis_version"], **dict(zip(flat[::2], flat[1::2], strict=True))}

    return read


async def memcached(address: Address) -> Read:
    client = aiomcache.Client("127.0.0.1", address["port"], pool_size=1)

    async def read() -> Values:
        stats = await client.stats()
        settings = await client.stats(b"settings")
        texts = {str(name, "utf-8"): str(value or b"", "utf-8") for name, value in settings.items()}
        return {"version": str(stats[b"version"] or b"", "utf-8"), **texts}

    return read


async def rabbitmq(address: Address) -> Read:
    """Log in; a reading is the broker's properties and three requests to its HTTP API."""
    connection = await aio_pika.connect(f"amqp://{address['user']}:{address['password']}@127.0.0.1:{address['port']}/")

    async def read() -> Values:
        transport: Any = connection.transport
        properties = transport.connection.server_properties
        found = {"version": str(properties.get("version", ""))}
        paths = ("/api/nodes", "/api/policies", "/api/feature-flags")
        for answer in await asyncio.gather(*(asyncio.to_thread(_get, address, path) for path in paths)):
            found |= _flat(answer)
        return found

    return read


async def mysql(address: Address) -> Read:
    """Log in; a reading is one statement."""
    connection = await asyncmy.connect(
        host="127.0.0.1", port=address["port"], user=address["user"], password=address["password"], autocommit=None
    )

    async def read() -> Values:
        async with connection.cursor() as cursor:
            await cursor.execute("SELECT variable_name, variable_value FROM information_schema.global_variables")
            return {row[0]: row[1] for row in await cursor.fetchall()}

    return read


def _get(address: Address, path: str) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", address["management"], timeout=10)
    login = b64encode(f"{address['user']}:{address['password']}".encode()).decode()
    connection.request("GET", path, headers={"Authorization": f"Basic {login}"})
    answer = json.load(connection.getresponse())
    connection.close()
    return answer


def _flat(answer: list[dict[str, Any]]) -> Values:
    """Return the scalar values of a list of objects."""
    return {
        f"{each.get('name')}.{key}": str(value)
        for each in answer
        for key, value in each.items()
        if isinstance(value, str | int | bool)
    }


KINDS: dict[str, Callable[[Address], Awaitable[Read]]] = {
    "postgres": postgres,
    "redis": redis,
    "memcached": memcached,
    "rabbitmq": rabbitmq,
    "mysql": mysql,
}


async def once(address: Address) -> Values:
    return await (await KINDS[address["kind"]](address))()


def different(addresses: Sequence[Address], readings: Sequence[Values]) -> list[str]:
    """Return a line for each setting whose values differ within its service."""
    lines = []
    for service in dict.fromkeys(address["service"] for address in addresses):
        readings_of_service = [
            values for address, values in zip(addresses, readings, strict=True) if address["service"] == service
        ]
        for name in sorted(set().union(*readings_of_service)):
            values = [each.get(name, "-") for each in readings_of_service]
            if len(set(values)) > 1:
                lines.append(f"{service} {name}: {' | '.join(values)}")
    return lines


async def main() -> None:
    """Read all at once and print the differences, without closing connections."""
    addresses = json.loads(sys.argv[1])
    readings = await asyncio.gather(*(once(address) for address in addresses))
    print("\n".join(different(addresses, readings)))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
