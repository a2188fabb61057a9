"""`parity-tui history --create` makes a shared history."""

from pathlib import Path

import pytest

from parity_tui.cli import main
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers

SERVICES = '[environments.dev.services]\ncache = "redis://127.0.0.1:1"\n'


@pytest.fixture(scope="module")
def server(servers: Servers) -> Postgres:
    """Return a server without a history."""
    return servers.postgres(
        "16",
        sql=[
            "CREATE ROLE ann LOGIN",
            "CREATE DATABASE other",
            "CREATE DATABASE narrow ENCODING 'LATIN1' TEMPLATE template0",
        ],
    )


def created(tmp_path: Path, url: str) -> int:
    """Run the command on a configuration; return its exit code."""
    config = tmp_path / "parity.toml"
    config.write_text(f'history = "{url}"\n{SERVICES}' if url else SERVICES)
    return main(["history", "--create", "--config", str(config)])


def test_tables_and_their_grants_are_made(server: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert created(tmp_path, server.url("postgres")) == 0
    output = capsys.readouterr()
    assert "the history is made" in output.err
    server.sql(output.out)
    assert created(tmp_path, server.url("postgres")) == 0
    assert "the history exists" in capsys.readouterr().err


def test_printed_statements_make_the_tables(
    server: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"postgresql://ann@{server.host}:{server.port}/other"
    assert created(tmp_path, url) == 2
    output = capsys.readouterr()
    assert "run these statements as the owner" in output.err
    statements = "\n".join(line for line in output.out.splitlines() if not line.startswith("CREATE ROLE"))
    server.sql("GRANT USAGE ON SCHEMA public TO ann", statements, database="other")
    server.sql("GRANT parity_writer TO ann")
    assert main(["history", "--config", str(tmp_path / "parity.toml")]) == 0


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "names no shared history"),
        ("postgresql://postgres@127.0.0.1:1/x", "refused the connection"),
        ("postgresql://postgres:${UNSET_PASSWORD}@127.0.0.1:1/x", "the variable UNSET_PASSWORD is not set"),
        ("NARROW", "needs a database with the encoding UTF8"),
    ],
)
def test_impossible_history_is_described(
    server: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str, words: str
) -> None:
    assert created(tmp_path, url.replace("NARROW", f"postgresql://postgres@{server.host}:{server.port}/narrow")) == 2
    assert words in capsys.readouterr().err
