"""What the tests of the benchmarks share."""

import socket

import pytest


@pytest.fixture
def unused_url() -> str:
    """An address of this host where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"
