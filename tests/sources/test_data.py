"""Data as curl puts it together."""

from pathlib import Path

import pytest

from sse_cli.sources.data import Raw, UrlEncoded, read_data, with_query


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a b", b"a+b"),
        ("=a=b", b"a%3Db"),
        ("n=a b&c", b"n=a+b%26c"),
        ("n m=", b"n m="),
        ("n=a@b", b"n=a%40b"),
        ("-._~*/\u00e9", b"-._~%2A%2F%C3%A9"),
        ("", b""),
    ],
)
def test_the_content_is_encoded_and_the_name_is_not(text: str, data: bytes) -> None:
    assert read_data([UrlEncoded(text)]) == data


def test_a_file_is_encoded_whole(tmp_path: Path) -> None:
    file = tmp_path / "content"
    file.write_bytes(b"a=1\r\n\xff")
    assert read_data([UrlEncoded(f"@{file}"), UrlEncoded(f"n@{file}")]) == b"a%3D1%0D%0A%FF&n=a%3D1%0D%0A%FF"
    assert read_data([f"@{file}", Raw("@file")]) == b"a=1\xff&@file"


@pytest.mark.parametrize(
    ("url", "data", "asked"),
    [
        ("http://h", b"a=1", "http://h?a=1"),
        ("http://h/?b", b"a%20", "http://h/?b&a%20"),
        ("http://h/#f", b"a b\xff#", "http://h/?a%20b%FF%23#f"),
        ("http://h/x", b"", "http://h/x"),
    ],
)
def test_a_query_grows(url: str, data: bytes, asked: str) -> None:
    assert with_query(url, data) == asked
