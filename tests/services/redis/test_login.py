"""Logins and rights on real servers: the least privilege suffices, and a refusal names the missing right."""

from __future__ import annotations

import pytest

from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from parity_tui.model import ServiceError, State, Verdict
from parity_tui.services.redis import PRIVILEGE, SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests.proxy import listening, proxy, says
from tests.services.redis.builders import PASSWORD, another, drift, failure, reading, rows, target

RIGHTS = ["resetkeys", "resetchannels", "-@all", "+info", "+config|get", "+ping"]


async def test_documented_rights_suffice(servers: Servers, each: Redis) -> None:
    """They show the same facts as an administrator's, and no command is denied."""
    assert PRIVILEGE.endswith(" ".join(RIGHTS))
    server = another(servers, each, acl=[["parity", "on", f">{PASSWORD}", *RIGHTS]])
    limited, full = await reading(server.port, "parity", PASSWORD), await reading(server.port)
    assert limited.hidden == (("password required", limited.hidden[0][1]),)
    assert limited.facts == {name: fact for name, fact in full.facts.items() if name != "password required"}
    assert server.do("ACL", "LOG") == "*0"


async def test_settings_are_hidden_without_the_config_right(servers: Servers, each: Redis) -> None:
    """Settings that INFO repeats are still compared, and CONFIG is sent only once."""
    server = another(servers, each, acl=[["parity", "on", f">{PASSWORD}", "-@all", "+info"]])
    async with proxy(server.host, server.port) as between:
        where = target(between.port, "parity", PASSWORD)
        async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
            readings = [await read() for _ in range(3)]
    limited, full = readings[0], await reading(each.port)
    assert readings[1:] == [limited, limited]
    assert (between.sent.count(b"CONFIG"), between.sent.count(b"INFO"), between.bursts) == (1, 3, 3)
    assert (limited.product, limited.version) == (each.product, each.version)
    compared = rows(limited, full)
    same = ("version", "maxmemory", "maxmemory-policy", "hz", "appendonly", "cluster-enabled", "maxclients")
    assert {compared[name].verdict for name in same} == {Verdict.SAME}
    assert drift(limited, full) == set()
    save = compared["save"]
    assert (save.verdict, save.cells[0].state) == (Verdict.UNKNOWN, State.HIDDEN)
    assert [row.setting for row in compared.values() if row.listed] == [save.explained_by]
    assert save.note == "the user parity may not ask: ACL SETUSER parity +config|get"


async def test_hidden_groups_match_the_reading(servers: Servers, each: Redis) -> None:
    """Each reason in a reading is that of a group in SERVICE.hidden."""
    server = another(servers, each, acl=[["parity", "on", f">{PASSWORD}", "-@all", "+info"]])
    limited = await reading(server.port, "parity", PASSWORD)
    groups = {(group.glob, group.why.format(user="parity", path="")) for group in SERVICE.hidden}
    assert {pair for pair in limited.hidden if pair[1]} == groups
    assert [group.remedy.format(user="parity") for group in SERVICE.hidden] == ["ACL SETUSER parity +config|get", ""]


async def test_renamed_config_command_hides_the_settings(servers: Servers, each: Redis) -> None:
    server = another(servers, each, settings={"rename-command": "CONFIG hush"})
    seen = await reading(server.port)
    assert seen.version == each.version
    assert seen.hidden[-1] == ("*", "this server does not offer CONFIG, or under another name only")


async def test_rejected_login_names_the_user(servers: Servers, each: Redis) -> None:
    """The message never holds the password."""
    server = another(servers, each, password="right")
    messages = []
    for user, word in (("", "wrong-é"), ("nobody", "wrong-é"), ("", None)):
        with pytest.raises(ServiceError) as caught:
            await reading(server.port, user, word)
        messages.append(caught.value.message)
        assert caught.value.reason == "auth"
        assert "wrong-é" not in repr(caught.value)
    address = server.address()
    assert messages == [
        f"{address} rejects the password of the user default",
        f"{address} rejects the password of the user nobody",
        f"{address} requires a password, and none is configured: set password_env",
    ]


async def test_needless_password_is_a_failure(each: Redis) -> None:
    """An app with that address fails too."""
    with pytest.raises(ServiceError, match="has no password, but one is configured") as caught:
        await reading(each.port, password=PASSWORD)
    assert caught.value.reason == "auth"


async def test_refused_info_names_the_missing_right(servers: Servers, each: Redis) -> None:
    server = another(servers, each, acl=[["parity", "on", f">{PASSWORD}", "-@all"]])
    with pytest.raises(ServiceError, match=r"ACL SETUSER parity \+info") as caught:
        await reading(server.port, "parity", PASSWORD)
    assert caught.value.reason == "forbidden"


async def test_password_repeated_by_the_server_is_removed() -> None:
    """Redis repeats the arguments of a command that it does not know."""
    reply = b"-ERR unknown command 'AUTH', with args beginning with: 'hu' \r\n-NOAUTH no\r\n-NOAUTH no\r\n"
    assert await failure(says(reply), "hu") == (
        "auth",
        "127.0.0.1:PORT refuses the login: ERR unknown command 'AUTH'",
    )


async def test_user_on_an_old_server_is_a_failure() -> None:
    """Redis 5 takes only a password."""
    reply = b"-ERR wrong number of arguments for 'auth' command\r\n-NOAUTH a\r\n-NOAUTH a\r\n"
    async with listening(says(reply)) as port:
        with pytest.raises(ServiceError, match="too old for users: remove ann from the URL"):
            await reading(port, "ann", PASSWORD)
