"""The files of a compose project: env files, extends, include, override files, profiles, and bad ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from parity_tui.config import ConfigError
from parity_tui.init import EnvironmentDraft, compose
from tests.init.builders import run, written_urls

DB = "services: {db: {image: postgres, ports: ['5432:5432']%s}}\n"


def write(folder: Path, **files: str) -> Path:
    """Write files, `a__b` as a/b and `_` as a dot, and return the folder."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def read(folder: Path, *names: str) -> EnvironmentDraft:
    return compose.read([folder / name for name in names or ("compose.yaml",)], "dev")


def urls(folder: Path, *names: str) -> dict[str, str]:
    return written_urls(read(folder, *names), folder)


@pytest.mark.parametrize(
    ("env_file", "user"),
    [
        ("a.env", "a"),
        ("[a.env, b.env]", "b"),
        ("[{path: a.env}, {path: none.env, required: false}]", "a"),
        ("[{path: b.env, required: true}]", "b"),
        ("b.env, environment: {POSTGRES_USER: own}", "own"),
        ("b.env, environment: [POSTGRES_USER=own]", "own"),
        ("b.env, environment: [POSTGRES_USER]", "shell"),
        ("b.env, environment: [OTHER]", "b"),
    ],
)
def test_env_files_are_read_in_order(tmp_path: Path, env_file: str, user: str) -> None:
    write(tmp_path, compose_yaml=DB % f", env_file: {env_file}", _env="POSTGRES_USER=shell\n")
    write(tmp_path, a_env="POSTGRES_USER=a\nPOSTGRES_DB=shop\n", b_env="POSTGRES_USER='b'\nPOSTGRES_DB=shop\n")
    draft = read(tmp_path).services[0]
    assert (draft.target.user, draft.target.path) == (user, "shop")
    assert not read(tmp_path).left_out


def test_env_file_tells_that_a_password_is_needed(tmp_path: Path) -> None:
    write(tmp_path, compose_yaml=DB % ", env_file: db.env", db_env="POSTGRES_PASSWORD=s3cr\n")
    draft = read(tmp_path).services[0]
    assert (draft.needs_password, draft.password_origin) == (True, "POSTGRES_PASSWORD of db")


@pytest.mark.parametrize("name", ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml"])
def test_override_file_beside_a_default_name_counts(tmp_path: Path, name: str) -> None:
    write(tmp_path, compose_yaml="services: {db: {image: postgres}}", other_yaml="services: {db: {image: postgres}}")
    (tmp_path / name).write_text("services: {db: {ports: ['6000:5432'], environment: [POSTGRES_USER=o]}}")
    assert urls(tmp_path) == {"db": "postgresql://o@localhost:6000/o"}
    assert urls(tmp_path, ".") == {"db": "postgresql://o@localhost:6000/o"}
    assert urls(tmp_path, "other.yaml") == {}


def test_several_files_override_each_other(tmp_path: Path) -> None:
    write(tmp_path, compose_yaml=DB % ", environment: {POSTGRES_USER: a, POSTGRES_DB: d}")
    write(tmp_path, ci__ci_yaml="services: {db: {image: 'mariadb:11', command: x, ports: ['3306:3306']}}")
    write(tmp_path, compose_override_yaml="services: {never: {image: redis, ports: ['1:6379']}}")
    for arguments in (
        ("--compose", "compose.yaml", "ci/ci.yaml", "ci"),
        ("--compose", "compose.yaml", "ci", "--compose", "ci/ci.yaml", "ci"),
    ):
        result = run(*arguments, "-o", "-", folder=tmp_path)
        assert result.returncode == 0, result.stderr
        assert 'url = "mariadb://root@localhost:3306"' in result.stdout
        assert "never" not in result.stdout
        assert "[environments.ci.services.db]" in result.stdout


def test_service_extends_one_of_another_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        compose_yaml="services: {db: {extends: {service: pg, file: common/base.yaml}, "
        "environment: {POSTGRES_USER: own}}, replica: {extends: db, ports: !override ['5434:5432']}}",
        common__base_yaml="services: {pg: {extends: any, image: postgres, env_file: pg.env, ports: ['5433:5432']}, "
        "any: {environment: [POSTGRES_USER=base, POSTGRES_DB=base]}}",
        common__pg_env="POSTGRES_DB=file\nPOSTGRES_PASSWORD=s3cr\n",
    )
    assert urls(tmp_path) == {
        "db": "postgresql://own@localhost:5433/base",
        "replica": "postgresql://own@localhost:5434/base",
    }
    assert [draft.password_origin for draft in read(tmp_path).services] == [
        "POSTGRES_PASSWORD of db",
        "POSTGRES_PASSWORD of replica",
    ]


def test_included_file_has_its_own_folder_and_variables(tmp_path: Path) -> None:
    write(
        tmp_path,
        compose_yaml="include: [data/compose.yaml, {path: [more/a.yaml, more/b.yaml], env_file: more/x.env}]\n"
        "services: {app: {environment: {DATABASE_URL: 'postgres://u@db/x'}}}",
        _env="SHARED=6001\n",
        data__compose_yaml="services: {db: {image: postgres, env_file: db.env, ports: ['${SHARED}:5432']}, "
        "q: {image: rabbitmq, ports: ['${OWN}:5672']}}",
        data___env="SHARED=1\nOWN=6002\n",
        data__db_env="POSTGRES_USER=u\n",
        more__a_yaml="services: {c: {image: redis}}",
        more__b_yaml="services: {c: {ports: ['${X}:6379']}}",
        more__x_env="X=6003\n",
    )
    assert urls(tmp_path) == {
        "database": "postgres://u@localhost:6001/x",
        "q": "amqp://guest@localhost:6002",
        "c": "redis://localhost:6003",
    }


@pytest.mark.parametrize(
    ("top", "variables", "container"),
    [
        ("", "", "shop-web-1"),
        ("name: other", "", "other-web-1"),
        ("name: ${WHICH}-x", "WHICH=My\n", "my-x-web-1"),
        ("name: other", "COMPOSE_PROJECT_NAME=third\n", "third-web-1"),
    ],
)
def test_project_has_the_name_that_compose_gives_it(tmp_path: Path, top: str, variables: str, container: str) -> None:
    text = "services: {web: {image: nginx}, w2: {image: nginx, container_name: '${COMPOSE_PROJECT_NAME}_x'}}\n"
    folder = write(tmp_path, Shop__compose_yaml=f"{top}\n{text}", Shop___env=variables) / "Shop"
    project = container.removesuffix("-web-1")
    assert urls(folder) == {"web": f"nginx+docker://{container}", "w2": f"nginx+docker://{project}_x"}


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        ("profiles: [debug]", "db is not running: it runs only with the profile debug"),
        ("deploy: {replicas: 0}", "db is not running: it has 0 replicas"),
        ("scale: 0", "db is not running: it has 0 replicas"),
        ("profiles: [on]", ""),
        ("deploy: {replicas: 2}", ""),
    ],
)
def test_service_that_does_not_run_is_commented_out(tmp_path: Path, service: str, reason: str) -> None:
    write(tmp_path, compose_yaml=DB % f", {service}", _env="COMPOSE_PROFILES=x, on\n")
    draft = read(tmp_path).services[0]
    assert draft.obstacle == ((reason,) if reason else ())
    assert draft.target.address == "localhost:5432"


def test_suggested_ports_are_free_ones(tmp_path: Path) -> None:
    text = "services: {a: {image: postgres}, b: {image: postgres}, c: {image: x, ports: ['5433:80']}}"
    drafts = read(write(tmp_path, compose_yaml=text)).services
    assert [draft.target.port for draft in drafts] == [5432, 5434]
    assert [draft.obstacle[1] for draft in drafts] == [
        '    ports: ["127.0.0.1:5432:5432"]',
        '    ports: ["127.0.0.1:5434:5432"]',
    ]
    assert draft_line(drafts[0].obstacle) == f'url = "host+docker://{tmp_path.name}-a-1"'


def draft_line(lines: tuple[str, ...]) -> str:
    return lines[-1].partition(": ")[2]


def test_recognized_service_is_never_an_error(tmp_path: Path) -> None:
    write(tmp_path, compose_yaml="services: {db: {image: postgres}, production: {image: x}}")
    result = run("--compose", "compose.yaml", "production", folder=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "Commented out in production" in result.stderr
    text = (tmp_path / "parity.toml").read_text()
    assert "\n# [environments.production.services.db]   # postgres\n# url = " in text
    assert "\nbaseline" not in text


@pytest.mark.parametrize(
    ("top", "keys", "words"),
    [
        ("", "extends: db", "db extends db, which extends db: not followed"),
        ("", "extends: {service: db, file: ./compose.yaml}", "db extends db, which extends db: not followed"),
        ("", "extends: {service: x, file: b.yaml}", "x extends db, which extends x: not followed"),
        ("", "extends: {service: x, file: no.yaml}", "no.yaml cannot be read: No such file"),
        ("", "extends: x", "db extends x, which compose.yaml does not have"),
        ("", "env_file: no.env", "no.env of db cannot be read: No such file"),
        ("", 'env_file: ["a\\0b"]', "b of db cannot be read: No such file"),
        ("include: [compose.yaml]", "scale: 1", "compose.yaml includes itself"),
        ("include: [b.yaml]", "scale: 1", "compose.yaml includes itself"),
        ("include: [no.yaml]", "scale: 1", "no.yaml cannot be read: No such file"),
        ("include: [{path: 'oci://x/y'}]", "scale: 1", "oci://x/y is not fetched"),
    ],
)
def test_file_that_cannot_be_followed_is_named(tmp_path: Path, top: str, keys: str, words: str) -> None:
    write(
        tmp_path,
        compose_yaml=f"{top}\nservices: {{db: {{image: redis, {keys}}}}}",
        b_yaml="include: [./compose.yaml]\nservices: {x: {image: redis, extends: {service: db, file: compose.yaml}}}",
    )
    found = read(tmp_path)
    assert words in "\n".join(found.left_out)
    assert [draft.target.kind for draft in found.services if draft.target.service == "db"] == ["redis"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("compose.yaml", ""),
        (".env", "services: {db: {image: redis}}"),
        ("pipe", "services: {db: {image: redis, env_file: pipe}}"),
        ("pipe", "services: {db: {image: redis, build: {dockerfile: pipe}}}"),
        ("pipe", "include: [pipe]\nservices: {db: {image: redis}}"),
        ("pipe", "services: {db: {image: redis, extends: {file: pipe, service: x}}}"),
    ],
)
def test_named_pipe_does_not_hang(tmp_path: Path, name: str, text: str) -> None:
    if text:
        write(tmp_path, compose_yaml=text)
    os.mkfifo(tmp_path / name)
    result = run("--compose", "compose.yaml", "-o", "-", folder=tmp_path)
    assert result.returncode == (0 if text else 2)
    assert "named pipe" in result.stderr


def test_files_that_include_the_same_ones_end_soon(tmp_path: Path) -> None:
    for level in range(30):
        for side in "ab":
            text = f"include: [{level + 1}a.yaml, {level + 1}b.yaml]\nservices: {{s{level}{side}: {{image: redis}}}}\n"
            (tmp_path / f"{level}{side}.yaml").write_text(text)
    assert len(read(tmp_path, "0a.yaml").services) == 59


FAT = "services:\n  fat: {image: redis, ports: [" + "'1:1', " * 9_000 + "]}\n"
HOSTILE = {
    "extends": FAT + "".join(f"  s{number}: {{extends: fat}}\n" for number in range(100)),
    "chain": "services:\n  s0: {image: redis}\n"
    + "".join(f"  s{number}: {{extends: s{number - 1}, ports: ['1:1', '2:2']}}\n" for number in range(1, 1_500)),
    "env files": "services:\n" + "".join(f"  s{number}: {{env_file: big.env}}\n" for number in range(100)),
    "references": "services:\n" + "".join(f"  s{number}: {{image: $BIG}}\n" for number in range(200)),
    "includes": "include:\n" + "".join(f"  - f{number}.yaml\n" for number in range(600)),
    "ranges": "services:\n" + "".join(f"  s{number}: {{ports: ['1-60000:1-60000']}}\n" for number in range(600)),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_project_that_multiplies_ends_soon(tmp_path: Path, name: str) -> None:
    big = "".join(f"A{number}=x\n" for number in range(9_000))
    write(tmp_path, compose_yaml=HOSTILE[name], big_env=big, _env="BIG=" + "x" * 90_000 + "\n")
    with pytest.raises(ConfigError, match="more than"):
        read(tmp_path)
