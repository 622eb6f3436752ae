"""What TLS needs of us: the context of a route, and its errors in words that say what to do."""

import ssl

from sse_cli.errors import UsageError
from sse_cli.sources.route import Route
from sse_cli.sources.source import Unreachable

_UNKNOWN_CA = "--cacert FILE trusts the authority in FILE; "
_INSECURE = "-k accepts any certificate; use it only where you know the server."
# OpenSSL's X509_V_ERR numbers, which the verify_code of an error is.
_DATES = {9: "Is this machine's clock right? ", 10: "Is this machine's clock right? "}
_NAMES = {62: "Is it the right host? ", 64: "Is it the right host? "}
_ISSUERS = dict.fromkeys((2, 18, 19, 20, 21), _UNKNOWN_CA)
_ADVICE = {**_DATES, **_NAMES, **_ISSUERS}

_WANTED = "Does it want a client certificate? Give one with --cert FILE, and its key with --key FILE."
_NOT_TAKEN = "Is --cert of an authority that the server knows, and has it not expired?"
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
}
"""The alerts that a server sends about our certificate (RFC 8446, section 6.2)."""

_NO_TLS = "Does the server speak TLS on this port? If not, the URL should begin with http://."
_PEM = "It should be PEM: text with -----BEGIN CERTIFICATE----- in it."


def make_context(route: Route) -> ssl.SSLContext:
    """Return a context that trusts what the route says. Raises `UsageError` for files that cannot be used.

    Without `cacert` that is what the system trusts or, where it has nothing, certifi's list.
    """
    if route.cacert is not None:
        context = _trusting(route.cacert)
    else:
        context = ssl.create_default_context()
        paths = ssl.get_default_verify_paths()
        if not (paths.cafile or paths.capath or context.cert_store_stats()["x509_ca"]):
            import certifi

            context.load_verify_locations(certifi.where())
    if route.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if route.cert is not None:
        load_own(context, route.cert, route.key)
    context.set_alpn_protocols(["http/1.1"])
    return context


def tls_error(error: ssl.SSLError, place: str) -> Unreachable:
    """Translate what TLS raised, in the handshake or after it, into one message with a hint."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreachable(
            f"the TLS certificate of {place} is not trusted: {error.verify_message}",
            _ADVICE.get(error.verify_code, "") + _INSECURE,
        )
    reason = getattr(error, "reason", None) or ""
    alert = reason.partition("_ALERT_")[2]
    if alert in _ALERTS:
        message, hint = _ALERTS[alert]
        return Unreachable(f"{message.format(place=place)} (TLS: {alert.replace('_', ' ').lower()})", hint)
    return Unreachable(f"TLS failed with {place}: {reason or error}", _NO_TLS)


def _trusting(file: str) -> ssl.SSLContext:
    _check_readable("--cacert", file)
    try:
        return ssl.create_default_context(cafile=file)
    except ssl.SSLError as error:
        raise UsageError(f"--cacert: there is no certificate in {file}", _PEM) from error


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
