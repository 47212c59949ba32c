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
        fields: dict[str, str] = {}
        try:
            for line in lines:
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif "data" in fields:
                    self.said.append(
                        Said(int(fields["id"]), json.loads(fields["data"]), fields.get("event", ""))
                    )
                    fields = {}
                else:
                    fields = {}
        except httpx2.TransportError:
            pass
        finally:
            self.over = True


@contextmanager
def listening(url: str, token: str, **more: Any) -> Iterator[Listening]:
    """Hears the stream until the end of the block; it has begun when the block does."""
    headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
    with (
        httpx2.Client(timeout=None, trust_env=False) as client,
        client.stream("GET", url, headers=headers, **more) as answer,
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
