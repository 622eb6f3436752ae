"""LangServe before runnables that stream without a model. Prints its port, once it can be connected to.

/tokens/stream gives the text, /late/stream fails after a piece of it, /early/stream before any.
"""

import logging
import socket
from collections.abc import AsyncIterator, Callable

import uvicorn
from fastapi import FastAPI
from langchain_core.runnables import RunnableGenerator
from langserve import add_routes

from tests.peers.expected import ERROR, TOKENS_TEXT

Answer = Callable[[AsyncIterator[str]], AsyncIterator[str]]


async def _tokens(asked: AsyncIterator[str]) -> AsyncIterator[str]:
    async for _ in asked:
        for word in TOKENS_TEXT.split(" "):
            yield word if word == "Streams" else f" {word}"


async def _late(asked: AsyncIterator[str]) -> AsyncIterator[str]:
    async for _ in asked:
        yield "Streams"
        raise RuntimeError(ERROR["error"]["message"])


async def _early(asked: AsyncIterator[str]) -> AsyncIterator[str]:
    async for _ in asked:
        raise RuntimeError(ERROR["error"]["message"])
        yield ""


ANSWERS: dict[str, Answer] = {"/tokens": _tokens, "/late": _late, "/early": _early}


def main() -> None:
    app = FastAPI()
    for path, answer in ANSWERS.items():
        add_routes(app, RunnableGenerator(answer), path=path, input_type=str, output_type=str)
    # LangServe logs the errors that are raised here on purpose.
    logging.disable()
    config = uvicorn.Config(app, log_level="critical")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
