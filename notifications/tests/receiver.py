"""A receiver as somebody else would write it: `python receiver.py SECRET FOLDER`.

It prints its port, verifies each call with the `standardwebhooks` library, and writes what it was
sent to a line of `FOLDER/calls.jsonl`. How it answers, the last part of the address says.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            told = Webhook(sys.argv[1]).verify(body, dict(self.headers))
            verified = True
        except WebhookVerificationError:
            told, verified = json.loads(body), False
        call = {
            "path": self.path,
            "id": self.headers["webhook-id"],
            "host": self.headers["Host"],
            "verified": verified,
            "told": told,
        }
        with calls.open("a") as file:
            file.write(json.dumps(call) + "\n")
        getattr(self, self.path.strip("/").split("/")[-1])()

    def good(self) -> None:
        self.answer(204)

    def faulty(self) -> None:
        self.answer(500)

    def busy(self) -> None:
        self.answer(429, ("Retry-After", "3600"))

    def gone(self) -> None:
        self.answer(410)

    def redirect(self) -> None:
        self.answer(307, ("Location", f"http://{self.headers['Host']}/good"))

    def hang(self) -> None:
        time.sleep(60)

    def break_off(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"only this")
        self.close_connection = True

    def huge(self) -> None:
        """10 MB; how much of it the other side took."""
        self.send_response(200)
        self.send_header("Content-Length", str(10_000_000))
        self.end_headers()
        sent = 0
        try:
            while sent < 10_000_000:
                sent += self.wfile.write(b"x" * 10_000)
        except OSError:
            pass
        (calls.parent / "sent").write_text(str(sent))

    def answer(self, status: int, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", "0")):
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


calls = Path(sys.argv[2]) / "calls.jsonl"
server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
sys.stdout.write(f"{server.server_port}\n")
sys.stdout.flush()
server.serve_forever()
