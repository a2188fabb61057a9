"""Connection texts of client libraries that are no URLs, in a dotenv file of the app."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from parity_tui.config import ConfigError, parse
from parity_tui.config.app_url import understand
from parity_tui.config.dsn import as_url
from tests.config.test_app_url import problem_of, target_of
from tests.config.test_dotenv import load_text

TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=["Cc"]), min_size=1)


@pytest.fixture(autouse=True)
def _made_up_kinds() -> None:
    """Use the real kinds."""


@pytest.mark.parametrize(
    ("text", "address", "user", "path", "tls"),
    [
        ("app:s3cr@tcp(db:3307)/shop?tls=true&parseTime=true", "db:3307", "app", "shop", "verify-full"),
        ("app:s3cr@tcp(db)/shop?tls=skip-verify", "db:3306", "app", "shop", "require"),
        ("app:s3cr@tcp([::1]:3306)/shop?tls=preferred", "[::1]:3306", "app", "shop", "prefer"),
        ("app:s3cr@/shop", "127.0.0.1:3306", "app", "shop", "prefer"),
        ("app:s3cr@unix(/run/mysqld/mysqld.sock)/shop", "/run/mysqld/mysqld.sock", "app", "shop", "off"),
        ("host=db port=5433 dbname=shop user=app password=s3cr sslmode=require", "db:5433", "app", "shop", "require"),
        ("hostaddr = 10.0.0.1 dbname = shop user = app password = s3cr", "10.0.0.1:5432", "app", "shop", "prefer"),
        ("host=/run/pg dbname=shop user=app password=s3cr", "/run/pg/.s.PGSQL.5432", "app", "shop", "off"),
        ("mysql:host=db;port=3307;dbname=shop;user=app;password=s3cr", "db:3307", "app", "shop", "prefer"),
        ("pgsql:host=db;dbname=shop;user=app;password=s3cr", "db:5432", "app", "shop", "prefer"),
        ("jdbc:postgresql:shop?user=app&password=s3cr", "localhost:5432", "app", "shop", "prefer"),
        ("jdbc:postgresql:///shop?user=app&password=s3cr&ssl=true", "localhost:5432", "app", "shop", "verify-full"),
        ("jdbc:mysql:///shop?user=app&password=s3cr", "localhost:3306", "app", "shop", "prefer"),
        ("postgresql+psycopg_async://app:s3cr@db/shop", "db:5432", "app", "shop", "prefer"),
    ],
)
def test_connection_text_leads_to_its_server(
    tmp_path: Path, text: str, address: str, user: str, path: str, tls: str
) -> None:
    target = target_of(tmp_path, text)
    assert (target.address, target.user, target.path, target.tls) == (address, user, path, tls)
    assert target.password is not None
    secret = target.password()
    assert secret is not None
    assert secret.reveal() == "s3cr"
    assert "s3cr" not in repr(target)


def test_hosts_of_keywords_are_nodes(tmp_path: Path) -> None:
    config = load_text(tmp_path, 'APP_DSN="host=a,b port=5432,5433 dbname=shop user=app"\n')
    assert [target.address for target in config.targets] == ["a:5432", "b:5433"]


def test_file_of_jdbc_is_a_file_of_sqlite(tmp_path: Path) -> None:
    assert target_of(tmp_path, "jdbc:sqlite:/srv/app.db").path == "/srv/app.db"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("app:s3cr@tcp(db:3306)/shop?tls=custom", "tls must be one of"),
        ("app:s3cr@cloudsql(a:b:c)/shop", "connects by a function of its own"),
        ("app:s3cr@tcp(db:99999)/shop", "the port must be"),
        ("dbname=shop user=app password=s3cr", "the URL names no host"),
        ("host=db password=s3cr sslmode=bogus", "tls must be one of"),
        ("jdbc:mysql://(host=db,port=1,user=app,password=s3cr)/shop", "the host is neither a name nor an address"),
    ],
)
def test_unclear_connection_text_fails_its_target_alone(tmp_path: Path, text: str, words: str) -> None:
    message = problem_of(tmp_path, text)
    assert words in message
    assert "s3cr" not in message


@pytest.mark.parametrize(
    "text",
    [
        "Server=db;Uid=app;Pwd=s3cr;",
        "Host=db;Username=app;Password=s3cr",
        "db:6379,password=s3cr,ssl=True",
        "host=db user=app password=s3cr database=shop",
    ],
)
def test_keywords_of_no_known_kind_are_left_out_by_name(tmp_path: Path, text: str) -> None:
    config = load_text(tmp_path, f"APP_DSN='{text}'\nOTHER_URL=redis://h\n")
    (left_out,) = config.left_out
    assert (left_out.name, "keywords" in left_out.reason, "s3cr" in repr(config)) == ("APP_DSN", True, False)


@pytest.mark.parametrize(
    "text",
    ["a=b c=d", "host=mail port=25", "user@example.com", "x(y)/z", "ssh://a@tcp(b)/c", "a:b", "k=value;other=x"],
)
def test_other_text_is_left_alone(text: str) -> None:
    assert understand(text) is None


@given(TEXTS, TEXTS)
def test_login_survives_whatever_it_holds(user: str, password: str) -> None:
    user = user.replace(":", "")
    assume(not password.startswith("//"))
    quoted = [text.replace("\\", r"\\").replace("'", r"\'") for text in (user, password)]
    for text in (f"{user}:{password}@tcp(db)/a", "host=db user='{}' password='{}'".format(*quoted)):
        parts = urlsplit(as_url(text))
        assert (parts.hostname, unquote(parts.username or ""), unquote(parts.password or "")) == ("db", user, password)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("app:s3cr@tcp(db)/shop", "write mysql://USER@HOST"),
        ("host=db dbname=shop password=s3cr", "write postgresql://USER@HOST"),
        ("jdbc:mariadb://db/shop?password=s3cr", "write mariadb://USER@HOST"),
        ("redis+sentinel://:s3cr@a,b/main", "points to Sentinels"),
        ("elastic://app:s3cr@db", 'unknown scheme "elastic"'),
    ],
)
def test_form_of_a_library_is_explained_in_parity_toml(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)) as raised:
        parse(f"[environments.dev.services]\nit = '{text}'\n", "parity.toml", {}, Path("/"))
    assert "s3cr" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "session"),
    [
        (
            "host=db user=app password=s3cr dbname=shop port=5432 sslmode=disable TimeZone=Etc/UTC",
            {"TimeZone": "Etc/UTC"},
        ),
        (
            "user=app password=s3cr host=db dbname=shop search_path=shop,public pool_max_conns=10",
            {"search_path": "shop,public"},
        ),
    ],
)
def test_keywords_of_go_are_those_of_libpq_and_more(tmp_path: Path, text: str, session: dict[str, str]) -> None:
    """GORM's documentation begins with the first."""
    target = target_of(tmp_path, text)
    assert (target.address, target.path, target.session, target.problem) == ("db:5432", "shop", session, None)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("redis:?host[a:6379]&host[b:6380]&timeout=5", ["a:6379", "b:6380"]),
        ("redis://s3cr@?host[a]", ["a:6379"]),
        ("rediss:?host[a]", ["a:6379"]),
        ("redis:?host[/run/redis.sock]", ["/run/redis.sock"]),
        ("memcached:?host[a]&host[b:11212]", ["a:11211", "b:11212"]),
    ],
)
def test_hosts_in_the_query_are_nodes(tmp_path: Path, text: str, addresses: list[str]) -> None:
    config = load_text(tmp_path, f"CACHE_DSN='{text}'\n")
    assert [target.address for target in config.targets] == addresses
    assert "s3cr" not in repr(config)


def test_sentinels_in_the_query_are_not_asked(tmp_path: Path) -> None:
    assert "Sentinels" in problem_of(tmp_path, "redis:?host[a:26379]&host[b:26379]&redis_sentinel=mymaster")


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("file:./dev.db", "dev.db"), ("file:dev.db?connection_limit=1", "dev.db"),
        ("file:/srv/app.sqlite3", "/srv/app.sqlite3"),
    ],
)  # fmt: skip
def test_file_of_prisma_is_a_file_of_sqlite(tmp_path: Path, text: str, file: str) -> None:
    target = target_of(tmp_path, text)
    assert (target.kind, Path(target.path)) == ("sqlite", tmp_path / file)


def test_file_of_prisma_is_beside_its_schema(tmp_path: Path) -> None:
    (tmp_path / "prisma").mkdir()
    (tmp_path / "prisma/schema.prisma").touch()
    assert Path(target_of(tmp_path, "file:./dev.db").path) == tmp_path / "prisma/dev.db"
    assert Path(target_of(tmp_path, "file:/srv/dev.db").path) == Path("/srv/dev.db")


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("sqlite:db/app.sqlite3", "db/app.sqlite3"), ("sqlite3:db/app.sqlite3", "db/app.sqlite3"),
        ("sqlite://app.db?mode=rwc", "app.db"), ("sqlite://data/app.db", "data/app.db"), ("sqlite:./app.db", "app.db"),
        ("sqlite:/srv/app.db", "/srv/app.db"), ("sqlite:////srv/app.db", "/srv/app.db"), ("sqlite:///app.db", "app.db"),
        ("sqlite://my%20app.db", "my app.db"),
    ],
)  # fmt: skip
def test_sqlite_is_understood_as_libraries_spell_it(tmp_path: Path, text: str, file: str) -> None:
    """sqlx, Rails, PDO and Node's libraries leave slashes out; with three or four they agree."""
    target = target_of(tmp_path, text)
    assert (target.kind, Path(target.path), target.problem) == ("sqlite", tmp_path / file, None)


@pytest.mark.parametrize("text", ["sqlite::memory:", "sqlite://:memory:", "sqlite:///:memory:"])
def test_sqlite_in_memory_is_no_file(tmp_path: Path, text: str) -> None:
    assert target_of(tmp_path, text).path == ":memory:"


@pytest.mark.parametrize("text", ["sqlite://ann:s3cr/run/x", "sqlite:ann:s3cr@x", "sqlite://ann:s3cr@h/x.db"])
def test_login_before_a_file_of_sqlite_is_not_taken_for_its_name(tmp_path: Path, text: str) -> None:
    config = load_text(tmp_path, f"APP_URL='{text}'\nOTHER_URL=redis://h\n")
    assert "s3cr" not in repr(config) + " ".join(target.address for target in config.targets)


@pytest.mark.parametrize("text", ["sqlite:a.db", "sqlite:///a.db", "sqlite://a.db", "file:./a.db", "jdbc:sqlite:a.db"])
def test_query_of_sqlite_is_kept(text: str) -> None:
    """It sets pragmas of the app's sessions."""
    assert as_url(f"{text}?mode=ro").endswith("a.db?mode=ro")
