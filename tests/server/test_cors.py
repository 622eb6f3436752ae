"""What a page of another origin needs to read a stream, to send what it likes, and to see an error."""

from tests.server.house import SSE, TAPE, House, head, request, tape

ORIGIN = "Origin: https://page.test"


def headers(answer: bytes) -> dict[str, str]:
    lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    return {name: value for name, _, value in (line.partition(": ") for line in lines)}


def test_who_is_of_no_other_origin_is_told_nothing_of_it() -> None:
    (answer,) = House().answers(request())
    assert b"Access-Control" not in answer


def test_any_origin_may_read_with_credentials() -> None:
    recorded = tape(head(headers=(*SSE, ("X-Request-Id", "7"))))
    for origin in ("https://page.test", "null"):
        (answer,) = House(recorded).answers(request("GET", "/", f"Origin: {origin}"))
        found = headers(answer)
        assert found["Access-Control-Allow-Origin"] == origin
        assert found["Access-Control-Allow-Credentials"] == "true"
        assert found["Access-Control-Expose-Headers"] == "Content-Type, X-Request-Id"
        assert found["Vary"] == "Origin"


def test_errors_can_be_read_too() -> None:
    (answer,) = House(TAPE, TAPE).answers(request("GET", "/nothing", ORIGIN))
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert headers(answer)["Access-Control-Allow-Origin"] == "https://page.test"


def test_a_preflight_is_given_what_it_asks() -> None:
    (answer,) = House().answers(
        request(
            "OPTIONS",
            "/",
            ORIGIN,
            "Access-Control-Request-Method: POST",
            "Access-Control-Request-Headers: authorization,x-own",
            "Access-Control-Request-Private-Network: true",
        )
    )
    assert answer.startswith(b"HTTP/1.1 204 No Content\r\n")
    found = headers(answer)
    assert "Content-Length" not in found
    assert found["Access-Control-Allow-Origin"] == "https://page.test"
    assert found["Access-Control-Allow-Methods"] == "POST"
    assert found["Access-Control-Allow-Headers"] == "authorization,x-own"
    assert found["Access-Control-Allow-Private-Network"] == "true"


def test_options_without_an_origin_are_no_preflight() -> None:
    (answer,) = House().answers(request("OPTIONS", "/", "Access-Control-Request-Method: POST"))
    assert b"Access-Control" not in answer
