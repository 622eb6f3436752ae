"""Which cookies of a file go where."""

from pathlib import Path

import pytest

from sse_cli.errors import UsageError
from sse_cli.sources.cookies import Cookie, cookie_header, read_cookies

NOW = 1000.0


def cookie(domain: str = "h.test", path: str = "/", expires: int = 0, **more: bool) -> Cookie:
    flags = {"subdomains": False, "secure": False, **more}
    return Cookie(domain=domain, path=path, expires=expires, name="n", value="v", **flags)


@pytest.mark.parametrize(
    ("given", "url", "goes"),
    [
        (cookie(), "http://h.test/", True),
        (cookie(), "http://H.TEST:81", True),
        (cookie(), "http://a.h.test/", False),
        (cookie(subdomains=True), "http://a.h.test/", True),
        (cookie(subdomains=True), "http://evilh.test/", False),
        (cookie("0.0.1", subdomains=True), "http://127.0.0.1/", False),
        (cookie(path="/a"), "http://h.test/a", True),
        (cookie(path="/a"), "http://h.test/a/b?c", True),
        (cookie(path="/a/"), "http://h.test/a/b", True),
        (cookie(path="/a"), "http://h.test/ab", False),
        (cookie(path="/a"), "http://h.test", False),
        (cookie(secure=True), "https://h.test/", True),
        (cookie(secure=True), "http://h.test/", False),
        (cookie("localhost", secure=True), "http://localhost/", True),
        (cookie(expires=1001), "http://h.test/", True),
        (cookie(expires=1000), "http://h.test/", False),
    ],
)
def test_a_cookie_goes_where_it_belongs(given: Cookie, url: str, goes: bool) -> None:
    assert given.goes_to(url, NOW) is goes


FILE = b"""# Netscape HTTP Cookie File\r
\r
#HttpOnly_.H.test\tTRUE\t/\tFALSE\t0\tall\tone\r
h.test\tFALSE\t/deep\tTRUE\t2000.5\tdeep\ta=b
h.test\tFALSE\t/\tFALSE\t0\tempty
other.test\tFALSE\t/\tFALSE\t0\tother\tx
"""


def test_a_file_is_filtered_and_text_follows(tmp_path: Path) -> None:
    file = tmp_path / "jar"
    file.write_bytes(FILE)
    texts = ["t=1;", str(file), ""]
    assert cookie_header(texts, "https://h.test/deep/x", NOW) == "deep=a=b; all=one; empty=; t=1"
    assert cookie_header(texts[1:], "https://else.test/", NOW) is None


@pytest.mark.parametrize("line", [b"n=hush", b"h\tTRUE\t/\tTRUE\tsoon\tn\thush", b"Set-Cookie: n=hush"])
def test_what_is_no_cookie_file_is_refused(line: bytes, tmp_path: Path) -> None:
    file = tmp_path / "jar"
    file.write_bytes(FILE + line)
    with pytest.raises(UsageError, match="line 7") as told:
        read_cookies(str(file))
    assert "hush" not in str(told.value)
