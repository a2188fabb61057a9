"""The reply to `show info typed`, `show stat` and `show cli level` → Reading."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping

from parity_tui.model import Fact, Reading, Reason, ServiceError, State

NOT_SHOWN = "the level user of the stats socket does not show it: level operator does"

CONFIGURED = ("MaxSslConns", "BusyPolling", "Tainted")
"""settings that HAProxy marks as metrics"""

REPEATED = ("Name", "Version", "Release_date", "Build info", "Memmax_bytes")
"""product facts, and a limit in a second unit"""

LEVELS = ("user", "operator", "admin")

COLUMNS = ("pxname", "svname", "slim", "status", "bck", "type", "rate_lim", "check_rise", "check_fall", "cookie",
           "mode", "algo")  # fmt: skip
"""of `show stat`, in every version since 1.8"""

FRONTEND, BACKEND, SERVER = "0", "1", "2"
"""types of rows"""

_LINE = re.compile(r"(\d+)\.([^:\r]+)\.\d+:([A-Z])[A-Za-z][A-Z]:[a-z]\w\w:(.*)", re.ASCII)
_VERSION = re.compile(r"(\d+\.\d+(?:\.\d+)?(?:-dev\d+)?)(.*)", re.ASCII)

Row = Mapping[str, str]
"""one line of `show stat`"""


def parse(reply: bytes, address: str) -> Reading:
    r"""Return the reading of a reply. Raises ServiceError for one that is cut short or of another form.

    >>> info = "0.Name.1:POS:str:HAProxy\n1.Version.1:POS:str:3.0.11-1+deb13u4\n3.Nbthread.1:CGS:u32:2\n"
    >>> rows = ["# " + ",".join(COLUMNS) + ",", "web,FRONTEND,50,OPEN,,0,0,,,,http,,"]
    >>> reading = parse(f"{info}\n{chr(10).join(rows)}\n\nuser\n\n".encode(), "lb:9999")
    >>> reading.version, {name: fact.raw for name, fact in reading.facts.items()}
    ('3.0.11', {'Nbthread': '2', 'frontend.web': 'http', 'frontend.web.maxconn': '50', 'frontend.web.rate-limit': '0'})
    """
    text = reply.decode("utf-8", "surrogateescape")
    if text.startswith("Permission"):
        raise ServiceError(Reason.FORBIDDEN, f"{address} does not permit `show info`")
    info, stat, level, *rest = [*text.split("\n\n"), "", ""]
    if not stat.startswith("# ") or level not in LEVELS or rest != ["", "", ""]:
        raise _malformed(address, "it is cut short, or from before HAProxy 1.8")
    fields = dict(_fields(info, address))
    product = fields.get("Name", ("", ""))[1]
    if not product or "Version" not in fields:
        raise _malformed(address, "it has no name or no version")
    version = _VERSION.match(fields["Version"][1])
    rows = _rows(stat, address)
    shown = level != "user"
    return Reading(
        product=product,  # builds of vendors have names of their own
        version=version[1] if version else fields["Version"][1],
        facts={**_info_facts(fields), **dict(_proxy_facts(rows, fields.get("Maxconn", ("", ""))[1], shown))},
        address=address,
        instance=f"{fields.get('Pid', ('', ''))[1]} since {fields.get('Start_time_sec', ('', '?'))[1]}",
        package=fields["Version"][1] if version and re.match(r"-\d", version[2]) else "",
    )


def _malformed(address: str, problem: str) -> ServiceError:
    return ServiceError(Reason.PROTOCOL, f"{address} sent an invalid answer: {problem}")


def _fields(info: str, address: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield name, origin (C: configured, P: product) and value of each line, whose numbers must increase."""
    number = -1
    for line in info.split("\n"):
        match = _LINE.fullmatch(line)
        if match is None or int(match[1][:9]) <= number:
            raise _malformed(address, "a line of `show info` has another form")
        number = int(match[1][:9])
        yield match[2], (match[3], match[4])


def _info_facts(fields: Mapping[str, tuple[str, str]]) -> dict[str, Fact]:
    """Return the facts that HAProxy marks as configured. The limits that follow from Maxconn are marked as defaults."""
    maxconn, files = (fields.get(name, ("", ""))[1] for name in ("Maxconn", "Ulimit-n"))
    follows = {"Hard_maxconn": fields.get("Hard_maxconn", ("", ""))[1] == maxconn, "Ulimit-n": True, "Maxsock": True}
    facts = {
        name: Fact(value, default=follows.get(name))
        for name, (origin, value) in fields.items()
        if (origin in "CP" or name in CONFIGURED) and name not in REPEATED
    }
    if canonical := computed_maxconn(files):
        computed = [name for name in (*follows, "Maxconn") if name in facts and facts[name].raw in (files, maxconn)]
        facts |= {name: Fact(facts[name].raw, canonical=canonical, default=True) for name in computed}
    return facts


def computed_maxconn(files: str) -> str:
    """Return in words that Maxconn is computed from the limit of open files, less those of listeners and threads.

    A configured one needs twice as many files, and some more, which is no limit that a system has.

    >>> computed_maxconn("19999"), computed_maxconn("1048576"), computed_maxconn("2030")
    ('about 10000, as 20000 open files allow', 'about 524288, as 1048576 open files allow', '')
    """
    limit = int(files) + int(files) % 2 if files.isdecimal() and len(files) < 18 else 1
    return f"about {limit // 2}, as {limit} open files allow" if limit % 1000 == 0 or limit % 512 == 0 else ""


def _rows(stat: str, address: str) -> list[Row]:
    head, *lines = stat.removeprefix("# ").split("\n")
    names = head.split(",")
    if not {*COLUMNS} <= {*names} or len({*names}) != len(names):
        raise _malformed(address, "`show stat` lacks a column")
    rows: list[Row] = []
    for values in csv.reader(lines):
        if len(values) != len(names):
            raise _malformed(address, "a line of `show stat` has another number of columns")
        row = dict(zip(names, values, strict=True))
        if row["type"] not in (FRONTEND, BACKEND, SERVER) or not row["pxname"]:
            raise _malformed(address, "a line of `show stat` is neither a frontend, a backend nor a server")
        rows.append(row)
    return rows


def _proxy_facts(rows: list[Row], maxconn: str, shown: bool) -> Iterator[tuple[str, Fact]]:
    frontends = [row for row in rows if row["type"] == FRONTEND]
    servers: dict[str, list[Row]] = {}
    for row in rows:
        if row["type"] == SERVER:
            servers.setdefault(row["pxname"], []).append(row)
    limits = [int(row["slim"][:18]) for row in frontends if row["slim"].isdecimal()]
    computed = {str((limit + 9) // 10) for limit in (*limits, sum(limits))}
    for row in frontends:
        name = f"frontend.{row['pxname']}"
        yield name, Fact(row["mode"])
        yield f"{name}.maxconn", Fact(row["slim"], canonical="as Maxconn" if row["slim"] == maxconn else "")
        yield f"{name}.rate-limit", Fact(row["rate_lim"])
    for row in rows:
        if row["type"] == BACKEND:
            yield from _backend_facts(row, servers.get(row["pxname"], []), computed, shown)


def _backend_facts(row: Row, servers: list[Row], computed: set[str], shown: bool) -> Iterator[tuple[str, Fact]]:
    name = f"backend.{row['pxname']}"
    yield name, Fact(row["mode"])
    yield (
        f"{name}.fullconn",
        Fact(row["slim"], canonical="a tenth of its frontends'" if row["slim"] in computed else ""),
    )
    hidden = Fact(state=State.HIDDEN, note=NOT_SHOWN)
    yield f"{name}.balance", Fact(row["algo"]) if shown else hidden
    yield f"{name}.cookie", Fact(row["cookie"] or "none") if shown else hidden
    yield f"{name}.servers", Fact(str(sum(not _is_backup(each) for each in servers)))
    yield f"{name}.backup-servers", Fact(str(sum(map(_is_backup, servers))))
    if not servers:
        return
    yield f"{name}.server-maxconn", Fact(_distinct(each["slim"] or "0" for each in servers))
    if "qlimit" in row:
        yield f"{name}.server-maxqueue", Fact(_distinct(each["qlimit"] or "0" for each in servers))
    working = [each for each in servers if not each["status"].startswith("MAINT")]
    yield f"{name}.checks", _checks(working, "check")
    if "agent_rise" in row and "agent_fall" in row:
        yield f"{name}.agent-checks", _checks(working, "agent")
    if all(each.get("uweight") for each in servers):
        yield f"{name}.weights", Fact(_distinct(each["uweight"] for each in servers))


def _is_backup(server: Row) -> bool:
    return server["bck"] not in ("", "0")


def _checks(servers: list[Row], kind: str) -> Fact:
    """Return the checks of one kind of the servers that are not in maintenance, where HAProxy shows none.

    >>> server = {"check_rise": "2", "check_fall": "3", "agent_rise": "", "agent_fall": ""}
    >>> _checks([server], "check").raw, _checks([server], "agent").raw
    ('rise 2 fall 3', 'off')
    """
    if not servers:
        return Fact(state=State.UNKNOWN, note="all servers are in maintenance")
    rise, fall = f"{kind}_rise", f"{kind}_fall"
    return Fact(_distinct(f"rise {each[rise]} fall {each[fall]}" if each[rise] else "off" for each in servers))


def _distinct(values: Iterable[str]) -> str:
    """Return the different values, numbers by size.

    >>> _distinct(["100", "20", "20"])
    '20, 100'
    """
    return ", ".join(sorted({*values}, key=lambda value: (int(value[:18]) if value.isdecimal() else 0, value)))
