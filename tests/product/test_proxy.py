"""The door in front: deploy/nginx.conf.template in a real nginx, before the running product."""

import http.client
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from string import Template
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from conftest import new_key, order_body
from restaurant.run import ports
from restaurant.run.brief_server import running
from restaurant.run.place import ROOT
from tests.conftest import eventually
from tests.listening import listening
from tests.product.product import Product
from tests.product.story import assert_told, tell_the_story

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="Type: apt-get install nginx openssl")

TEMPLATE = Template((ROOT / "deploy" / "nginx.conf.template").read_text())
AROUND = """
user root root;
daemon off;
worker_processes 1;
error_log stderr;
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include tamsang.conf;
}
"""


class Door:
    """An nginx at work, and a client that trusts its certificate."""

    def __init__(self, plain: int, port: int, trust: ssl.SSLContext, client: httpx2.Client) -> None:
        self.plain = f"http://localhost:{plain}"
        self.url = f"https://localhost:{port}"
        self.port = port
        self.trust = trust
        self.http = client

    def raw(self, path: str, **headers: str) -> int:
        """The status of this very path: no client tidies it up before."""
        wire = http.client.HTTPSConnection("localhost", self.port, context=self.trust, timeout=5)
        try:
            wire.putrequest("GET", path)
            for name, value in headers.items():
                wire.putheader(name, value)
            wire.endheaders()
            return wire.getresponse().status
        finally:
            wire.close()


OpenDoor = Callable[..., Door]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For localhost, signed by itself; its key lies beside it."""
    path = tmp_path_factory.mktemp("certificate") / "fullchain.pem"
    words = "req -x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
    named = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    out = ("-out", str(path), "-keyout", str(path.with_name("privkey.pem")))
    subprocess.run(["openssl", *words.split(), *named, *out], check=True, capture_output=True)
    return path


@pytest.fixture
def open_door(certificate: Path, tmp_path: Path) -> Iterator[OpenDoor]:
    """`open_door("127.0.0.1:8000", BURST=5)`: nginx before this web process, for the test."""
    with ExitStack() as stack:
        yield lambda web, **limits: stack.enter_context(door(certificate, tmp_path, web, **limits))


@contextmanager
def door(certificate: Path, folder: Path, web: str, **limits: int) -> Iterator[Door]:
    plain = ports.choose_free()
    port = ports.choose_free(taken={plain})
    told: dict[str, Any] = {"REQUESTS_PER_SECOND": 100, "BURST": 400, **limits}
    told |= {"SERVER_NAME": "localhost", "WEB": web, "HTTP_PORT": plain, "HTTPS_PORT": port}
    told |= {"CERTIFICATE": certificate, "CERTIFICATE_KEY": certificate.with_name("privkey.pem")}
    (folder / "tamsang.conf").write_text(TEMPLATE.safe_substitute(told))
    (folder / "nginx.conf").write_text(AROUND)
    command = [str(NGINX), "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
    trust = ssl.create_default_context(cafile=str(certificate))
    with (
        running(command, folder / "nginx.log", lambda: not ports.is_free(port)),
        httpx2.Client(
            base_url=f"https://localhost:{port}", verify=trust, trust_env=False, timeout=20
        ) as client,
    ):
        yield Door(plain, port, trust, client)


@pytest.fixture(scope="module")
def front(
    started: Product, certificate: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Door]:
    """The one that the product's guests would see."""
    web = urlsplit(started.demo["url"]).netloc
    with door(certificate, tmp_path_factory.mktemp("front"), web) as front:
        yield front


@pytest.mark.parametrize("way", ["directly", "through the proxy"])
def test_the_story_is_told(
    product: Product, front: Door, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        if way == "through the proxy":
            patch.setattr(product, "http", front.http)
        assert_told(product, tell_the_story(product))


def test_what_the_caller_says_of_himself_is_not_passed_on(product: Product, front: Door) -> None:
    lies = {
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-For": "203.0.113.9",
        "Forwarded": "for=203.0.113.9",
    }
    token = {"Authorization": f"Bearer {product.demo['tokens']['app']}"}
    placed = front.http.post(
        "/api/v1/orders/", json=order_body("thai-tea"), headers={**lies, **token, **new_key()}
    )
    assert placed.status_code == 201, placed.text
    assert placed.json()["tracking_url"].startswith(f"{front.url}/track/")
    product.cook_until_ready(placed.json())


def test_the_house_hears_the_callers_own_address(open_door: OpenDoor) -> None:
    with echo() as (web, heard):
        answer = open_door(web).http.get(
            "/livez", headers={"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
        )
    assert answer.status_code == 200
    said = {name.lower(): value for name, value in heard[0].items()}
    assert (said["x-forwarded-for"], said["x-forwarded-proto"]) == ("127.0.0.1", "https")
    assert not {"forwarded", "x-forwarded-host"} & said.keys()


@contextmanager
def echo() -> Iterator[tuple[str, list[Any]]]:
    """A web process that keeps the headers of what it is asked."""
    heard: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """It is a test's."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}", heard
        server.shutdown()
        thread.join()


def test_a_live_stream_speaks_at_once(product: Product, front: Door) -> None:
    order = product.place(order_body("thai-tea"))
    url = f"{front.url}/api/v1/orders/{order['id']}/stream/"
    token = {"Authorization": f"Bearer {product.demo['tokens']['app']}"}
    with listening(url, verify=front.trust, headers=token) as heard:
        product.cook_until_ready(order)
        eventually(lambda: "order.ready" in heard.names)
        assert not heard.over
    assert heard.headers["content-type"].startswith("text/event-stream")


def test_plain_http_is_sent_to_https_and_a_post_stays_one(front: Door) -> None:
    answer = httpx2.post(f"{front.plain}/api/v1/orders/?a=b", json={}, trust_env=False)
    assert answer.status_code == 308
    assert answer.headers["Location"] == "https://localhost/api/v1/orders/?a=b"


def test_pages_the_admin_and_static_files_are_open(front: Door) -> None:
    for path in ("/login/", "/admin/login/", "/static/house.css", "/livez", "/api/v1/menu/"):
        assert front.http.get(path).status_code == 200, path
    assert front.http.get("/").headers["Location"] == "/admin/"


def test_what_is_for_inside_is_not_there(product: Product, front: Door) -> None:
    inside = [
        *("/metrics", "/metrics/", "//metrics", "/%6detrics", "/static/../metrics"),
        *("/static/..%2fmetrics", "/readyz", "/api/../readyz", "/api/v1/../../readyz"),
        *("/flower/", "/tasks", "/api/workers", "/api/tasks"),
    ]
    token = f"Bearer {product.demo['tokens']['manager']}"
    found = {path: front.raw(path, Authorization=token) for path in inside}
    assert found == dict.fromkeys(inside, 404)


def test_a_body_that_is_too_large_is_refused_as_the_house_does(front: Door) -> None:
    answer = front.http.post('/api/v1/orders/?x="', content=b"x" * (256 * 1024 + 1))
    assert_problem(answer, 413, "too_large")
    assert answer.json()["instance"] == "/api/v1/orders/"


def test_a_spike_from_one_address_is_told_when_to_come_again(
    product: Product, open_door: OpenDoor
) -> None:
    web = urlsplit(product.demo["url"]).netloc
    narrow = open_door(web, REQUESTS_PER_SECOND=1, BURST=5)
    answers = [narrow.http.get("/livez") for _ in range(20)]
    assert [answer.status_code for answer in answers[:6]] == [200] * 6
    refused = next(answer for answer in answers if answer.status_code != 200)
    assert_problem(refused, 429, "rate_limited")
    assert refused.headers["Retry-After"] == "1" == str(refused.json()["retry_after"])
    eventually(lambda: narrow.http.get("/livez").status_code == 200)


def test_a_house_that_does_not_answer_is_a_503(open_door: OpenDoor) -> None:
    answer = open_door(f"127.0.0.1:{ports.choose_free()}").http.get("/api/v1/menu/")
    assert_problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "2"


def test_another_name_gets_no_answer(front: Door) -> None:
    with pytest.raises(httpx2.TransportError):
        httpx2.get(front.url.replace("localhost", "127.0.0.1"), verify=False, trust_env=False)
    with pytest.raises(httpx2.TransportError):
        httpx2.get(front.plain, headers={"Host": "evil.example"}, trust_env=False)


def assert_problem(answer: httpx2.Response, status: int, code: str) -> None:
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["code"] == code
    assert problem["type"] == f"urn:tamsang:problem:{code}"
    assert problem.keys() >= {"title", "detail", "instance", "request_id", "retryable"}
