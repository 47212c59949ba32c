"""The client for servers that others have named: it connects to an address that it has checked."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from restaurant.outbound.addresses import Address, NotOutside, checked_url, demand_outside, look_up

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 15.0
#: Of an answer's body no more is read; what counts is its status.
MOST_BYTES = 64 * 1024
#: A name server that hangs for one receiver must not hold up the others.
LOOKERS = 32


@dataclass(frozen=True)
class Answer:
    """What counts of an answer."""

    status: int
    retry_after: str


class NotReached(Exception):
    """No whole answer came; the text says why, in words that tell nothing of the inside."""


class Pinned(httpx2.AsyncHTTPTransport):
    """Looks a name up once and connects to that address, under the name's Host and certificate.

    Whoever changes the name's address between check and call changes nothing. No connection is
    used twice: two names may share an address, and not its certificate.
    """

    def __init__(self) -> None:
        super().__init__(limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0))
        self.lookers = ThreadPoolExecutor(LOOKERS, thread_name_prefix="look-up")

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        addresses = await self.addresses(request.url)
        for address in addresses[:-1]:
            try:
                return await super().handle_async_request(pinned(request, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return await super().handle_async_request(pinned(request, addresses[-1]))

    async def addresses(self, url: httpx2.URL) -> list[Address]:
        """All checked: one that leads inside forbids the call."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                found = await loop.run_in_executor(self.lookers, look_up, url)
        except (OSError, UnicodeError) as error:
            raise NotReached("Its name has no address.") from error
        demand_outside(url, found)
        return found

    async def aclose(self) -> None:
        self.lookers.shutdown(wait=False, cancel_futures=True)
        await super().aclose()


def pinned(request: httpx2.Request, address: Address) -> httpx2.Request:
    """The same request to this address; its Host header names the host as before."""
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )


@asynccontextmanager
async def outbound() -> AsyncIterator[httpx2.AsyncClient]:
    """A client that follows no redirects and knows no proxies."""
    async with httpx2.AsyncClient(
        transport=Pinned(),
        timeout=httpx2.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": "Tamsang", "Accept-Encoding": "identity", "Connection": "close"},
    ) as client:
        yield client


async def post(
    client: httpx2.AsyncClient, url: str, headers: Mapping[str, str], body: bytes
) -> Answer:
    """Post it; raises NotReached, also for an answer that breaks off."""
    try:
        checked_url(url)
        async with (
            asyncio.timeout(TOTAL_SECONDS),
            client.stream("POST", url, headers=dict(headers), content=body) as response,
        ):
            await read_some(response)
            return Answer(response.status_code, response.headers.get("Retry-After", ""))
    except NotOutside as error:
        raise NotReached(str(error)) from error
    except (TimeoutError, httpx2.TimeoutException) as error:
        raise NotReached("It did not answer in time.") from error
    except httpx2.ConnectError as error:
        raise NotReached("No connection.") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        raise NotReached("Its answer broke off or was none.") from error


async def read_some(response: httpx2.Response) -> None:
    """To the end, or to the limit: the rest is left where it is."""
    read = 0
    async for chunk in response.aiter_raw():
        read += len(chunk)
        if read >= MOST_BYTES:
            return
