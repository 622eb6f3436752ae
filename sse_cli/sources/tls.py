"""What TLS needs of us: the context of a route, and its errors in words that say what to do."""

import os
import re
import ssl
import sys

from sse_cli.errors import UsageError
from sse_cli.sources.route import Route
from sse_cli.sources.source import Futile, Unreachable

_UNKNOWN_CA = "{cacert} FILE trusts the authority in FILE; "
_INSECURE = "{insecure} accepts any certificate; use it only where you know the {peer}."
_OF_SERVERS = {"cacert": "--cacert", "insecure": "-k", "peer": "server"}
_OF_PROXIES = {"cacert": "--proxy-cacert", "insecure": "--proxy-insecure", "peer": "proxy"}
# The verify_code of an error is a number of OpenSSL's (X509_V_ERR), macOS's (errSec) or Windows's (CERT_E).
_DATES = dict.fromkeys((9, 10, -67818, -67819, 0x800B0101), "Is this machine's clock right? ")
_NAMES = dict.fromkeys((62, 64, -67602, 0x800B010F), "Is it the right host? ")
_ISSUERS = dict.fromkeys((2, 18, 19, 20, 21, -67843, 0x800B0109, 0x800B010A), _UNKNOWN_CA)
_ADVICE = {**_DATES, **_NAMES, **_ISSUERS}

_WANTED = "Does it want a client certificate? Give one with --cert FILE, and its key with --key FILE."
_NOT_TAKEN = "Is --cert of an authority that the server knows, and has it not expired?"
_NONE_FOR_PROXIES = "A proxy is given none: --cert is for the server behind it."
_ALERTS = {
    "CERTIFICATE_REQUIRED": ("{place} wants a client certificate", _WANTED),
    "HANDSHAKE_FAILURE": ("{place} refused the TLS handshake", _WANTED),
    "UNKNOWN_CA": ("{place} does not know the authority of the client certificate", _NOT_TAKEN),
    "BAD_CERTIFICATE": ("{place} does not take the client certificate", _NOT_TAKEN),
    "UNSUPPORTED_CERTIFICATE": ("{place} does not take the client certificate", _NOT_TAKEN),
    "CERTIFICATE_REVOKED": ("{place} says the client certificate is revoked", _NOT_TAKEN),
    "CERTIFICATE_EXPIRED": ("{place} says the client certificate has expired", _NOT_TAKEN),
    "CERTIFICATE_UNKNOWN": ("{place} does not take the client certificate", _NOT_TAKEN),
    "DECRYPT_ERROR": ("{place} could not verify the client certificate", _NOT_TAKEN),
    "NO_APPLICATION_PROTOCOL": (
        "{place} takes no version of HTTP that it is offered",
        "--http2 offers HTTP/2 and HTTP/1.1, without it there is HTTP/1.1 alone.",
    ),
}
"""The alerts that a server sends about our certificate (RFC 8446, section 6.2), and about ALPN (RFC 7301)."""

_SAID = re.compile(r"\[SSL\] | \(.*")  # around the words

_NO_TLS = "Does the {peer} speak TLS on this port? If not, the URL should begin with http://."
_PEM = "It should be PEM: text with -----BEGIN CERTIFICATE----- in it."


def make_context(route: Route) -> ssl.SSLContext:
    """Return a context that trusts what the route says. Raises `UsageError` for files that cannot be used."""
    context = _trusting("--cacert", route.cacert, insecure=route.insecure)
    if route.cert is not None:
        load_own(context, route.cert, route.key)
    context.set_alpn_protocols(route.offers)
    return context


def make_proxy_context(route: Route) -> ssl.SSLContext:
    """Return a context for TLS with a proxy itself. Raises `UsageError`."""
    context = _trusting("--proxy-cacert", route.proxy_cacert, insecure=route.proxy_insecure)
    context.set_alpn_protocols(["http/1.1"])
    return context


def tls_error(error: ssl.SSLError, place: str, *, of_proxy: bool = False) -> Unreachable:
    """Translate what TLS raised, in the handshake or after it, into one message with a hint."""
    names = _OF_PROXIES if of_proxy else _OF_SERVERS
    if isinstance(error, ssl.SSLCertVerificationError):
        return Futile(
            f"the TLS certificate of {place} is not trusted: {error.verify_message}",
            (_ADVICE.get(error.verify_code, "") + _INSECURE).format(**names),
        )
    # Not every Python has a name for every alert, but OpenSSL has words for all.
    reason = getattr(error, "reason", None) or _SAID.sub("", str(error)).upper().replace(" ", "_")
    alert = reason.partition("_ALERT_")[2]
    if alert in _ALERTS:
        message, hint = _ALERTS[alert]
        text = f"{message.format(place=place)} (TLS: {alert.replace('_', ' ').lower()})"
        return Futile(text, _NONE_FOR_PROXIES if of_proxy else hint)
    return Unreachable(f"TLS failed with {place}: {reason or error}", _NO_TLS.format(**names))


def _trusting(option: str, cacert: str | None, *, insecure: bool) -> ssl.SSLContext:
    context = _systems(insecure=insecure) if cacert is None else _of_file(option, cacert)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _systems(*, insecure: bool) -> ssl.SSLContext:
    """Return a context that trusts what the system does or, where it has nothing, certifi's list."""
    if _has_own_store() and not insecure:
        import truststore

        context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if log := os.environ.get("SSLKEYLOGFILE"):  # as with contexts of the standard library's making
            context.keylog_filename = log
        return context
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath or context.cert_store_stats()["x509_ca"]):
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def _has_own_store() -> bool:
    """Tell whether the system has authorities that OpenSSL does not know of, or not all of them.

    macOS keeps them in its keychain, and Windows fetches some when they are first needed. The variables of
    OpenSSL go before, as on other systems.
    """
    named = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
    return sys.platform in {"darwin", "win32"} and not named


def _of_file(option: str, file: str) -> ssl.SSLContext:
    _check_readable(option, file)
    try:
        return ssl.create_default_context(cafile=file)
    except ssl.SSLError as error:
        raise UsageError(f"{option}: there is no certificate in {file}", _PEM) from error


def load_own(context: ssl.SSLContext, cert: str, key: str | None) -> None:
    """Load a certificate and its key, which may stand in one file. Raises `UsageError`."""
    _check_readable("--cert", cert)
    if key is not None:
        _check_readable("--key", key)
    asked: list[bool] = []

    def no_password() -> str:  # without it, OpenSSL would ask on the terminal, or wait for ever
        asked.append(True)
        return ""

    try:
        context.load_cert_chain(cert, key, password=no_password)
    except (ssl.SSLError, ValueError) as error:
        raise _unfit(error, cert, key, locked=bool(asked)) from error


def _unfit(error: Exception, cert: str, key: str | None, *, locked: bool) -> UsageError:
    """Return the error for a certificate and a key that OpenSSL does not take."""
    where = key if key is not None else cert
    if locked:
        return UsageError(
            f"the key in {where} is locked with a password",
            "This writes it without one: openssl pkey -in KEY -out FILE.",
        )
    if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
        return UsageError(
            f"the key in {where} does not fit the first certificate in {cert}",
            "The client's own certificate comes first, and --key is the key that it was made for.",
        )
    hint = "" if key is not None else " Where the key is in a file of its own, --key FILE names it."
    return UsageError(f"there is no certificate in {cert} with a key in {where}", _PEM + hint)


def _check_readable(option: str, file: str) -> None:
    """OpenSSL says little of a file that it cannot read. Raises `UsageError`."""
    try:
        with open(file, "rb") as opened:
            opened.read(1)
    except OSError as error:
        raise UsageError(f"{option}: cannot read {file}: {error.strerror}", "Is the path right?") from error
