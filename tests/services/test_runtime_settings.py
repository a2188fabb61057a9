"""Runtimes: settings of each language, differences that are none, and commands that fail."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from parity_tui.model import Reading, ServiceError, Severity, State, Verdict
from parity_tui.services.runtime.parse import parse
from tests.services.roots import executable
from tests.services.test_runtime import listed, read, rows, target


async def _with(tmp_path: Path, program: str, variables: str = "", options: str = "") -> Reading:
    """Read a command of this name that starts the real one with variables and options."""
    real = shutil.which(program)
    if not real:
        pytest.skip(f"{program} is not installed")
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    return await read(target(str(executable(folder, program, f'exec env {variables} {real} {options} "$@"'))))


@pytest.mark.parametrize(
    ("program", "variables", "setting"),
    [
        ("python3", "PYTHONHASHSEED=0", "hash_seed"),
        ("python3", "PYTHONHASHSEED=42", "hash_seed"),
        ("python3", "PYTHONWARNINGS=error", "warnings"),
        ("python3", "PYTHONDEVMODE=1", "flag.dev_mode"),
        ("python3", "PYTHONOPTIMIZE=1", "optimize"),
        ("node", "NODE_TLS_REJECT_UNAUTHORIZED=0", "tls.verify"),
        ("node", "NODE_OPTIONS=--max-old-space-size=256", "heap_limit"),
        ("node", "NODE_OPTIONS=--tls-min-v1.3", "tls.min_version"),
        ("node", "NODE_OPTIONS=--dns-result-order=ipv4first", "dns.order"),
        ("java", "JAVA_TOOL_OPTIONS=-Xmx200m", "flag.MaxHeapSize"),
        ("java", "JAVA_TOOL_OPTIONS=-XX:+UseSerialGC", "gc"),
        ("java", "JAVA_TOOL_OPTIONS=-XX:MaxRAMPercentage=75", "flag.MaxRAMPercentage"),
        ("java", "JAVA_TOOL_OPTIONS=-Dfile.encoding=ISO-8859-1", "encoding"),
        ("java", "JAVA_TOOL_OPTIONS=-Djava.net.preferIPv4Stack=true", "property.java.net.preferIPv4Stack"),
        ("java", "JAVA_TOOL_OPTIONS=-XX:+HeapDumpOnOutOfMemoryError", "flag.HeapDumpOnOutOfMemoryError"),
        ("java", "JAVA_TOOL_OPTIONS=-Dsun.net.inetaddr.ttl=10", "property.sun.net.inetaddr.ttl"),
        ("java", "JAVA_TOOL_OPTIONS=-Xms50m", "flag.InitialHeapSize"),
        ("java", "JAVA_TOOL_OPTIONS=-XX:ActiveProcessorCount=1", "flag.ActiveProcessorCount"),
        ("java", "JAVA_TOOL_OPTIONS=-Xint", "flag.TieredCompilation"),
        ("python3", "PYTHONUTF8=0 LC_ALL=C PYTHONCOERCECLOCALE=0", "encoding.files"),
        ("node", "NODE_OPTIONS=--enable-source-maps", "options"),
        ("ruby", "RUBYOPT=-Eiso-8859-1", "encoding"),
        ("go", "GOPRIVATE=x.example", "go.GOPRIVATE"),
        ("go", "GOARCH=arm64", "go.GOARCH"),
        ("go", "GOOS=windows", "go.GOOS"),
        ("erl", "ERL_FLAGS=+Q\\ 2048", "limit.ports"),
        ("elixir", "ERL_FLAGS=+Q\\ 2048", "limit.ports"),
        ("ruby", "RUBYOPT=-w", "options"),
        ("go", "GOFLAGS=-mod=vendor", "go.GOFLAGS"),
        ("go", "CGO_ENABLED=0", "go.CGO_ENABLED"),
    ],
)
async def test_one_variable_gives_one_row(program: str, variables: str, setting: str, tmp_path: Path) -> None:
    plain, planted = await _with(tmp_path, program), await _with(tmp_path, program, variables)
    assert listed(plain, planted) == {setting}


@pytest.mark.parametrize(
    ("program", "options", "setting"),
    [
        ("python3", "-X faulthandler", "flag.faulthandler"),
        ("python3", "-X tracemalloc", "flag.tracemalloc"),
        ("python3", "-I", "flag.isolated"),
        ("python3", "-bb", "flag.bytes_warning"),
        ("node", "--max-old-space-size=256", "heap_limit"),
        ("node", "--tls-min-v1.3", "tls.min_version"),
        ("node", "--max-http-header-size=65536", "max_header_size"),
        ("ruby", "-w", "verbose"),
        ("ruby", "--enable=frozen-string-literal", "frozen_string_literal"),
        ("erl", "+P 1000000", "limit.processes"),
    ],
)
async def test_one_option_gives_one_row(program: str, options: str, setting: str, tmp_path: Path) -> None:
    plain, planted = await _with(tmp_path, program), await _with(tmp_path, program, "", options)
    assert listed(plain, planted) == {setting}


@pytest.mark.parametrize(
    ("program", "one", "other"),
    [
        ("node", ("", "--enable-source-maps"), ("NODE_OPTIONS=--enable_source_maps", "")),
        ("node", ("", "--max_old_space_size=100"), ("NODE_OPTIONS=--max-old-space-size=100", "")),
        ("python3", ("", "-X faulthandler"), ("PYTHONFAULTHANDLER=1", "")),
        ("php", ("", "-d disable_functions=exec,system"), ("", "-d disable_functions=system,exec")),
        ("php", ("", "-d output_buffering=Off"), ("", "-d output_buffering=0")),
    ],
)
async def test_same_option_written_differently_is_no_row(
    program: str, one: tuple[str, str], other: tuple[str, str], tmp_path: Path
) -> None:
    assert listed(await _with(tmp_path, program, *one), await _with(tmp_path, program, *other)) == set()


@pytest.mark.parametrize(
    ("program", "variable", "value", "setting"),
    [
        ("python3", "SSL_CERT_FILE", "/tmp/ca.pem", "env.SSL_CERT_FILE"),
        ("python3", "PYTHONPATH", "/opt/lib", "env.PYTHONPATH"),
        ("node", "NODE_PATH", "/opt/lib", "env.NODE_PATH"),
        ("ruby", "MALLOC_ARENA_MAX", "2", "env.MALLOC_ARENA_MAX"),
        ("ruby", "RAILS_ENV", "production", "env.RAILS_ENV"),
        ("php", "APP_ENV", "prod", "env.APP_ENV"),
        ("go", "GOMEMLIMIT", "1GiB", "env.GOMEMLIMIT"),
        ("java", "HTTPS_PROXY", "http://app:s3cr@proxy:3128", "env.https_proxy"),
    ],
)
async def test_variable_of_the_login_is_a_row(
    program: str, variable: str, value: str, setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = await _with(tmp_path, program)
    monkeypatch.setenv(variable, value)
    planted = await _with(tmp_path, program)
    assert listed(plain, planted) == {setting}
    assert "s3cr" not in repr(planted)


async def test_address_of_a_proxy_belongs_to_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readings = []
    for host in ("dev", "prod"):
        monkeypatch.setenv("https_proxy", f"http://proxy.{host}:3128")
        readings.append(await _with(tmp_path, "python3"))
    assert listed(*readings) == set()


async def test_ruby_without_gems_hides_its_packages(tmp_path: Path) -> None:
    reading = await _with(tmp_path, "ruby", "", "--disable=gems")
    assert reading.facts["packages"].state is State.HIDDEN


@pytest.mark.parametrize("program", ["python3", "ruby", "java", "php", "node"])
async def test_time_zone_in_force_is_compared(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variable, link of the tz database and the machine's zone are one thing, as for hosts."""
    option = "-d date.timezone={}" if program == "php" else ""
    readings = []
    for zone in ("UTC", "Etc/UTC", "Asia/Tokyo"):
        monkeypatch.setenv("TZ", zone)
        readings.append(await _with(tmp_path, program, "", option.format(zone)))
    utc, linked, other = readings
    assert listed(utc, linked) == set()
    assert "timezone" in listed(utc, other) <= {"timezone"}
    row = rows(utc, other)["timezone"]
    assert (row.verdict, row.severity, row.text(1)) == (Verdict.DRIFT, Severity.CRITICAL, "Japanese time")


async def test_zone_property_of_java_wins_over_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    machine = await _with(tmp_path, "java")
    same = await _with(tmp_path, "java", "JAVA_TOOL_OPTIONS=-Duser.timezone=UTC")
    other = await _with(tmp_path, "java", "JAVA_TOOL_OPTIONS=-Duser.timezone=Asia/Tokyo")
    assert listed(machine, same) == set()
    assert listed(machine, other) == {"timezone"}


async def test_c_utf8_locale_and_none_are_the_same(tmp_path: Path) -> None:
    """Python reads files as UTF-8 in both."""
    named = await _with(tmp_path, "python3", "-u LC_ALL LANG=C.UTF-8")
    unset = await _with(tmp_path, "python3", "-u LC_ALL -u LANG")
    assert listed(named, unset) == set()


async def test_settings_of_php_are_all_read(tmp_path: Path) -> None:
    short, long = [await _with(tmp_path, "php", "", f"-d memory_limit={size}") for size in ("256M", "268435456")]
    assert listed(short, long) == set()
    planted = await _with(tmp_path, "php", "", "-d memory_limit=256M -d session.gc_maxlifetime=60 -d display_errors=1")
    assert listed(short, planted) == {"ini.session.gc_maxlifetime", "ini.display_errors"}
    assert len([name for name in short.facts if name.startswith("ini.")]) > 150


async def test_php_without_extensions_gives_one_row(tmp_path: Path) -> None:
    full, bare = await _with(tmp_path, "php"), await _with(tmp_path, "php", "PHP_INI_SCAN_DIR=")
    folded = {name for name, row in rows(full, bare).items() if row.explained_by == "extensions"}
    assert len(folded) > 10
    assert listed(full, bare) - {"env.PHP_INI_SCAN_DIR"} == {"extensions"}


def test_fpm_has_limits_of_its_own() -> None:
    """They are printed as name, value of the pool, value of the file."""
    info = (
        "phpinfo()\nPHP Version => 8.2.36\nServer API => FPM/FastCGI\nThread Safety => disabled\n"
        "Directive => Local Value => Master Value\nmemory_limit => 256M => 256M\nerror_log => no value => no value\n"
        "Default timezone => UTC\n[PHP Modules]\nCore\nmbstring\n\n[Zend Modules]\nZend OPcache\n"
    )
    reading = parse(f"\n@@7\n{info}\n@@7 0\n", "@@7", "php-fpm8.2", target("php-fpm8.2"))
    assert (reading.product, reading.version) == ("PHP", "8.2.36")
    assert reading.facts["ini.memory_limit"].canonical == "256 MB"
    assert reading.facts["extensions"].raw == "core, mbstring, zend opcache"


async def test_nodejs_is_node(tmp_path: Path) -> None:
    node = shutil.which("node")
    if not node:
        pytest.skip("node is not installed")
    other = await read(target(str(executable(tmp_path, "nodejs", f'exec {node} "$@"'))))
    assert listed(await read(target(node)), other) == set()


@pytest.mark.parametrize("version", ["1.14.5", "1.16.0"])
async def test_line_that_names_the_program_has_its_version(version: str, tmp_path: Path) -> None:
    text = f"echo 'Erlang/OTP 25 [erts-14.2.1] [64-bit]'; echo; echo 'Elixir {version} (compiled with Erlang/OTP 25)'"
    reading = await read(target(str(executable(tmp_path, "elixir", text))))
    assert (reading.product, reading.version) == ("elixir", version)
    assert reading.facts["library.erlang"].raw == "25"


@pytest.mark.parametrize(
    ("end", "words"), [("kill -9 $$", "was killed by signal 9"), ("exit 9", "ends with code 9: .*package.a")]
)
async def test_command_that_fails_is_not_believed(end: str, words: str, tmp_path: Path) -> None:
    """Its output ends in the middle: what is missing is not absent."""
    text = f"printf 'product\\tRuby\\nversion\\t3.1.2\\npackage.a\\t1\\n'; {end}"
    with pytest.raises(ServiceError, match=words) as caught:
        await read(target(str(executable(tmp_path, "ruby", text)), "b"))
    assert caught.value.reason == "server"


def test_packages_that_cannot_be_listed_are_hidden_everywhere() -> None:
    output = "\n@@7\nproduct\tCPython\nversion\t3.11.2\nno packages\tyes\n\n@@7 0\n"
    reading = parse(output, "@@7", "python3", target("python3", "django"))
    assert reading.facts["packages"].state is State.HIDDEN
    assert "package.django" not in reading.facts
    assert [name.partition(":")[0] for name in listed(reading, reading)] == ["hidden"]


async def test_secrets_in_variables_are_compared_by_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    readings = []
    for word in ("s3crA", "s3crB"):
        monkeypatch.setenv("NODE_AUTH_TOKEN", word)
        readings.append(await read(target("node")))
    one, other = readings
    assert "s3cr" not in repr(one)
    assert listed(one, other) == {"env.NODE_AUTH_TOKEN"}
