"""Real migration tools: each has three migrations and brings a database to one of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

NAMES = ("0001_users", "0002_orders", "0003_prices")
TABLES = ("users", "orders", "prices")

ENV = """
from alembic import context
from sqlalchemy import create_engine
with create_engine(context.get_x_argument(as_dictionary=True)["url"]).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """
from alembic import op
revision, down_revision = {id!r}, {before!r}
def upgrade():
    op.execute("CREATE TABLE {table} (id INT)")
"""
DJANGO_MIGRATION = """
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = {before!r}
    operations = [migrations.CreateModel("{table}", [("id", models.IntegerField(primary_key=True))])]
"""
DJANGO = """
import sys
from urllib.parse import urlsplit
from django.conf import settings
from django.core.management import call_command
url = urlsplit(sys.argv[1])
engine = {"sqlite": "sqlite3", "postgresql": "postgresql"}[url.scheme]
name = url.path[1:]
settings.configure(INSTALLED_APPS=["shop"], DEFAULT_AUTO_FIELD="django.db.models.AutoField", USE_TZ=True, DATABASES={
    "default": {"ENGINE": "django.db.backends." + engine, "NAME": name, "USER": url.username,
                "HOST": url.hostname, "PORT": url.port}})
import django
django.setup()
call_command("migrate", "shop", sys.argv[2], verbosity=0)
"""


def run(*command: str, folder: Path, **environ: str) -> None:
    """Run a tool; its output is that of the failure."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONWARNINGS": "ignore", **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def program(name: str) -> str:
    """Return the path of a program of this Python."""
    return str(Path(sys.executable).with_name(name))


def alembic(url: str, folder: Path, head: int) -> None:
    """Bring a database to the revision of this number."""
    versions = folder / "versions"
    versions.mkdir(exist_ok=True)
    (folder / "env.py").write_text(ENV)
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = .\n")
    before = None
    for name, table in zip(NAMES, TABLES, strict=True):
        (versions / f"{name}.py").write_text(REVISION.format(id=f"rev{name[:4]}", before=before, table=table))
        before = f"rev{name[:4]}"
    drivers = {"postgresql": "postgresql+psycopg2", "mysql": "mysql+pymysql"}
    scheme, rest = url.split(":", 1)
    full = f"{drivers.get(scheme, scheme)}:{rest}"
    run(program("alembic"), "-x", f"url={full}", "upgrade", f"rev000{head}", folder=folder)


def django(url: str, folder: Path, head: int) -> None:
    """Bring a database to the migration of this number; the test's app is the only one."""
    migrations = folder / "shop" / "migrations"
    migrations.mkdir(parents=True, exist_ok=True)
    for package in (folder / "shop", migrations):
        (package / "__init__.py").write_text("")
    before: list[tuple[str, str]] = []
    for name, table in zip(NAMES, TABLES, strict=True):
        (migrations / f"{name}.py").write_text(DJANGO_MIGRATION.format(before=before, table=table.title()))
        before = [("shop", name)]
    run(sys.executable, "-c", DJANGO, url, NAMES[head - 1], folder=folder)


def yoyo(url: str, folder: Path, head: int) -> None:
    """Apply the migrations up to this number: the later ones are not yet there."""
    for name, table in zip(NAMES[:head], TABLES, strict=False):
        (folder / f"{name}.sql").write_text(f"CREATE TABLE {table} (id INT)")
    run(program("yoyo"), "apply", "--batch", "--no-config-file", "-d", url, ".", folder=folder)


def dbmate(url: str, folder: Path, head: int) -> None:
    """Apply the migrations up to this number, as :func:`yoyo` does."""
    for name, table in zip(NAMES[:head], TABLES, strict=False):
        (folder / f"{name}.sql").write_text(f"-- migrate:up\nCREATE TABLE {table} (id INT);\n-- migrate:down\n")
    query = "?sslmode=disable" if url.startswith("postgresql") else ""
    options = ("--migrations-dir", str(folder), "--no-dump-schema")
    run(program("dbmate"), "--url", f"{url}{query}", *options, "migrate", folder=folder)
