"""TLS of web servers: planted differences of certificate and cipher, and certificates in any bytes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui.demo.process import free_port
from parity_tui.demo.servers import Servers
from parity_tui.model import Reading, State, TlsMode, Verdict
from parity_tui.transport.certificate import Properties, properties
from tests.services import web
from tests.services.test_http import at, reading, tls_port

EC = "ec -pkeyopt ec_paramgen_curve:P-{}"


class Authority:
    """Two roots and an intermediate authority in a folder, and the certificates that they sign."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = str(folder / "all.pem")
        for name in ("one", "two"):
            self._run(f"req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.pem -days 900 -subj /O={name}")
        self.sign("middle", extension="basicConstraints=critical,CA:TRUE")
        texts = [(folder / f"{name}.pem").read_text() for name in ("one", "two", "middle")]
        Path(self.file).write_text("".join(texts))

    def _run(self, words: str) -> None:
        subprocess.run(["openssl", *words.split()], cwd=self.folder, check=True, capture_output=True)

    def sign(
        self, name: str, key: str = "rsa:2048", by: str = "one", digest: str = "sha256", extension: str = ""
    ) -> tuple[str, str]:
        """Make a certificate for 127.0.0.1 and return the texts of it and of its key."""
        (self.folder / "ext").write_text(f"{extension or 'subjectAltName=IP:127.0.0.1'}\n")
        self._run(f"req -newkey {key} -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}")
        signer = f"-CA {by}.pem -CAkey {by}.key -CAcreateserial -days 800 -extfile ext"
        self._run(f"x509 -req -{digest} -in {name}.csr -out {name}.pem {signer}")
        return (self.folder / f"{name}.pem").read_text(), (self.folder / f"{name}.key").read_text()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def serve(servers: Servers) -> Callable[[tuple[str, str], str], int]:
    """Return a function that starts an nginx with a certificate and directives, and returns its port with TLS."""

    def start(pair: tuple[str, str], directives: str = "") -> int:
        cert, key = (servers.file(f"tls-{free_port()}", text) for text in pair)
        secured = f"ssl_certificate {cert}; ssl_certificate_key {key}; {directives}"
        return tls_port(servers.nginx("1.22", sites=f"server {{ listen 127.0.0.1:{free_port()} ssl; {secured} }}"))

    return start


async def _read(port: int, authority: Authority, mode: TlsMode = TlsMode.VERIFY_FULL) -> Reading:
    ca = authority.file if mode is TlsMode.VERIFY_FULL else ""
    return await reading(at(port, scheme="https", ca=ca, tls=mode))


def _drift(*readings: Reading) -> set[str]:
    return web.drift(*readings, kind="http")


SERVE = Callable[[tuple[str, str], str], int]
STAPLE = "subjectAltName=IP:127.0.0.1\ntlsfeature=status_request"


@pytest.mark.parametrize(
    ("planted", "setting", "text"),
    [
        ({"key": "rsa:4096"}, "certificate.algorithm", "RSA, 4096 bits"),
        ({"key": EC.format(256)}, "certificate.algorithm", "EC, P-256"),
        ({"key": "ed25519"}, "certificate.algorithm", "Ed25519"),
        ({"digest": "sha512"}, "certificate.signed_with", "SHA-512 with RSA"),
        ({"by": "two", "digest": "sha512"}, "certificate.issuer", "two"),
        ({"extension": "subjectAltName=IP:127.0.0.1,DNS:*.shop.example"}, "certificate.wildcard", "yes"),
        ({"extension": STAPLE}, "certificate.must_staple", "yes"),
        ({}, "", ""),
    ],
)
async def test_property_of_a_certificate_is_one_row(
    planted: dict[str, str], setting: str, text: str, authority: Authority, serve: SERVE
) -> None:
    """A renewed certificate of the same sort gives no row."""
    plain = await _read(serve(authority.sign("plain"), ""), authority)
    other = await _read(serve(authority.sign("planted", **planted), ""), authority)
    assert _drift(plain, other) == ({setting} if setting else set())
    assert not setting or other.facts[setting].raw == text


async def test_missing_intermediate_certificate_is_a_row(authority: Authority, serve: SERVE) -> None:
    """We know the intermediate authority here; clients that do not would refuse the server."""
    cert, key = authority.sign("below", by="middle")
    middle = (authority.folder / "middle.pem").read_text()
    whole, lacking = serve((cert + middle, key), ""), serve((cert, key), "")
    assert _drift(await _read(whole, authority), await _read(lacking, authority)) == {"certificate.chain"}


@pytest.mark.parametrize(
    ("directives", "setting"),
    [
        ("ssl_ciphers ECDHE-RSA-AES128-SHA256;", "tls.1.2.cipher"),
        ("ssl_session_tickets off;", "tls.1.2.tickets"),
        ("ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;", "tls.1.3.cipher"),
        ("ssl_protocols TLSv1.3;", "tls.1.2"),
        ("ssl_protocols TLSv1.2;", "tls.version"),
    ],
)
async def test_choice_of_the_server_is_one_row(
    directives: str, setting: str, authority: Authority, serve: SERVE
) -> None:
    pair = authority.sign("plain")
    versions = "" if "protocols" in directives else "ssl_protocols TLSv1.2 TLSv1.3;"
    one = await _read(serve(pair, "ssl_protocols TLSv1.2 TLSv1.3;"), authority)
    assert _drift(one, await _read(serve(pair, f"{versions} {directives}"), authority)) == {setting}


async def test_choices_are_unknown_where_our_ciphers_are_refused(authority: Authority, serve: SERVE) -> None:
    pair = authority.sign("plain")
    plain = await _read(serve(pair, "ssl_protocols TLSv1.2 TLSv1.3;"), authority)
    refused = await _read(serve(pair, "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers AES128-SHA:@SECLEVEL=0;"), authority)
    assert _drift(plain, refused) == set()
    assert web.rows(plain, refused, kind="http")["tls.1.2.cipher"].verdict is Verdict.UNKNOWN


async def test_certificate_that_is_not_verified_is_unknown(authority: Authority, serve: SERVE) -> None:
    """Its sender may be anybody."""
    seen = await _read(serve(authority.sign("plain"), ""), authority, TlsMode.REQUIRE)
    names = [name for name in seen.facts if name.startswith("certificate.")]
    assert len(names) > 4
    assert {seen.facts[name].state for name in names} == {State.UNKNOWN}


async def test_server_without_tls_is_one_row(servers: Servers, authority: Authority, serve: SERVE) -> None:
    secured = await _read(serve(authority.sign("plain"), ""), authority)
    plain = await reading(at(servers.nginx("1.22").port))
    assert _drift(plain, secured) == {"tls.version"}


@given(st.binary(max_size=300))
def test_any_bytes_have_properties(der: bytes) -> None:
    assert isinstance(properties(der), Properties)


def test_damaged_certificate_has_properties(authority: Authority) -> None:
    """Cut anywhere, and with any byte changed."""
    words = ["openssl", "x509", "-in", "one.pem", "-outform", "DER"]
    der = subprocess.run(words, cwd=authority.folder, check=True, capture_output=True).stdout
    assert properties(der).key == "RSA, 2048 bits"
    for at_byte in range(len(der)):
        assert isinstance(properties(der[:at_byte]), Properties)
        assert isinstance(properties(der[:at_byte] + b"\xff" + der[at_byte + 1 :]), Properties)
