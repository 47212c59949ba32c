"""The clients, in a process of their own: `python -m bench.streams.screens STREAMS LONG_POLLS`.

STREAMS are addresses with how many listen there, `trays/stream/=50`; LONG_POLLS orders that are
waited for. What they have heard is told when a line comes on stdin.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from bench.rush.report import percentile

#: Seconds that a long poll lasts, the most that is allowed.
LONGEST = 60


@dataclass
class Heard:
    """What all clients heard together."""

    #: Milliseconds of each delivery, from when the event says it happened, before its commit.
    milliseconds: list[float] = field(default_factory=list)
    #: How often each event was heard, by position.
    times: dict[int, int] = field(default_factory=dict)
    pings: int = 0
    #: Streams and long polls that ended although nobody meant them to.
    lost: int = 0

    def add(self, other: "Heard") -> None:
        self.milliseconds += other.milliseconds
        self.times.update(other.times)
        self.pings += other.pings
        self.lost += other.lost

    def percentile(self, share: float) -> float:
        return percentile(self.milliseconds, share) or 0.0

    def note(self, data: bytes) -> None:
        now = time.time()
        event = json.loads(data)
        if "happened_at" not in event:
            self.pings += 1
            return
        happened = datetime.fromisoformat(event["happened_at"]).timestamp()
        self.milliseconds.append((now - happened) * 1000)
        self.times[event["position"]] = self.times.get(event["position"], 0) + 1


@asynccontextmanager
async def asked(path: str, token: str) -> AsyncIterator[asyncio.StreamReader]:
    """The answer as it comes. A library's client would use more CPU than the server."""
    api = urlsplit(os.environ["API_URL"])
    reader, writer = await asyncio.open_connection(api.hostname, api.port)
    head = f"GET {api.path}{path} HTTP/1.1\r\nHost: {api.hostname}\r\n"
    writer.write(f"{head}Authorization: Bearer {token}\r\n\r\n".encode())
    try:
        yield reader
    finally:
        writer.close()


async def listen(path: str, heard: Heard, begun: asyncio.Semaphore) -> None:
    async with asked(path, os.environ["COOK"]) as answer:
        has_begun = False
        while line := await answer.readline():
            if line.startswith(b"data: "):
                heard.note(line.removeprefix(b"data: "))
                if not has_begun:
                    has_begun = True
                    begun.release()
    heard.lost += 1


async def wait_for(order: str, heard: Heard, begun: asyncio.Semaphore) -> None:
    """Long polls of one order, one after the other."""
    begun.release()
    while True:
        async with asked(f"orders/{order}/?wait={LONGEST}", os.environ["GUEST"]) as answer:
            status = await answer.readline()
            heard.lost += b" 200 " not in status
            await answer.readuntil(b"\r\n\r\n")
            await answer.read(1)


async def main(streams: list[str], orders: list[str]) -> None:
    heard, begun = Heard(), asyncio.Semaphore(0)
    clients = [
        asyncio.create_task(listen(path, heard, begun))
        for path, count in (one.split("=") for one in streams)
        for _ in range(int(count))
    ]
    clients += [asyncio.create_task(wait_for(order, heard, begun)) for order in orders]
    for _ in clients:
        await begun.acquire()
    heard.milliseconds.clear()
    heard.times.clear()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print(json.dumps(asdict(heard)), flush=True)
    # Without waiting for hundreds of ends.
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(*(words.split() for words in sys.argv[1:])))
