"""Harnesses: functions of bytes. Any error but ServiceError and ConfigError fails, and any control character."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from parity_tui import config
from parity_tui.config import ConfigError, dotenv
from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.drift.values import comparison_key, display_text, printable
from parity_tui.history import HistoryState
from parity_tui.model import Fact, Outcome, Reading, Rule, Service, ServiceError, Target, ValueType
from parity_tui.report import changes
from parity_tui.report.text import Style, to_text
from parity_tui.services import kinds, rabbitmq, redact_reading
from parity_tui.services.apache.parse import parse as parse_apache
from parity_tui.services.apache.parse.output import split_output as split_apache
from parity_tui.services.app.parse import parse as parse_app
from parity_tui.services.app.parse.container import of_container
from parity_tui.services.app.parse.document import of_reply
from parity_tui.services.app.parse.folder import of_folder, sections
from parity_tui.services.elasticsearch.parse import parse as parse_elasticsearch
from parity_tui.services.haproxy.parse import parse as parse_haproxy
from parity_tui.services.host.parse import parse as parse_host
from parity_tui.services.host.parse.output import split_output as split_host
from parity_tui.services.http.connection import Handshake, Page
from parity_tui.services.http.parse import parse as parse_page
from parity_tui.services.memcached.parse import parse as parse_memcached
from parity_tui.services.mongodb.parse import parse as parse_mongodb
from parity_tui.services.mysql.parse import decode as decode_mysql
from parity_tui.services.mysql.parse import parse as parse_mysql
from parity_tui.services.nginx.parse import parse as parse_nginx
from parity_tui.services.nginx.parse.output import split_output as split_nginx
from parity_tui.services.postgres.parse import decode as decode_postgres
from parity_tui.services.postgres.parse import parse as parse_postgres
from parity_tui.services.rabbitmq.parse import parse as parse_rabbitmq
from parity_tui.services.redis.errors import Refusal
from parity_tui.services.redis.parse import parse as parse_redis
from parity_tui.services.runtime.parse import parse as parse_runtime
from parity_tui.transport.http import Reply

Harness = Callable[[bytes], None]
TARGET = Target("dev", "it", "kind", host="h", port=1, user="u")
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def compared(kind: str, reading: Reading) -> None:
    """Compare a reading with another and check the report."""
    service = known()[kind]
    reading = redact_reading(reading, service)
    targets = [Target(name, "it", kind, host="h", port=1) for name in ("dev", "production")]
    board = Board.of(("dev", "production"), targets, known(), Policy())
    other = Reading(reading.product, "0", {name: Fact("7") for name in reading.facts if len(name) % 2})
    board = board.with_outcomes([Outcome(targets[0], reading), Outcome(targets[1], other)])
    assert_printable(to_text(board, Style(), everything=True))


def assert_printable(text: str) -> None:
    assert not CONTROLS.search(text), repr(text)


@cache
def known() -> Mapping[str, Service]:
    return kinds()


def of(kind: str, parse: Callable[[bytes], Reading]) -> Harness:
    """Return the harness of a kind's parser."""

    def run(data: bytes) -> None:
        try:
            reading = parse(data)
        except ServiceError:
            return
        compared(kind, reading)

    return run


def text(data: bytes) -> str:
    """Decode as the kinds do."""
    return data.decode("utf-8", "surrogateescape")


def escaped(data: bytes) -> str:
    """Decode as the readers of text files do."""
    return data.decode("utf-8", "backslashreplace")


def halves(data: bytes, separator: bytes) -> tuple[bytes, bytes]:
    first, _, second = data.partition(separator)
    return first, second


def from_redis(data: bytes) -> Reading:
    """Read INFO, and after ``@@`` the words of CONFIG GET, one in a line, or an error that starts with ``-``."""
    info, config = halves(data, b"@@")
    words: Any = list(config.split(b"\n"))
    return parse_redis(info, Refusal.of(text(config[1:])) if config[:1] == b"-" else words, TARGET, bool(len(data) % 2))


def from_app(data: bytes) -> Reading:
    """Read the reply of an endpoint, the lines of a container, or after ``@@`` the files of a folder."""
    if data.startswith((b"label\t", b"state\t", b"variable\t")):
        return parse_app(of_container(text(data)), TARGET)
    if data.startswith(b"@@ "):
        return parse_app(of_folder(sections(text(data), "@@")), TARGET)
    return parse_app(of_reply(data, {"x-gitsha": text(data[:40])}), TARGET)


def from_memcached(data: bytes) -> Reading:
    """Read two blocks of ``name value`` lines."""
    stats, settings = (
        {name: value for name, _, value in (line.partition(b" ") for line in part.split(b"\n"))}
        for part in halves(data, b"@@")
    )
    return parse_memcached(stats, text(data) if b"ERROR" in data else settings, "h:1")


def from_rabbitmq(data: bytes) -> Reading:
    """Read {"properties": …, "limits": …, "answers": …} in JSON."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        document = {}
    document = document if isinstance(document, dict) else {"answers": {"overview": document, "nodes": document}}
    own = {name: value if isinstance(value, dict) else {} for name, value in document.items()}
    answers = {**dict.fromkeys(rabbitmq.queries.PATHS), "closed": (), **own["answers"]} if "answers" in own else None
    if answers is not None and not isinstance(answers["closed"], tuple):
        answers["closed"] = ()
    return parse_rabbitmq(own.get("properties", {}), {"frame_max": len(data)}, answers, "u")


def from_mysql(data: bytes) -> Reading:
    """Read rows of tab-separated columns."""
    rows = [tuple(None if part == b"\\N" else part for part in line.split(b"\t")[:6]) for line in data.split(b"\n")]
    answer, infos = decode_mysql(rows)
    return parse_mysql(answer, infos, TARGET, greeting=text(data[:9]))


def from_elasticsearch(data: bytes) -> Reading:
    """Read the three replies, which ``@@`` separates; one that begins with "!" is forbidden."""
    bodies = [*data.split(b"@@"), b"{}", b"{}"][:3]
    replies = [Reply(403, body[1:]) if body[:1] == b"!" else Reply(200, body) for body in bodies]
    return parse_elasticsearch(replies, TARGET)


def from_mongodb(data: bytes) -> Reading:
    """Read the four replies as JSON, which ``@@`` separates."""
    try:
        documents = [json.loads(part) for part in data.split(b"@@")]
    except (ValueError, RecursionError):
        raise ServiceError("protocol", "not JSON") from None
    build, options, hello, parameters = [
        each if isinstance(each, dict) else {} for each in [*documents, {}, {}, {}, {}][:4]
    ]
    return parse_mongodb(build, options, hello, parameters, TARGET)


def from_page(data: bytes) -> Reading:
    """Read header lines."""
    lines = (line.partition(": ") for line in text(data).split("\n"))
    return parse_page(Page(len(data), "1.1", {name.lower(): value for name, _, value in lines}), Handshake(), TARGET)


def settings(data: bytes) -> None:
    """Read a configuration."""
    try:
        config.parse(data.decode("utf-8", "surrogateescape"), "parity.toml", {"A": "b"}, Path("/srv"))
    except ConfigError as error:
        assert_printable(str(error))


def dotenv_file(data: bytes) -> None:
    """Read a dotenv file."""
    try:
        dotenv.read(escaped(data), ".env", "dev", {}, Path("/srv"))
    except ConfigError as error:
        assert_printable(str(error))


def value(data: bytes) -> None:
    """Compare one value as every type."""
    raw, unit = (text(part) for part in halves(data, b"@@"))
    for kind in ValueType:
        fact, rule = Fact(raw, kind, unit), Rule("x")
        assert not CONTROLS.search(display_text(fact, rule))
        assert display_text(fact, rule).casefold() == display_text(Fact(raw, kind, unit), rule).casefold()
        assert comparison_key(fact, rule) == comparison_key(Fact(raw, kind, unit), rule)
    assert not CONTROLS.search(printable(raw))


def history(data: bytes) -> None:
    """Read the lines of a history, and print its changes."""
    state = HistoryState()
    for line in data.split(b"\n"):
        state.read_line(line)
    assert_printable(changes.to_text(state.changes, Style()))
    changes.to_json(state.changes, datetime(2026, 11, 23, tzinfo=UTC)).encode("ascii")


PARSERS: dict[str, Callable[[bytes], Reading]] = {
    "app": from_app,
    "apache": lambda data: parse_apache(split_apache(text(data), "@@"), "h"),
    "elasticsearch": from_elasticsearch,
    "haproxy": lambda data: parse_haproxy(data, "h:1"),
    "host": lambda data: parse_host(split_host(data, b"", "@@"), "", TARGET),
    "http": from_page,
    "memcached": from_memcached,
    "mongodb": from_mongodb,
    "mysql": from_mysql,
    "nginx": lambda data: parse_nginx(split_nginx(escaped(data), "@@"), "h"),
    "postgres": lambda data: parse_postgres(decode_postgres(data, "h:1"), "u", "h:1"),
    "rabbitmq": from_rabbitmq,
    "redis": from_redis,
    "runtime": lambda data: parse_runtime(text(data), "@@", "ruby", TARGET),
}
"""by kind"""

HARNESSES: dict[str, Harness] = {
    **{kind: of(kind, parse) for kind, parse in PARSERS.items()},
    "config": settings,
    "dotenv": dotenv_file,
    "history": history,
    "values": value,
}

_ROW = '["work_mem", "4096", "i", "Sets \\u0000 it.", "kB", "configuration file", "/a.conf", 3]'
_POSTGRES = f'{{"version": "PostgreSQL 16.14", "settings": [["server_version_num", "160014"], {_ROW}]}}'
_RABBITMQ = """{"properties": {"product": "RabbitMQ", "version": "4.0.5", "platform": "Erlang/OTP 27"}, "answers":
{"overview": {"node": "a@b", "exchange_types": [{"name": "x"}]}, "nodes": [{"name": "a@b", "mem_limit": 1}],
"policies": [{"vhost": "/", "name": "p", "pattern": "^", "definition": {"a": [1, null, {}]}, "priority": 0}],
"vhosts": [{"name": "/"}], "whoami": {"tags": ["monitoring"]}, "feature-flags": [{"name": "f", "state": "enabled"}]}}"""

_PARAMETERS = ", ".join(f'"p{number}": {{"value": {number}.5, "settableAtRuntime": true}}' for number in range(30))
_MONGODB = f"""{{"version": "7.0.14", "modules": ["x"], "openssl": {{"running": "a"}}, "bits": 64}}@@
{{"ok": 1, "parsed": {{"net": {{"port": 1, "tls": {{"mode": "x"}}}}}}}}@@
{{"setName": "a", "hosts": ["b"], "ismaster": true}}@@
{{"ok": 1, {_PARAMETERS}, "v": {{"version": "7"}}, "n": null}}"""
_SETTINGS = ", ".join(f'"a.b{number}": "{number}ms"' for number in range(60))
_ELASTICSEARCH = f"""{{"name": "a", "cluster_uuid": "u", "version": {{"number": "9.1.0", "lucene_version": "10"}}}}@@
{{"persistent": {{"x": ["a"]}}, "transient": {{"y": null}}, "defaults": {{{_SETTINGS}, "z": "1mb", "w": "true"}}}}@@
{{"_nodes": {{"total": 1}}, "nodes": {{"a": {{"roles": ["data"], "plugins": [{{"name": "p", "version": "1"}}]}}}}}}"""

SEEDS: dict[str, tuple[bytes, ...]] = {
    "apache": (
        b"@@ version\nServer version: Apache/2.4.71\n@@ result 0\n@@ run\nServerRoot: \"/a\"\n@@ config\n"
        b"# In file: /a.conf\n#   1:\n<Directory \"/x y\">\n  #   2:\n  Options None\n</Directory>\n@@ end\n",
    ),
    "app": (
        b'{"git": {"commit": {"id": "3f78685", "time": 1795413600}}, "version": "v1.4", "built": "2026-11-20"}',
        b"v1.4.2 (3f786850e387550fdab836ed7e6dc881de23001b)",
        b'label\torg.opencontainers.image.revision\t"3f78685"\nvariable\t"SENTRY_RELEASE=shop@1.4"\nstate\trunning\ttrue',
        b"@@ release\n20261123060000\n@@ revision\n3f78685\n@@ log\nBranch a (at 3f78685) deployed as release 1 by b\n",
    ),
    "config": (b"[environments.dev.services]\na = \"redis://:${A}@h/0?x=1\"\n[severity]\n'redis.x' = 'info'\n",),
    "dotenv": (b"export A_URL='redis://u:p@h:1/0'\n# c\nB=${A_URL:-x}\n",),
    "history": (
        b'{"schema":1,"at":"2026-11-23T06:00:00Z","environment":"dev","service":"db","values":{"zone":"UTC","a":"1"}}\n'
        b'{"schema":1,"at":"2026-11-23T07:00:00Z","environment":"dev","service":"db","setting":"zone","before":"UTC",'
        b'"after":"\\u001b[2J","severity":"critical","since":"2026-11-23T06:00:00+02:00","node":"a:1","restarted":true}',
    ),
    "elasticsearch": (_ELASTICSEARCH.encode(), b'{"version": {"number": "3.2.0", "distribution": "opensearch"}}@@!@@!'),
    "haproxy": (
        b"0.Name.1:POS:str:HAProxy\n1.Version.1:POS:str:3.0.11-1\n15.Maxconn.1:CLP:u32:100\n50.node.1:COS:str:a\n\n"
        b"# pxname,svname,slim,status,bck,type,rate_lim,check_rise,check_fall,cookie,mode,algo,uweight,\n"
        b"w,FRONTEND,100,OPEN,,0,0,,,,http,,,\nb,a,1,UP,0,2,,2,3,c,http,,10,\nb,BACKEND,9,UP,,1,,,,c,http,source,,\n\n"
        b"operator\n\n",
    ),
    "host": ((Path(__file__).parent.parent / "services/host/debian.txt").read_bytes().replace(b"@@mark", b"@@"),),
    "http": (b'Server: nginx/1.22.1\nAlt-Svc: h3=":443"\nLocation: https://h/a\nStrict-Transport-Security: max-age=1',),
    "memcached": (b"version 1.6.18\npid 1\ntime 1700000000\nuptime 1\n@@maxbytes 67108864\nudpport 0\nevictions on\n",),
    "mongodb": (_MONGODB.encode(), b'{"version": "4.4"}@@{"ok": 0, "code": 13}@@{}@@{"code": 8000, "errmsg": "no"}'),
    "mysql": (
        b"version\t10.11.19-MariaDB\tCONFIG\t/a.cnf\tVARCHAR\tVersion\noptimizer_switch\ta=on,b=off\n"
        b" database\tapp\tutf8mb4\tutf8mb4_bin\n server\tu@%\t01:00:00\t1\nsql_mode\tANSI\tSQL\n",
    ),
    "nginx": (
        b"@@ build\nnginx version: nginx/1.22.1\nbuilt with OpenSSL 3.0.1\nconfigure arguments: --with-http_v2_module\n"
        b"@@ main /n.conf\n@@ file /n.conf\nevents {} http { include *.conf; server { listen 80; gzip on; } }\n"
        b"@@ include *.conf\n/b.conf\n@@ file /b.conf\nclient_max_body_size 8m;\n@@ end\n",
    ),
    "postgres": (_POSTGRES.encode(),),
    "rabbitmq": (_RABBITMQ.encode(),),
    "redis": (
        b"redis_version:7.2.4\r\nos:Linux\r\nmaxmemory:0\r\nmodule:name=a,ver=1\r\n@@save\n900 1 300 10\n"
        b"client-output-buffer-limit\nnormal 0 0 0\nnotify-keyspace-events\nEx\nmaxmemory\n1",
        b"redis_version:7\r\n@@-NOPERM no",
    ),
    "runtime": (b"@@\nproduct\tRuby\nversion\t3.3.1\nlibrary.zlib\t1.3\n\n@@ 0\n",),
    "values": (b"16384@@8kB", b"yes", b"0o755", b"1e6@@ms", b"a, b;c"),
}  # fmt: skip
"""real answers for each parser: damaged, they get further than noise"""
