"""Authorities of one's own, and servers that want a client's certificate."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from tests.e2e.command import Result, sse
from tests.e2e.tls import tls_server, write_authority, write_client

AUTHORITY, CLIENTS = trustme.CA(), trustme.CA()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def cacert(folder: Path) -> str:
    return write_authority(AUTHORITY, folder)


@pytest.fixture(scope="module")
def client(folder: Path) -> tuple[str, str, str]:
    return write_client(CLIENTS, folder)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with tls_server(AUTHORITY) as url:
        yield url


@pytest.fixture(scope="module")
def asking() -> Iterator[str]:
    with tls_server(AUTHORITY, CLIENTS) as url:
        yield url


def check_usage(result: Result, *told: str) -> None:
    assert (result.code, result.out, result.summary) == (2, b"", {})
    for text in told:
        assert text in result.err


def test_an_authority_of_ones_own(server: str, cacert: str) -> None:
    assert sse(server, "--cacert", cacert).text == "over TLS\n"


def test_it_takes_the_place_of_the_systems_and_of_no_other(server: str, cacert: str, tmp_path: Path) -> None:
    other = write_authority(trustme.CA(), tmp_path)
    result = sse(server, "--cacert", other)
    assert result.verdict == ("unreachable", 3)
    assert "is not trusted" in result.err
    assert "--cacert FILE trusts the authority" in result.err


def test_openssls_variables_say_whom_to_trust(server: str, cacert: str) -> None:
    assert sse(server, env={"SSL_CERT_FILE": cacert}).text == "over TLS\n"


def test_another_name_than_the_certificates(server: str, cacert: str) -> None:
    result = sse(server.replace("127.0.0.1", "localhost"), "--cacert", cacert)
    assert result.verdict == ("unreachable", 3)
    assert "Is it the right host?" in result.err


@pytest.mark.parametrize("together", [True, False])
def test_a_clients_certificate(
    asking: str, cacert: str, client: tuple[str, str, str], together: bool
) -> None:
    cert, key, both = client
    own = ("--cert", both) if together else ("--cert", cert, "--key", key)
    assert sse(asking, "--cacert", cacert, *own).text == "over TLS\n"


def test_a_server_that_misses_it_says_so_when_the_handshake_is_over(asking: str, cacert: str) -> None:
    result = sse(asking, "--cacert", cacert)
    assert result.verdict == ("unreachable", 3)
    assert "wants a client certificate (TLS: certificate required)" in result.err
    assert "--cert FILE" in result.err


def test_a_clients_certificate_of_an_unknown_authority(asking: str, cacert: str, tmp_path: Path) -> None:
    stranger = write_client(trustme.CA(), tmp_path)[2]
    result = sse(asking, "--cacert", cacert, "--cert", stranger)
    assert result.verdict == ("unreachable", 3)
    assert "does not know the authority of the client certificate (TLS: unknown ca)" in result.err


@pytest.mark.parametrize("option", ["--cacert", "--cert"])
def test_files_that_cannot_be_used(server: str, option: str, tmp_path: Path) -> None:
    check_usage(sse(server, option, "no-such.pem"), option, "cannot read no-such.pem", "path right?")
    check_usage(sse(server, option, str(tmp_path)), option, "Is a directory")
    other = tmp_path / "other.pem"
    other.write_text("no PEM at all")
    check_usage(sse(server, option, str(other)), "there is no certificate in", "BEGIN CERTIFICATE")


def test_keys_that_cannot_be_used(
    server: str, client: tuple[str, str, str], folder: Path, tmp_path: Path
) -> None:
    cert, key, _ = client
    check_usage(sse(server, "--key", key), "--key", "Add --cert FILE")
    check_usage(sse(server, "--cert", cert), "with a key in", "--key FILE names it")
    check_usage(sse(server, "--cert", cert, "--key", "no-such.pem"), "--key: cannot read no-such.pem")
    other = write_client(CLIENTS, tmp_path, "other")[1]
    check_usage(sse(server, "--cert", cert, "--key", other), "does not fit the first certificate")
    locked = tmp_path / "locked.pem"
    opened = load_pem_private_key(Path(key).read_bytes(), None)
    form = (Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open"))
    locked.write_bytes(opened.private_bytes(*form))
    check_usage(
        sse(server, "--cert", cert, "--key", str(locked)), "is locked with a password", "openssl pkey"
    )
