"""A client of live streams: hears in a thread of its own, as a screen does."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import httpx2

from tests.conftest import eventually


@dataclass
class Said:
    """One message of a stream; without a name it is news."""

    id: int
    data: dict[str, Any]
    name: str = ""


@dataclass
class Listening:
    """What one stream has said so far."""

    said: list[Said] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    #: How often it was told that the feed can't be read.
    silences: int = 0
    #: The server has ended it, or the connection is gone.
    over: bool = False

    @property
    def news(self) -> list[Said]:
        return [message for message in self.said if not message.name]

    @property
    def names(self) -> list[str]:
        return [message.data["name"] for message in self.news]

    def named(self, name: str) -> list[Said]:
        return [message for message in self.said if message.name == name]

    def hear(self, lines: Iterator[str]) -> None:
        message: dict[str, str] = {}
        try:
            for line in lines:
                if line:
                    name, _, value = line.partition(": ")
                    message[name] = value
                else:
                    self.keep(message)
                    message = {}
        except httpx2.TransportError:
            pass
        finally:
            self.over = True

    def keep(self, message: dict[str, str]) -> None:
        if "data" in message:
            name, data = message.get("event", ""), json.loads(message["data"])
            self.said.append(Said(int(message["id"]), data, name))
        elif "" in message:
            self.silences += 1


@contextmanager
def listening(url: str, *, verify: Any = True, **more: Any) -> Iterator[Listening]:
    """Hears the stream until the end of the block; it has begun when the block does."""
    with (
        httpx2.Client(timeout=None, trust_env=False, verify=verify) as client,
        client.stream("GET", url, **more) as answer,
    ):
        assert answer.status_code == 200, answer.read()
        heard = Listening(headers=dict(answer.headers))
        thread = Thread(target=heard.hear, args=[answer.iter_lines()], daemon=True)
        thread.start()
        eventually(lambda: heard.said)
        yield heard
        # The thread stands in a read, which ends with the socket alone.
        shut(answer)
        thread.join()


def shut(answer: httpx2.Response) -> None:
    stream: Any = answer.extensions["network_stream"]
    stream.get_extra_info("socket").shutdown(2)
