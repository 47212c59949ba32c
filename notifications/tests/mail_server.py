"""A mail server (RFC 5321, as much as a sender needs) that takes, refuses, or is at a loss."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Thread
from typing import Any


@dataclass
class Letter:
    """What was handed over."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def text(self) -> str:
        return str(self.message.get_content())


@dataclass
class Mailbox:
    """How the server behaves, and what it has taken: changed by the tests while it runs."""

    port: int = 0
    #: The answer to MAIL, RCPT or the end of DATA, by its command; else it is taken.
    answers: dict[str, str] = field(default_factory=dict)
    taken: list[Letter] = field(default_factory=list)
    #: Conversations that were begun.
    calls: int = 0


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    mailbox: Mailbox


class Conversation(socketserver.StreamRequestHandler):
    server: Server
    timeout = 20

    def handle(self) -> None:
        self.server.mailbox.calls += 1
        sender, recipients = "", list[str]()
        self.say("220 mail.example")
        for line in iter(self.hear, ""):
            verb = line[:4].upper()
            said = self.server.mailbox.answers.get(verb)
            if verb == "QUIT":
                self.say("221 bye")
                return
            if verb == "MAIL" and not said:
                sender = line.partition("<")[2].partition(">")[0]
            if verb == "RCPT" and not said:
                recipients.append(line.partition("<")[2].partition(">")[0])
            if verb == "DATA":
                self.say("354 go on")
                self.take(sender, recipients, self.read_data(), refuses=bool(said))
            self.say(said or "250 fine")

    def take(self, sender: str, recipients: list[str], data: bytes, *, refuses: bool) -> None:
        if not refuses:
            message: Any = message_from_bytes(data, policy=policy.default)
            self.server.mailbox.taken.append(Letter(sender, recipients, message))

    def read_data(self) -> bytes:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(line.removeprefix(b".") for line in lines)

    def hear(self) -> str:
        return self.rfile.readline().decode().strip()

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server(port: int = 0) -> Iterator[Mailbox]:
    """At work on this port, or on a free one."""
    with Server(("127.0.0.1", port), Conversation) as server:
        server.mailbox = Mailbox(port=server.server_address[1])
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.mailbox
        finally:
            server.shutdown()
            thread.join()
