"""The canonical streams by Flask on its development server. Prints its port, once it can be connected to."""

import logging
import time
from collections.abc import Iterator

from flask import Flask, Response, jsonify
from werkzeug.serving import make_server

from tests.peers.expected import BLOCKS, ERROR, SLOW, SLOW_GAP, TOKENS, Block, wire

app = Flask(__name__)


def _play(blocks: list[Block], gap: float = 0.0) -> Response:
    def stream() -> Iterator[bytes]:
        for number, block in enumerate(blocks):
            if gap and number:
                time.sleep(gap)
            yield wire([block])

    return Response(stream(), mimetype="text/event-stream")


@app.get("/events")
def events() -> Response:
    return _play(BLOCKS)


@app.route("/tokens", methods=["GET", "POST"])
def tokens() -> Response:
    return _play(TOKENS)


@app.get("/slow")
def slow() -> Response:
    return _play(SLOW, SLOW_GAP)


@app.get("/error")
def error() -> tuple[Response, int]:
    return jsonify(ERROR), 500


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(server.port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
