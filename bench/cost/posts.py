"""POST orders/ alone: `python -m bench.cost.posts ORDERS AT_ONCE`; what the client uses is not
counted.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx2

from bench.cost.told import Told, begin
from bench.cost.workload import one_order


def main(orders: int, at_once: int) -> Told:
    told = Told()
    client = httpx2.Client(base_url=os.environ["API_URL"], timeout=30, trust_env=False)

    def post(_: int) -> None:
        headers = {
            "Authorization": f"Bearer {os.environ['GUEST']}",
            "Idempotency-Key": uuid4().hex,
        }
        since = time.monotonic()
        client.post("orders/", json=one_order(), headers=headers).raise_for_status()
        told.milliseconds.append((time.monotonic() - since) * 1000)

    with client, ThreadPoolExecutor(at_once) as guests:
        list(guests.map(post, range(at_once)))
        told.milliseconds.clear()
        begin()
        started = time.monotonic()
        list(guests.map(post, range(orders)))
        told.seconds = time.monotonic() - started
    return told


if __name__ == "__main__":
    main(*map(int, sys.argv[1:])).tell()
