"""Receivers of webhooks, all in one process: `uvicorn bench.receivers.app:app`.

The address says which of them is called, and how it answers: `POST /3/good`, `/bad/hang`,
`/bad/faulty`. `GET /` tells all calls since the last `GET /`.
"""

import asyncio
import json
import time
from typing import Any

calls: list[dict[str, Any]] = []


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    body = await whole(receive)
    if scope["method"] == "GET":
        said = json.dumps(calls).encode()
        calls.clear()
        await answer(send, 200, said)
        return
    _, name, manner = scope["path"].split("/")
    headers = {key.decode(): value.decode() for key, value in scope["headers"]}
    calls.append({"to": name, "at": time.time(), "headers": headers, "body": body.decode()})
    if manner == "hang":
        await asyncio.sleep(60)
    await answer(send, 500 if manner == "faulty" else 204)


async def whole(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


async def answer(send: Any, status: int, body: bytes = b"") -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length]})
    await send({"type": "http.response.body", "body": body})
