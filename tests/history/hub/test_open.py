"""`parity-tui open postgresql://…` shows the shared board, live, and no server is asked."""

from pathlib import Path

import pytest
import redis

from parity_tui.cli import main
from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from parity_tui.history.hub import create
from parity_tui.model import Target
from tests.history.hub.conftest import grant, target_of
from tests.ui.terminal import opened


def url(hub: Target, user: str) -> str:
    return f"postgresql://{user}@{hub.host}:{hub.port}/{hub.path}"


@pytest.fixture(scope="module")
def caches(servers: Servers) -> list[Redis]:
    """Return servers that one test may change."""
    return [servers.redis("7.0", settings={"maxmemory-policy": "allkeys-lru"}) for _ in range(2)]


def clients(cache: Redis) -> int:
    with redis.Redis(port=cache.port) as connection:
        return len(connection.client_list()) - 1


def test_shared_board_is_live_without_asking_servers(servers: Servers, caches: list[Redis], tmp_path: Path) -> None:
    server = servers.postgres("16")
    create.create(target_of(server))
    grant(server, "postgres")
    hub = target_of(server)
    config = tmp_path / "parity.toml"
    tables = [
        f'[environments.{name}.services]\ncache = "redis://127.0.0.1:{cache.port}"\n'
        for name, cache in zip(("dev", "production"), caches, strict=True)
    ]
    config.write_text(f'history = "{url(hub, "ann")}"\ninterval = "1s"\n' + "".join(tables))
    home = {"XDG_STATE_HOME": str(tmp_path)}
    with opened("--config", str(config), module="parity_tui", environment=home) as board:
        board.see("Redis 7.0")
        board.until(lambda: bool(server.sql("SELECT 1 FROM parity_tui.meta WHERE name = 'board'")), "readings")
        with opened("open", url(hub, "rob"), module="parity_tui", environment=home) as view:
            view.see("Redis 7.0")
            view.see("shared")
            assert [clients(cache) for cache in caches] == [1, 1]
            caches[0].do("CONFIG", "SET", "maxmemory-policy", "volatile-ttl")
            board.see("volatile-ttl")
            view.see("volatile-ttl")
            assert [clients(cache) for cache in caches] == [1, 1]
            server.stop()
            caches[0].do("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
            view.see("the hub")
            board.see("allkeys-lfu")
            server.start()
            view.see("allkeys-lfu")
            view.type("q")
            assert view.end() == 0
        board.type("q")
        assert board.end() == 0


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql://rob@127.0.0.1:1/x", "refused the connection"),
        ("redis://127.0.0.1:1", "redis:// keeps no history"),
        ("postgresql://rob:${UNSET_PASSWORD}@127.0.0.1/x", "the variable UNSET_PASSWORD is not set"),
        ("HUB", "has no readings yet"),
    ],
)
def test_unusable_address_is_described(
    hub: Target, capsys: pytest.CaptureFixture[str], address: str, words: str
) -> None:
    assert main(["open", address.replace("HUB", url(hub, "rob"))]) == 2
    assert words in capsys.readouterr().err


def test_open_without_file_takes_hub_of_configuration(
    hub: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "parity.toml"
    services = '[environments.dev.services]\ncache = "redis://127.0.0.1:1"\n'
    config.write_text(services)
    assert main(["open", "--config", str(config)]) == 2
    assert "open what?" in capsys.readouterr().err
    config.write_text(f'history = "{url(hub, "rob")}"\n{services}')
    assert main(["open", "--config", str(config)]) == 2
    assert "has no readings yet" in capsys.readouterr().err
