"""The statement that reads everything in one round trip, and the shape of its answer.

The statement makes its own transaction read-only, reads system catalogs only, and qualifies every function, type and
operator with its schema, so that objects earlier on a user's search path are never run. The answer is one JSON
document; while it equals the previous one, the server returns its hash alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from parity_tui.model import Reason, ServiceError
from parity_tui.services._migrations import TABLES, Candidate

OLDEST = 10
"""first major version that understands the statement"""

LIMITS = {"settings": 2000, "databases": 500, "overrides": 1000, "extensions": 500}
"""rows of each part that are read: a server may have a million databases; those beyond are unknown"""

LEDGERS = 50
"""tables that may be ledgers of migrations that are read"""

WIDTH = 4096
"""characters of one value that are read; a longer one ends with the size and the hash of the whole"""

CUT = re.compile(r"\.\.\. \(\d+ bytes, hash [0-9a-f]+\)$")
"""the end of a value that was not read whole"""


class SettingRow(Struct, array_like=True, frozen=True):
    """One row of pg_settings."""

    name: str
    setting: str | None
    vartype: str = "s"
    """first letter of bool, integer, real, enum, string"""
    description: str | None = ""
    unit: str | None = None
    source: str | None = "default"
    sourcefile: str | None = None
    sourceline: int | None = None
    pending_restart: bool | None = False


class DatabaseRow(Struct, array_like=True, frozen=True):
    """One row of pg_database."""

    name: str
    encoding: str | None = ""
    collate: str | None = ""
    ctype: str | None = ""
    provider: str | None = None
    """b builtin, c libc, i ICU; None before 15: always libc"""
    locale: str | None = None
    recorded: str | None = None
    """version of the collation library when the database was made; None where it is not versioned"""
    actual: str | None = None
    """its current version; known for the connected database only"""
    connected: bool = False
    rules: str | None = None
    """tailoring of ICU's order, since 16"""


class OverrideRow(Struct, array_like=True, frozen=True):
    """One "name=value" of pg_db_role_setting."""

    database: str | None
    """None: in all databases"""
    role: str | None
    """None: for all roles"""
    assignment: str


class ExtensionRow(Struct, array_like=True, frozen=True):
    """One row of pg_extension."""

    name: str
    version: str
    available: str | None = None
    """the version whose files are installed on the server"""
    schema: str | None = None
    """where its functions and types are"""


class Answer(Struct, frozen=True):
    """The document that the statement returns."""

    version: str
    """version(): product and version in words"""
    settings: list[SettingRow]
    databases: list[DatabaseRow] | None = None
    overrides: list[OverrideRow] | None = None
    extensions: list[ExtensionRow] | None = None
    started: str | None = ""
    """when the server started, seconds since 1970"""
    standby: bool | None = False
    ledgers: list[Candidate] | None = None
    """tables of the connected database that may be ledgers of migrations"""
    aurora: bool | None = False


# Only long values are cut, because left() fails on bytes that are invalid in the encoding, and settings may have them.
_CUT = """CASE WHEN pg_catalog.octet_length({column}) OPERATOR(pg_catalog.>) {width}
  THEN pg_catalog.concat(pg_catalog.left({column}, {width}), '... (', pg_catalog.octet_length({column}),
                         ' bytes, hash ', pg_catalog.to_hex(pg_catalog.hashtext({column})), ')')
  ELSE {column} END"""

# Rows omit trailing defaults: the answer of an unconfigured server then takes one TCP round trip less.
_SETTINGS = """
SELECT pg_catalog.json_agg(CASE
  WHEN s.source OPERATOR(pg_catalog.=) 'default'::pg_catalog.text AND s.unit IS NULL AND NOT s.pending_restart
  THEN pg_catalog.json_build_array(s.name, s.setting, s.vartype, s.short_desc)
  WHEN s.sourcefile IS NULL AND NOT s.pending_restart
  THEN pg_catalog.json_build_array(s.name, s.setting, s.vartype, s.short_desc, s.unit, s.source)
  ELSE pg_catalog.json_build_array(s.name, s.setting, s.vartype, s.short_desc, s.unit, s.source,
                                   s.sourcefile, s.sourceline, s.pending_restart) END)
FROM (SELECT name, {value} AS setting, pg_catalog.left(vartype, 1) AS vartype, short_desc,
             unit, source, sourcefile, sourceline, pending_restart
      FROM pg_catalog.pg_settings LIMIT {settings}) s"""

# Columns that came with a later version are read from the whole row as JSON. PostgreSQL 14 lacks the function that
# knows the current version of the collation: ts_stat() runs a text as a query, here only where the function exists.
_DATABASES = """
SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
  d.datname, pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, l.datlocprovider,
  COALESCE(l.datlocale, l.daticulocale), l.datcollversion,
  CASE WHEN d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() THEN (
    SELECT v.word FROM pg_catalog.ts_stat((
      SELECT pg_catalog.concat('SELECT pg_catalog.array_to_tsvector(pg_catalog.array_remove(ARRAY[
        pg_catalog.pg_database_collation_actual_version(', d.number, ')], NULL))')
      FROM pg_catalog.pg_proc
      WHERE proname OPERATOR(pg_catalog.=) 'pg_database_collation_actual_version'::pg_catalog.name)) v) END,
  d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database(), l.daticurules))
FROM (SELECT oid AS number, * FROM pg_catalog.pg_database
      ORDER BY datname OPERATOR(pg_catalog.<>) pg_catalog.current_database(), datname LIMIT {databases}) d,
  pg_catalog.jsonb_to_record(pg_catalog.to_jsonb(d)) l(
    datlocprovider pg_catalog.text, datlocale pg_catalog.text, daticulocale pg_catalog.text,
    datcollversion pg_catalog.text, daticurules pg_catalog.text)"""

_OVERRIDES = """
SELECT pg_catalog.json_agg(pg_catalog.json_build_array(o.datname, o.rolname, o.assignment))
FROM (SELECT d.datname, r.rolname, {value} AS assignment
      FROM pg_catalog.pg_db_role_setting s
      CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) a(assignment)
      LEFT JOIN pg_catalog.pg_database d ON d.oid OPERATOR(pg_catalog.=) s.setdatabase
      LEFT JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) s.setrole
      ORDER BY d.datname, r.rolname, assignment LIMIT {overrides}) o"""

_EXTENSIONS = """
SELECT pg_catalog.json_agg(pg_catalog.json_build_array(e.extname, e.extversion, {available}, e.nspname))
FROM (SELECT x.extname, x.extversion, n.nspname FROM pg_catalog.pg_extension x
      LEFT JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) x.extnamespace
      ORDER BY x.extname LIMIT {extensions}) e"""

_AVAILABLE = """(
  SELECT a.default_version FROM pg_catalog.pg_available_extensions() a
  WHERE a.name OPERATOR(pg_catalog.=) e.extname)"""

# Plain tables only, and columns of the server's own types: no function of a user is run. The counter of changes says
# when a ledger is to be read again.
_LEDGERS = """
SELECT pg_catalog.json_agg(pg_catalog.json_build_array(l.nspname, l.relname, (
  SELECT COALESCE(pg_catalog.json_agg(a.attname), '[]'::pg_catalog.json) FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_type y ON y.oid OPERATOR(pg_catalog.=) a.atttypid
  WHERE a.attrelid OPERATOR(pg_catalog.=) l.oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
    AND y.typnamespace OPERATOR(pg_catalog.=) 'pg_catalog'::pg_catalog.regnamespace),
  pg_catalog.has_schema_privilege(l.relnamespace, 'USAGE') AND pg_catalog.has_table_privilege(l.oid, 'SELECT')
    AND NOT pg_catalog.row_security_active(l.oid),
  pg_catalog.pg_stat_get_tuples_inserted(l.oid) OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_tuples_updated(l.oid)
    OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_tuples_deleted(l.oid)))
FROM (SELECT n.nspname, c.relname, c.oid, c.relnamespace
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
      WHERE c.relname OPERATOR(pg_catalog.=) ANY (ARRAY[{tables}]::pg_catalog.name[])
        AND c.relkind OPERATOR(pg_catalog.=) 'r'::pg_catalog."char"
        AND n.nspname OPERATOR(pg_catalog.!~~) 'pg\\_%'::pg_catalog.text
      ORDER BY n.nspname OPERATOR(pg_catalog.<>) 'public'::pg_catalog.name, n.nspname, c.relname LIMIT {ledgers}) l"""

# 64 bits by the hash of 32 that every version has: hashtextextended() is of 11, and FIPS forbids md5().
_STATEMENT = """
WITH belt AS (
  SELECT pg_catalog.set_config('transaction_read_only', 'on', true) AS readonly
), document AS (
  SELECT CAST(pg_catalog.json_build_object(
    'version', pg_catalog.version(),
    'settings', ({settings}),
    'databases', ({databases}),
    'overrides', ({overrides}),
    'extensions', ({extensions}),
    'ledgers', ({ledgers}),
    'started', CAST(EXTRACT(epoch FROM pg_catalog.pg_postmaster_start_time()) AS pg_catalog.text),
    'standby', pg_catalog.pg_is_in_recovery(),
    'aurora', EXISTS (SELECT 1 FROM pg_catalog.pg_proc
                      WHERE proname OPERATOR(pg_catalog.=) 'aurora_version'::pg_catalog.name)
  ) AS pg_catalog.text) AS body
  FROM belt WHERE belt.readonly OPERATOR(pg_catalog.=) 'on'::pg_catalog.text
)
SELECT hash, pg_catalog.pg_backend_pid() AS pid,
  CASE WHEN hash OPERATOR(pg_catalog.=) {known} THEN NULL
       WHEN pg_catalog.current_setting('server_encoding') OPERATOR(pg_catalog.=) 'SQL_ASCII'::pg_catalog.text
       THEN pg_catalog.convert_to(body, 'SQL_ASCII')
       ELSE pg_catalog.textsend(body) END AS body
FROM (SELECT body, (CAST(pg_catalog.hashtext(body) AS pg_catalog.int8) OPERATOR(pg_catalog.<<) 32)
        OPERATOR(pg_catalog.#) pg_catalog.hashtext(body OPERATOR(pg_catalog.||) '.') AS hash FROM document) answer
"""

_KNOWN = "NULL::pg_catalog.int8"
"""in place of the hash of the document that is known already"""

SETTINGS_ONLY = """
SELECT 'version()', pg_catalog.version(), 'string', '', '', 'default'
UNION ALL SELECT name, setting, vartype, short_desc, unit, source FROM pg_catalog.pg_settings LIMIT 2002
"""
"""fallback for servers that are old or forbid the rest: a row with the version, then the settings"""

PLAIN = SETTINGS_ONLY.replace("short_desc, unit,", "short_desc, '',")
"""fallback that every relative of PostgreSQL understands: without units, which one of them lacks"""


def statement(updates: bool = True) -> str:
    """Return the statement that every version from :data:`OLDEST` on understands, on one line.

    Args:
        updates: also read the version of each extension that is available on the server. PostgreSQL takes it from
            control files, and a broken one fails the whole statement.
    """
    limits = {part: limit + 1 for part, limit in LIMITS.items()}  # one more shows that there are more
    parts = {
        "settings": _SETTINGS.format(value=_CUT.format(column="setting", width=WIDTH), **limits),
        "databases": _DATABASES.format(**limits),
        "overrides": _OVERRIDES.format(value=_CUT.format(column="a.assignment", width=WIDTH), **limits),
        "extensions": _EXTENSIONS.format(available=_AVAILABLE if updates else "NULL", **limits),
        "ledgers": _LEDGERS.format(tables=", ".join(f"'{table}'" for table in TABLES), ledgers=LEDGERS),
    }
    return " ".join(_STATEMENT.format(known=_KNOWN, **parts).split())  # short, for servers that log statements


def with_known(statement: str, known: int | None) -> str:
    """Return the statement that sends no document where its hash is the known one."""
    return statement if known is None else statement.replace(_KNOWN, f"'{known}'::pg_catalog.int8")


def settings_only(rows: Sequence[Any]) -> Answer:
    """Return the answer to :data:`SETTINGS_ONLY` or :data:`PLAIN`."""
    version, *settings = (SettingRow(row[0], row[1], (row[2] or "s")[0], *row[3:]) for row in rows)
    return Answer(version.setting or "", settings)


def statements(settings: Any, major: int, address: str) -> list[str]:
    """Return the statements to try, the most complete one first.

    Args:
        settings: what the server reports at the login, as attributes.
        major: its version.
        address: for the error.

    Raises ServiceError(Reason.WRONG_SERVICE, …) for the console of a pooler.
    """
    version = getattr(settings, "server_version", "")
    if version.endswith("/bouncer"):
        message = f"{address} is the console of PgBouncer {version[:-8]}, not a database"
        raise ServiceError(Reason.WRONG_SERVICE, message)
    relative = any(hasattr(settings, name) for name in ("crdb_version", "crate_version", "padb_version"))
    complete = [] if relative or major < OLDEST else [statement(), statement(updates=False)]
    return [*complete, SETTINGS_ONLY, PLAIN]
