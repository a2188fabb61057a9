"""Apache httpd: a real one that tells its configuration itself, and recorded answers of others."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui.demo.apache import MODULES
from parity_tui.demo.servers import Servers
from parity_tui.model import Reading, ServiceError, Severity, State, Verdict
from parity_tui.services import redact_reading
from parity_tui.services.apache import SERVICE, parse
from parity_tui.services.apache.queries import answers, script
from parity_tui.transport.dialer import NetworkDialer
from tests.services import web

PROXY = (*MODULES, "proxy", "proxy_http")


def drift(*readings: Reading) -> set[str]:
    """Return the names of the settings that drift."""
    return web.drift(*readings, kind="apache")


def made(config: str, version: str = "2.4.71") -> Reading:
    """Return the reading of a configuration that no server has, as DUMP_CONFIG prints it."""
    lines = [f"#  {number}:\n{line}" for number, line in enumerate(config.split("\n"), 1)]
    said = {
        "version": f"Server version: Apache/{version} (Debian)\nServer MPM:     event",
        "run": " core_module (static)",
        "result 0": "",
        "config": "\n".join(["# In file: /etc/apache2/apache2.conf", *lines]),
        "end": "",
    }
    return redact_reading(parse(said, "web1"), SERVICE)


async def test_product_version_build_and_modules_are_named(servers: Servers) -> None:
    """As the program itself says; the module that prints the configuration is not counted."""
    server = servers.apache()
    reading = await web.read(server)
    assert (reading.product, reading.version) == ("Apache httpd", server.version)
    assert reading.facts["mpm"].raw == "event"
    assert reading.facts["module.rewrite"].raw == "shared"
    assert "module.info" not in reading.facts
    assert reading.address == f"{server.folder}/httpd.conf"
    assert reading.hidden == ()


async def test_equal_servers_give_no_drift(servers: Servers) -> None:
    """Other ports, folders and names are no drift."""
    text = "ProxyPass /api http://127.0.0.1:9/\nTimeout 60"
    one = await web.read(servers.apache(main=text, modules=PROXY))
    other = await web.read(servers.apache(main=text.replace(":9", ":10"), modules=PROXY))
    assert one.facts["Listen"] != other.facts["Listen"]
    assert drift(one, other) == set()
    assert len(one.facts) > 40


@pytest.mark.parametrize(
    ("where", "text", "setting", "severity"),
    [
        ("directory", "AllowOverride All", "Directory[DocumentRoot]/AllowOverride", Severity.CRITICAL),
        ("main", "LimitRequestBody 1000000", "LimitRequestBody", Severity.WARNING),
        ("main", "Timeout 300", "Timeout", Severity.WARNING),
        ("main", "KeepAliveTimeout 75", "KeepAliveTimeout", Severity.WARNING),
        ("main", "AllowEncodedSlashes On", "AllowEncodedSlashes", Severity.CRITICAL),
        ("main", "RewriteRule ^/a$ /b [L]", "rewrites", Severity.CRITICAL),
        ("main", "MaxRequestWorkers 800", "MaxRequestWorkers", Severity.WARNING),
        ("main", "ServerTokens Prod", "ServerTokens", Severity.INFO),
    ],
)
async def test_one_directive_is_one_row(servers: Servers, where: str, text: str, setting: str, severity: str) -> None:
    """Found in its context, with its severity, and with the line that it stands on."""
    texts = {"main": "", "directory": "", where: text}
    plain, planted = await web.read(servers.apache()), await web.read(servers.apache(**texts))
    assert drift(plain, planted) == {setting}
    row = web.rows(plain, planted, kind="apache")[setting]
    assert row.severity == severity
    assert "httpd.conf:" in row.cells[1].source


async def test_another_mpm_and_a_module_less_are_critical(servers: Servers) -> None:
    """A module that is missing is a row of its own."""
    one = await web.read(servers.apache())
    modules = ("mpm_prefork", *(name for name in MODULES if name not in ("mpm_event", "rewrite")))
    found = web.rows(one, await web.read(servers.apache(modules=modules)), kind="apache")
    odd = {name: row.severity for name, row in found.items() if row.verdict is Verdict.DRIFT}
    assert odd["mpm"] is odd["module.rewrite"] is Severity.CRITICAL
    assert set(odd) == {"mpm", "module.rewrite", "module.mpm_event", "module.mpm_prefork"}


async def test_reading_writes_no_file_and_starts_nothing(servers: Servers, tmp_path: Path) -> None:
    """Not even a log that goes to a program."""
    server = servers.apache()
    server.text["main"] = f'CustomLog "|/usr/bin/touch {tmp_path}/started" common'
    server.configure()

    def state() -> dict[str, int]:
        return {path: os.stat(path).st_mtime_ns for path in map(str, server.folder.rglob("*"))}

    server.kill()  # it writes a log of its own
    before = state()
    reading = await web.read(server)
    assert "CustomLog" in reading.facts
    assert state() == before
    assert os.listdir(tmp_path) == []


async def test_a_configuration_that_fails_hides_what_it_says(servers: Servers) -> None:
    """The version and the build are compared; why the rest is not is in Apache's own words."""
    good = await web.read(servers.apache())
    server = servers.apache()
    server.text["main"] = "NoSuchDirective on"
    server.configure()
    broken = await web.read(server)
    assert broken.version == good.version
    found = web.rows(good, broken, kind="apache")
    assert found["module.rewrite"].verdict is Verdict.UNKNOWN
    assert "NoSuchDirective" in found["Timeout"].note
    assert drift(good, broken) == set()


async def test_a_change_is_seen_at_the_next_reading_and_parsed_only_then(servers: Servers) -> None:
    """One reading after the other, by the same reader; what says the same is the same reading."""
    server = servers.apache()
    target = web.at(server.url())
    async with SERVICE.connect(target, NetworkDialer(target, 20)) as read:
        first = await read()
        assert await read() is first
        server.text["main"] = "Timeout 90"
        server.configure()
        assert (await read()).facts["Timeout"].raw == "90"


def test_the_documented_rights_suffice(servers: Servers) -> None:
    """Whoever may read the files can compare them: the user that the server runs as, here."""
    server = servers.apache(main="Timeout 90")
    user = server.home.user.pw_uid if server.home.user else None
    words = script("@x", f"{server.folder}/httpd.conf")
    out = subprocess.run(["sh", "-s"], input=words, text=True, capture_output=True, check=True, user=user).stdout
    reading = parse(answers(out, "@x"), "")
    assert (reading.facts["Timeout"].raw, reading.facts["module.rewrite"].raw) == ("90", "shared")


def test_dumps_in_another_order_say_the_same() -> None:
    """Mutexes come out of a table with another order in every process."""
    text = "@ run\n{}\n{}\n@ result {}\n"
    assert answers(text.format("a", "b", 0), "@") == answers(text.format("b", "a", 0), "@")
    assert answers(text.format("b", "a", 1), "@")["run"] == "b\na"  # an error is read as it was written


def test_there_is_no_apache_where_none_is_found() -> None:
    """Another program of the same name is told from it."""
    target = web.at("apache+local://")
    busybox = "BusyBox v1.36 httpd: applet not found"
    with pytest.raises(ServiceError, match="what no Apache does: BusyBox") as caught:
        parse({"version": busybox, "end": ""}, "web1")
    assert caught.value.reason == "wrong-service"
    with pytest.raises(ServiceError, match="no apache2 or httpd"):
        parse(answers("@ missing\n", "@"), target.host)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Timeout 60", ""),
        ("<VirtualHost *:80>\nTimeout 90\n</VirtualHost>", "Timeout 90\n<VirtualHost *:81>\n</VirtualHost>"),
        ("KeepAlive on", "KeepAlive ON"),
        ("Options +A -B", "Options -B +A"),
        ("<Directory /srv/a>\nOptions A\n</Directory>\nDocumentRoot /srv/a",
         "DocumentRoot /srv/b\n<Directory /srv/b>\nOptions A\n</Directory>"),
        ("Redirect / https://a.example/", "Redirect / https://b.example/"),
        ("Header set A 1\nHeader set B 2", "Header set B 2\nHeader set A 1"),
    ],
)  # fmt: skip
def test_the_same_in_other_words_is_no_drift(one: str, other: str) -> None:
    """Defaults, letters, order where it does not matter, folders, names of hosts."""
    assert drift(made(one), made(other)) == set()


def test_order_matters_to_rewriting() -> None:
    """Conditions belong to the rule that follows them."""
    one = "RewriteCond %{HTTPS} off\nRewriteRule ^/a /b\nRewriteRule ^/c /d"
    other = "RewriteRule ^/a /b\nRewriteCond %{HTTPS} off\nRewriteRule ^/c /d"
    assert drift(made(one), made(other)) == {"rewrites"}


def test_the_limit_of_a_body_came_with_a_version() -> None:
    """Before 2.4.54 there was none: a default that changed, said as such."""
    row = web.rows(made("", "2.4.53"), made(""), kind="apache")["LimitRequestBody"]
    assert [row.text(0), row.text(1)] == ["no limit", "1 GB"]
    assert "default changed" in row.note


def test_hosts_line_up_whatever_they_are_called() -> None:
    """One that only redirects is told from the one that works."""
    dev = made("<VirtualHost *:80>\nServerName localhost\nProxyPass / http://a/\n</VirtualHost>")
    production = made(
        "<VirtualHost *:80>\nServerName a.example\nRedirect permanent / https://a.example/\n</VirtualHost>\n"
        "<VirtualHost *:443>\nServerName a.example\nSSLEngine on\nProxyPass / http://b/\n</VirtualHost>"
    )
    assert drift(dev, production) == {"SSLEngine", "VirtualHost[redirect]/Redirect"}


def test_secrets_are_not_shown() -> None:
    """They are compared by fingerprints."""
    text = 'RequestHeader set Authorization "Basic {0}"\nSetEnv DB_PASSWORD {0}'
    one, other = made(text.format("hunter2")), made(text.format("swordfish"))
    assert "hunter2" not in repr(one)
    assert one.facts["SetEnv[DB_PASSWORD]"].state is State.SECRET
    assert drift(one, other) == {"RequestHeader[Authorization]", "SetEnv[DB_PASSWORD]"}


@given(st.text(alphabet="ab<>/\" '#:\n\\\x1bé", max_size=80), st.text(max_size=40))
def test_no_answer_can_break_the_parser(config: str, version: str) -> None:
    """It gives a reading, or says what is wrong."""
    for text in (config, f"# In file: {config}\n<VirtualHost\n<a {config}>\nHeader\nSetEnv\nServerName\n{config}"):
        with suppress(ServiceError):
            assert parse({"version": "Server version: Apache/2", "result 0": "", "config": text, "end": ""}, "").version
    with suppress(ServiceError):
        assert parse(answers(f"@ version\n{version}\n@ end", "@"), "").version


def test_sections_without_end_are_refused() -> None:
    """As deep as nobody writes them."""
    with pytest.raises(ServiceError, match="sections within sections"):
        made("<a b>\n" * 100)
