"""Forms in parts, as curl writes them."""

from pathlib import Path

import pytest

from sse_cli.errors import UsageError
from sse_cli.sources.form import Part, form_body, new_boundary, parse_part


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a=b=c", Part("a", b"b=c")),
        ("a=", Part("a", b"")),
        ('a="b;\\"c\\\\"', Part("a", b'b;"c\\')),
        ('a="b" c', Part("a", b'"b" c')),
        ("a={};type=application/json", Part("a", b"{}", None, "application/json")),
        ("a=b;filename=c.txt; type=x/y", Part("a", b"b", "c.txt", "x/y")),
        ("\u00e9=\u6d41", Part("\u00e9", "\u6d41".encode())),
    ],
)
def test_a_field_is_read(text: str, part: Part) -> None:
    assert parse_part(text) == part


def test_files_are_read(tmp_path: Path) -> None:
    file = tmp_path / "a;b.PNG"
    file.write_bytes(b"\x00\r\n")
    assert parse_part(f'f=@"{file}"') == Part("f", b"\x00\r\n", "a;b.PNG", "image/png")
    assert parse_part(f'f=@"{file}";filename=c.wav') == Part("f", b"\x00\r\n", "c.wav", "image/png")
    assert parse_part(f'f=<"{file}"') == Part("f", b"\x00\r\n", None, "image/png")


def test_a_file_of_no_known_type_is_bytes(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(b"")
    assert parse_part(f"f=@{file}") == Part("f", b"", "a.wav", "application/octet-stream")
    assert parse_part(f"f=<{file}") == Part("f", b"")


@pytest.mark.parametrize("text", ["hush", "=hush", "a=b;hush", 'a=@"b"hush;hush', "a=b;type", "a=b;"])
def test_what_is_no_field_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_part(text)
    assert "hush" not in told.value.message


def test_the_parts_make_a_body() -> None:
    body, content_type = form_body(["a=b", 'c"\n=d;type=x/y;filename=e"'], "B")
    assert content_type == "multipart/form-data; boundary=B"
    assert body == (
        b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
        b'--B\r\nContent-Disposition: form-data; name="c%22%0A"; filename="e%22"\r\n'
        b"Content-Type: x/y\r\n\r\nd\r\n--B--\r\n"
    )


def test_no_two_boundaries_are_alike() -> None:
    assert new_boundary() != new_boundary()


def test_a_type_ends_its_line() -> None:
    with pytest.raises(UsageError, match="not a content type"):
        form_body(["a=b;type=x\r\ny"], "B")
