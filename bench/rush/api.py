"""A caller of the REST API who asks again while the product is away."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2

from bench.rush.demo import Stopped

Json = dict[str, Any]

#: What the product, or a proxy before it, answers when asking the same again can help.
PASSING = frozenset({429, 502, 503, 504})
#: The first of two equal requests is still being worked on: the same answer comes a little later.
IN_PROGRESS = "idempotency_in_progress"
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
#: The product answers within 5 s; what takes longer than this is lost.
REQUEST_TIMEOUT = 10.0
FOR_EVER = float("inf")


class Unanswered(Stopped):
    """Nobody has answered for as long as the caller was ready to ask again."""


@dataclass(frozen=True)
class Answer:
    """What came back: of the request that was answered its time, and how many it took."""

    status: int
    body: Any
    retry_after: float
    milliseconds: float
    requests: int = 1
    etag: str = ""

    @property
    def code(self) -> str:
        """The code of a refusal, or its status where the product has not given one."""
        return self.told("code") or f"status {self.status}"

    @property
    def detail(self) -> str:
        """What a refusal says to people, or ""."""
        errors = self.body.get("errors") if isinstance(self.body, dict) else None
        return "; ".join(error["detail"] for error in errors or []) or self.told("detail")

    def told(self, member: str) -> str:
        return str(self.body.get(member, "")) if isinstance(self.body, dict) else ""

    @property
    def passing(self) -> bool:
        return self.status in PASSING or (self.status == 409 and self.code == IN_PROGRESS)


class Api:
    """The API as one principal sees it. `client` has the base address."""

    def __init__(self, client: httpx2.AsyncClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    async def get(self, path: str, **params: str) -> Any:
        """The body of a 200; asks once. Raises Stopped for any other answer."""
        return understood(path, await self.ask("GET", path, params=params))

    async def pages(
        self, path: str, *, patience: float = FOR_EVER, **params: str
    ) -> AsyncIterator[Json]:
        """What a list holds, through all its pages. Raises Unanswered, and Stopped as get()."""
        where: Mapping[str, str] | None = params
        while where is not None:
            answer = await self.ask("GET", path, params=where, patience=patience)
            page = understood(path, answer)
            for entry in page["results"]:
                yield entry
            # Only the query of `next` is followed, so that the token stays with this address.
            where = dict(httpx2.URL(page["next"]).params) if page["next"] else None

    async def post(self, path: str, body: Json, *, patience: float) -> Answer:
        """POST under a new Idempotency-Key, which all repetitions share."""
        return await self.ask("POST", path, body=body, key=uuid4().hex, patience=patience)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: Json | None = None,
        key: str = "",
        known: str = "",
        params: Mapping[str, str] | None = None,
        patience: float = 0,
    ) -> Answer:
        """The answer, or what still refuses after `patience` seconds. Raises Unanswered.

        `known` is the ETag of what was seen before.
        """
        ours = {"Idempotency-Key": key, "If-None-Match": known}
        headers = {**self.headers, **{name: value for name, value in ours.items() if value}}
        give_up_at = time.monotonic() + patience
        pause, requests = FIRST_PAUSE, 0
        while True:
            requests += 1
            request = self.client.build_request(
                method, path, json=body, headers=headers, params=params
            )
            answer = await self.send(request, requests)
            if answer is not None and not answer.passing:
                return answer
            wanted = max(pause, answer.retry_after if answer else 0)
            if time.monotonic() + wanted > give_up_at:
                if answer is None:
                    raise Unanswered(
                        f"The restaurant at {self.client.base_url} does not answer: "
                        "see whether ./run is still running, or start it."
                    )
                return answer
            await asyncio.sleep(wanted)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def send(self, request: httpx2.Request, requests: int) -> Answer | None:
        """Send it once; None if the connection did not bring an answer."""
        began = time.perf_counter()
        try:
            response = await self.client.send(request)
        except httpx2.TransportError:
            return None
        milliseconds = (time.perf_counter() - began) * 1000
        return Answer(
            status=response.status_code,
            body=body_of(response),
            retry_after=seconds(response.headers.get("Retry-After", "")),
            milliseconds=milliseconds,
            requests=requests,
            etag=response.headers.get("ETag", ""),
        )


def body_of(response: httpx2.Response) -> Any:
    """The JSON of the answer; None if it is something else, as from a proxy."""
    try:
        return response.json()
    except ValueError:
        return None


def seconds(text: str) -> float:
    """`Retry-After` in seconds; its other form, a date, is not awaited."""
    return float(text) if text.isdecimal() else 0


def understood(path: str, answer: Answer) -> Any:
    """The body of a 200; raises Stopped."""
    if answer.status == 200 and answer.body is not None:
        return answer.body
    if answer.status == 401:
        raise Stopped("The restaurant does not know this token: was the demo started anew since?")
    detail = f": {answer.detail}" if answer.detail else ""
    raise Stopped(f"{path} was answered with {answer.status} {answer.code}{detail}")
