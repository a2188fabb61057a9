"""nginx: real ones of two versions, their configurations read file by file, and what is written there understood."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parity_tui.demo.servers import Servers
from parity_tui.drift.row import CHANGED_DEFAULT
from parity_tui.model import Reading, ServiceError, Severity, State, Target, Verdict
from parity_tui.services import redact_reading
from parity_tui.services.nginx import SERVICE, parse, remediate
from parity_tui.services.nginx.queries import Printed, printed, script
from parity_tui.transport.dialer import NetworkDialer
from tests.services import web

VERSIONS = ("1.22", "1.31")
"""Debian 12's and the wheel's."""

BUILD = "nginx version: nginx/1.22.1\nconfigure arguments: --with-http_v2_module --with-stream=dynamic"


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """Every version in turn."""
    return str(request.param)


def drift(*readings: Reading) -> set[str]:
    """Return the names of the settings that drift."""
    return web.drift(*readings, kind="nginx")


def made(text: str, build: str = BUILD, **more: str) -> Reading:
    """Return the reading of a configuration that no server has; ``more`` are further files in /etc/nginx."""
    files = {"/etc/nginx/nginx.conf": text, **{f"/etc/nginx/{name}.conf": part for name, part in more.items()}}
    includes = {f"{name}.conf": [f"/etc/nginx/{name}.conf"] for name in more}
    said = Printed(build, "/etc/nginx/nginx.conf", files, includes, whole=True)
    return redact_reading(parse(said, "web1"), SERVICE)


def http(text: str) -> Reading:
    """Return the reading of what stands in the block http."""
    return made(f"events {{}} http {{ {text} }}")


async def test_product_version_and_modules_are_named(servers: Servers, version: str) -> None:
    """As the program itself says; and where it was read."""
    server = servers.nginx(version)
    reading = await web.read(server)
    assert (reading.product, reading.version) == ("nginx", server.version)
    assert reading.facts["module.http_ssl"].raw == "static"
    assert (reading.facts["openssl.running"].raw or "").startswith("OpenSSL 3.")
    assert reading.address == f"{server.folder}/conf/nginx.conf"


async def test_equal_servers_give_no_drift(servers: Servers, version: str) -> None:
    """Other ports, folders and names are no drift; nor is a default that one of them writes down."""
    text = "location /api { proxy_pass http://127.0.0.1:9; proxy_set_header Host $host; } ssl_session_timeout 5m;"
    one = servers.nginx(version, server=text)
    other = servers.nginx(version, server=text.replace("5m", "300s").replace(":9", ":10"))
    readings = await web.read(one), await web.read(other)
    assert one.port != other.port
    assert drift(*readings) == set()
    assert len(readings[0].facts) > 100


@pytest.mark.parametrize(
    ("where", "text", "setting", "severity"),
    [
        ("http", "client_max_body_size 8m;", "http/client_max_body_size", Severity.CRITICAL),
        ("server", "proxy_read_timeout 5m;", "http/proxy_read_timeout", Severity.CRITICAL),
        (
            "server",
            "location /a { fastcgi_read_timeout 9s; }",
            "http/server/location[/a]/fastcgi_read_timeout",
            "critical",
        ),
        ("http", "underscores_in_headers on;", "http/underscores_in_headers", Severity.CRITICAL),
        ("http", "merge_slashes off;", "http/merge_slashes", Severity.CRITICAL),
        ("server", "proxy_set_header Host $host;", "http/server/proxy_set_header[Host]", Severity.CRITICAL),
        ("http", "ssl_protocols TLSv1.3;", "http/ssl_protocols", Severity.WARNING),
        ("http", "gzip on;", "http/gzip", Severity.WARNING),
        ("events", "worker_connections 1024;", "events/worker_connections", Severity.INFO),
        ("http", "server_tokens off;", "http/server_tokens", Severity.INFO),
        ("main", "worker_processes 2;", "worker_processes", Severity.INFO),
    ],
)
async def test_one_directive_is_one_row(servers: Servers, where: str, text: str, setting: str, severity: str) -> None:
    """Found in its context, with its severity, and with the line that it stands on."""
    plain, planted = await web.read(servers.nginx("1.22")), await web.read(servers.nginx("1.22", **{where: text}))
    assert drift(plain, planted) == {setting}
    row = web.rows(plain, planted, kind="nginx")[setting]
    assert row.severity == severity
    assert "conf/nginx.conf:" in row.cells[1].source


async def test_another_version_is_one_row_and_explains_its_defaults(servers: Servers) -> None:
    """What nobody wrote differs by version: said there, and that is all but modules and the TLS library."""
    both = await web.read(servers.nginx("1.22")), await web.read(servers.nginx("1.31"))
    found = web.rows(*both, kind="nginx")
    assert found["version"].severity is Severity.CRITICAL
    assert CHANGED_DEFAULT in found["http/proxy_http_version"].note
    rest = {name for name in drift(*both) if not name.startswith(("module.", "openssl.", "build."))}
    assert rest == {"version", "http/proxy_http_version", "http/ssl_protocols"}
    assert found["module.http_sub"].verdict is Verdict.DRIFT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("client_max_body_size 1m;", ""),
        ("client_max_body_size 1024k;", "client_max_body_size 1M;"),
        ("proxy_read_timeout 1m 30s;".replace("1m 30s", "'1m 30s'"), "proxy_read_timeout 90;"),
        ("server { proxy_read_timeout 90s; }", "proxy_read_timeout 90s; server { }"),
        ("gzip on; server { gzip ON; location / { gzip on; } }", "gzip on; server { location / { } }"),
        ("ssl_protocols TLSv1.2 TLSv1.3;", "ssl_protocols TLSv1.3 TLSv1.2;"),
        ("server { listen 80 http2; }", "server { listen 81; http2 on; }"),
        ("server { location / { proxy_pass http://a:1/x/; } }", "server { location / { proxy_pass http://b:2/x/; } }"),
        ("server { return 301 https://a.example$uri; }", "server { return 301 https://b.example$uri; }"),
        ("upstream app { server a:1; }", "upstream app { server b:2; server b:3; }"),
        ("server { root /srv/a; access_log /a; }", "server { root /srv/b; access_log off; }"),
        ("map $a $b { x 1; y 2; }", "map $a $b { y 2; x 1; }"),
        ("add_header A 1; add_header B 2;", "add_header B 2; add_header A 1;"),
        ("server { server_name a.x; } server { server_name b.x; etag off; }",
         "server { server_name b.y; etag off; } server { server_name a.y; }"),
    ],
)  # fmt: skip
def test_the_same_in_other_words_is_no_drift(one: str, other: str) -> None:
    """Units, order where it does not matter, defaults, and the place where something is inherited from."""
    assert drift(http(one), http(other)) == set()


@pytest.mark.parametrize(
    ("one", "other", "setting"),
    [
        (
            "location / { proxy_pass http://a; }",
            "location / { proxy_pass http://a/; }",
            "location[/]/proxy_pass target",
        ),
        ("rewrite ^/a /b; rewrite ^/b /c;", "rewrite ^/b /c; rewrite ^/a /b;", "rewrite"),
        ("location ~ a {} location ~ b {}", "location ~ b {} location ~ a {}", "order of regular locations"),
        ("if ($a) {} if ($b) {}", "if ($b) {} if ($a) {}", "order of conditions"),
        ("allow 10.0.0.0/8; deny all;", "deny all; allow 10.0.0.0/8;", "access"),
        ("client_max_body_size 0;", "", "client_max_body_size"),
        ("location / { client_max_body_size 2m; }", "location / { }", "location[/]/client_max_body_size"),
    ],
)
def test_what_looks_alike_and_is_not_is_drift(one: str, other: str, setting: str) -> None:
    """A slash at the end of an upstream, the order of what is tried in order, no limit instead of the default."""
    found = drift(http(f"server {{ {one} }}"), http(f"server {{ {other} }}"))
    assert found in ({f"http/server/{setting}"}, {f"http/{setting}"})


def test_a_default_moves_with_the_version_that_moved_it() -> None:
    """1.30 speaks HTTP/1.1 to its upstreams, as the real one does; who wrote that down before drifts no more."""
    new = made("events {} http {}", "nginx version: nginx/1.30.0")
    old = made("events {} http { proxy_http_version 1.1; }")
    assert "http/proxy_http_version" not in drift(old, new)
    assert "http/proxy_http_version" in drift(http(""), new)


def test_hosts_line_up_whatever_they_are_called() -> None:
    """A host that only redirects to TLS is told from the one that works, which production has beside it."""
    dev = http("server { listen 8080; server_name localhost; location /a { } }")
    production = http(
        "server { listen 80; server_name shop.example.com; location /.well-known/acme { root /x; }"
        " location / { return 301 https://$host$request_uri; } }"
        "server { listen 443 ssl; server_name shop.example.com; ssl_certificate /c.pem; location /a { } }"
    )
    found = drift(dev, production)
    assert "http/ssl" in found
    assert all("redirect" in name for name in found - {"http/ssl"})


def test_modules_that_are_loaded_or_missing_are_rows_of_their_own() -> None:
    """That a module is not there is drift, even where the versions differ: configurations need it."""
    one = made("load_module modules/ngx_stream_module.so; events {}")
    other = made("events {}", "nginx version: nginx/1.31.3\nconfigure arguments: --add-module=/build/ngx_brotli")
    assert one.facts["module.stream"].raw == "dynamic, loaded"
    assert {"module.stream", "module.http_v2", "module.brotli"} <= drift(one, other)


def test_the_types_of_files_are_compared_by_their_ends() -> None:
    """One type of one ending is one row."""
    one = http("types { text/html html htm; text/javascript js; }")
    other = http("types { text/html htm html; application/javascript js; }")
    assert drift(one, other) == {"http/type[js]"}
    found = web.rows(one, http(""), kind="nginx")
    assert found["http/types"].severity is Severity.WARNING
    assert found["http/type[js]"].explained_by == "http/types"


def test_secrets_in_headers_variables_and_maps_are_not_shown() -> None:
    """They are compared by fingerprints; what is a variable is shown, as it holds no secret."""
    text = """
    map $http_x_api_key $known {{ {0} 1; }}
    server {{
        set $api_key {0};
        proxy_set_header Authorization "Basic {0}";
        proxy_set_header X-Token $http_x_token;
        proxy_pass http://user:{0}@app;
        if ($http_x_origin_secret != {0}) {{ return 403; }}
        fastcgi_param DB_PASSWORD {0};
    }}"""
    one, other = http(text.format("hunter2")), http(text.format("swordfish"))
    assert "hunter2" not in repr(one)
    assert one.facts["http/server/proxy_set_header[X-Token]"].raw == "$http_x_token"
    assert one.facts["http/server/fastcgi_param[DB_PASSWORD]"].state is State.SECRET
    assert {"http/server/set[$api_key]", "http/server/proxy_set_header[Authorization]"} <= drift(one, other)
    assert drift(one, http(text.format("hunter2"))) == set()


async def test_includes_are_followed_as_nginx_does(tmp_path: Path) -> None:
    """Relative to the main file, with globs, in quotes, within files that are included, in a ring."""
    (tmp_path / "sites").mkdir()
    (tmp_path / "nginx.conf").write_text("events {}\nhttp { include sites/*.conf; include 'one two.inc';\n}")
    (tmp_path / "sites/a.conf").write_text("server { server_name a.x; include deep.inc; }")
    (tmp_path / "sites/b.conf").write_text("# include nothing.conf;\nserver { server_name b.x; }")
    (tmp_path / "deep.inc").write_text("gzip_comp_level 7;")
    (tmp_path / "one two.inc").write_text("client_max_body_size 3m;")
    reading = await web.read(web.at(f"nginx+local://{tmp_path}/nginx.conf"))
    assert reading.facts["http/server[a]/gzip_comp_level"].source == f"{tmp_path}/deep.inc:1"
    assert reading.facts["http/client_max_body_size"].canonical == "3 MB"
    assert reading.hidden == ()
    (tmp_path / "deep.inc").write_text("include nginx.conf;")
    with pytest.raises(ServiceError, match="includes itself"):
        await web.read(web.at(f"nginx+local://{tmp_path}/nginx.conf"))


async def test_what_cannot_be_read_is_hidden_and_not_a_default(tmp_path: Path) -> None:
    """A file that is not there or closed to us may say anything."""
    (tmp_path / "nginx.conf").write_text("events {} http { include gone.conf; gzip on; }")
    reading = await web.read(web.at(f"nginx+local://{tmp_path}/nginx.conf"))
    found = web.rows(reading, http("gzip on;"), kind="nginx")
    assert found["http/client_max_body_size"].verdict is Verdict.UNKNOWN
    assert "gone.conf cannot be read" in found["http/client_max_body_size"].note
    assert found["http/gzip"].verdict is Verdict.SAME


def test_files_of_this_machine_are_never_taken_for_those_of_another() -> None:
    """What an include names counts only where the script has printed it."""
    reading = made("events {} http { include /etc/nginx/mime.types; include /etc/passwd; }")
    assert not any(name.startswith("http/type[") for name in reading.facts)
    assert "/etc/nginx/mime.types cannot be read" in dict(reading.hidden)["*"]


async def test_reading_leaves_nothing_behind_and_touches_nothing(servers: Servers) -> None:
    """No file comes, goes or changes, and nothing is left in the folder for temporary files."""
    server = servers.nginx("1.22")

    def state() -> dict[str, int]:
        return {path: os.stat(path).st_mtime_ns for path in map(str, server.folder.rglob("*")) if os.path.exists(path)}

    server.kill()  # it writes a log of its own
    before = state()
    await web.read(server)
    assert state() == before


async def test_a_change_is_seen_at_the_next_reading_and_parsed_only_then(servers: Servers) -> None:
    """One reading after the other, by the same reader; what says the same is the same reading."""
    server = servers.nginx("1.22")
    target = web.at(server.url())
    async with SERVICE.connect(target, NetworkDialer(target, 20)) as read:
        first = await read()
        assert await read() is first
        server.text["http"] = "gzip on;"
        server.configure()
        assert (await read()).facts["http/gzip"].raw == "on"


async def test_the_path_is_no_code(tmp_path: Path) -> None:
    """Whatever stands in the URL is a file's name to the shell."""
    folder = tmp_path / "a'; touch owned; '$(touch owned) b"
    folder.mkdir()
    (folder / "nginx.conf").write_text("events {} http { gzip on; }")
    reading = await web.read(web.at(f"nginx+local://{folder}/nginx.conf"))
    assert reading.facts["http/gzip"].raw == "on"
    assert "owned" not in {*os.listdir(tmp_path), *os.listdir(folder), *os.listdir()}


async def test_what_is_missing_is_said_in_words(tmp_path: Path) -> None:
    """No program, no file, a program that is something else."""
    with pytest.raises(ServiceError, match=r"nginx\.conf is not there") as caught:
        await web.read(web.at(f"nginx+local://{tmp_path}/nginx.conf"))
    assert caught.value.reason == "forbidden"
    with pytest.raises(ServiceError, match=r"no program .*/sbin/nginx"):
        await web.read(web.at(f"nginx+local://{tmp_path}"))
    (tmp_path / "sbin").mkdir()
    (tmp_path / "sbin/nginx").symlink_to("/bin/echo")
    with pytest.raises(ServiceError, match="says what no nginx does") as caught:
        await web.read(web.at(f"nginx+local://{tmp_path}"))
    assert caught.value.reason == "wrong-service"


@pytest.mark.parametrize("text", ["events {", "events {}\n}", "http { server", "a 'b", "{" * 3000])
def test_a_broken_configuration_is_said_with_its_place(text: str) -> None:
    """Nginx would not start with it either."""
    with pytest.raises(ServiceError, match=r"cannot be understood at /etc/nginx/nginx\.conf") as caught:
        made(text)
    assert "/tmp" not in caught.value.message


def test_what_is_cut_off_is_no_reading() -> None:
    """A shell that has ended on the way says less than there is."""
    said = printed(f"# build\n{BUILD}\n# main /a\n# file /a\nevents {{}}\n", "#")
    with pytest.raises(ServiceError, match="cut off"):
        parse(said, "")


async def test_nginx_and_apache_in_one_role_is_drift_of_type(servers: Servers) -> None:
    """Shown as such, and as nothing else: their settings are not compared with each other."""
    found = web.rows(
        await web.read(servers.nginx("1.22")), await web.read(servers.apache()), kind="nginx", others="apache"
    )
    assert {name for name, row in found.items() if row.verdict is Verdict.DRIFT} == {"product"}
    assert found["product"].severity is Severity.CRITICAL


async def test_what_would_align_is_what_nginx_takes(servers: Servers) -> None:
    """The line, put where it says, makes the servers equal."""
    wanted = await web.read(servers.nginx("1.22", http="client_max_body_size 8m;"))
    odd = await web.read(servers.nginx("1.22"))
    name = "http/client_max_body_size"
    line = remediate(name, wanted.facts[name].raw or "", odd.facts[name])
    assert "# in http" in line
    aligned = await web.read(servers.nginx("1.22", http=f"{line}\n"))
    assert drift(wanted, aligned) == set()


@given(st.text(alphabet="ab;{}#'\"\\ \n$\x1b[]é", max_size=60))
@example("load_module ;")
@example("http { server { listen; server_name; return; } map { } if { } location { } }")
@example("env; set; proxy_pass; upstream { server; } stream { server { proxy_pass; } }")
def test_no_configuration_can_break_the_parser(text: str) -> None:
    """It gives a reading, or says what is wrong."""
    for around in ("{}", "http {{ {} }}", "http {{ server {{ {} }} }}"):
        with suppress(ServiceError):
            assert made(around.format(text)).product == "nginx"


@given(st.text(max_size=80), st.text(alphabet="# \nabuildmanfec/", max_size=80))
def test_no_answer_can_break_the_parser(build: str, text: str) -> None:
    """It gives a reading, or says what is wrong."""
    for answer in (build, text, f"# build\nnginx version: nginx/{build}\n# main /a\n# file /a\n{text}\n# end\n"):
        with suppress(ServiceError):
            assert parse(printed(answer, "#"), "web1").version


def test_the_documented_rights_suffice(servers: Servers) -> None:
    """Whoever may read the files can compare them: the user that the server runs as, here."""
    server = servers.nginx("1.22", http="gzip on;")
    user = server.home.user.pw_uid if server.home.user else None
    words = script("@x", str(server.folder))
    out = subprocess.run(["sh", "-s"], input=words, text=True, capture_output=True, check=True, user=user).stdout
    assert parse(printed(out, "@x"), "").facts["http/gzip"].raw == "on"


def test_the_script_is_the_same_for_every_shell() -> None:
    """It is read by the plainest shell there is here without a complaint."""
    for shell in ("sh", "dash", "bash"):
        checked = subprocess.run([shell, "-n"], input=script("@x", "/a b"), text=True, capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


def test_it_is_read_with_commands_everywhere() -> None:
    """Here, over ssh, in a container."""
    assert SERVICE.commands
    assert isinstance(web.at("nginx+docker://web"), Target)
