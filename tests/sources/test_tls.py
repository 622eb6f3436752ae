"""Whom TLS trusts, where the system keeps that in a store of its own."""

import asyncio
import ssl
import sys
from pathlib import Path

import pytest
import trustme
import truststore

from sse_cli.sources import tls
from sse_cli.sources.dialer import Dialer
from sse_cli.sources.message import message_of
from sse_cli.sources.request import Request
from sse_cli.sources.route import Route
from sse_cli.sources.source import Unreachable
from tests.e2e.tls import tls_server, write_authority


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("darwin", None, True),
        ("win32", None, True),
        ("darwin", "SSL_CERT_FILE", False),
        ("win32", "SSL_CERT_DIR", False),
        ("linux", None, False),
    ],
)
def test_which_systems_have_a_store_that_openssl_does_not_know(
    platform: str, variable: str | None, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    if variable is not None:
        monkeypatch.setenv(variable, "there")
    monkeypatch.setattr(sys, "platform", platform)
    assert tls._has_own_store() is expected


def status_of(url: str, route: Route) -> int:
    """Return the status of what is answered to a request."""

    async def go() -> int:
        connection = await Dialer(route).send(message_of(Request(method="GET", url=url)))
        connection.close()
        return connection.status

    return asyncio.run(go())


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no variable names what truststore trusts")
def test_the_store_is_asked_about_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    monkeypatch.setattr(tls, "_has_own_store", lambda: True)
    assert type(tls.make_context(Route())) is truststore.SSLContext
    with tls_server(authority) as url:
        with pytest.raises(Unreachable, match="is not trusted: unable to get local issuer") as caught:
            status_of(url, Route())
        assert "--cacert FILE" in caught.value.hint
        monkeypatch.setenv("SSL_CERT_FILE", write_authority(authority, tmp_path))
        assert status_of(url, Route()) == 200
        with pytest.raises(Unreachable, match="is not trusted: Hostname mismatch"):
            status_of(url.replace("127.0.0.1", "localhost"), Route())


@pytest.mark.parametrize("number", [-67843, 0x800B0109, 20])
def test_what_each_system_says_of_an_unknown_authority_gets_the_same_advice(number: int) -> None:
    error = ssl.SSLCertVerificationError("x")
    error.verify_message, error.verify_code = "not trusted", number
    assert "--cacert FILE trusts the authority" in tls.tls_error(error, "h:443").hint
    assert "--proxy-cacert FILE trusts the authority" in tls.tls_error(error, "p:1", of_proxy=True).hint


def test_who_takes_any_certificate_asks_no_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "_has_own_store", lambda: True)
    context = tls.make_context(Route(insecure=True))
    assert (type(context), context.verify_mode) == (ssl.SSLContext, ssl.CERT_NONE)
    with tls_server() as url:
        assert status_of(url, Route(insecure=True)) == 200
