"""One house in a process of its own: is filled, then asked, in JSON lines over stdin and stdout."""

import gc
import json
import logging
import sys
import time
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, setup_test_environment

from bench.many_orders.lived import Clients, live_through, open_orders
from bench.many_orders.multiply import multiply, tidy_up
from bench.many_orders.questions import Question, questions_of
from kitchen.services import change_settings

#: How many orders are really lived through; the others are copies of them.
TEMPLATES = 20


class House:
    """`fill`, then `names`, then `ask` as often as wanted."""

    clients: Clients
    questions: dict[str, Question]

    def fill(self, past: int, open: int) -> str:  # noqa: A002
        """Make `past` served or cancelled orders, and `open` ones; say how long it took."""
        began = time.monotonic()
        call_command("migrate", verbosity=0)
        # No pacer is at work here.
        change_settings(pacing=False)
        self.clients = Clients.hired()
        templates = min(TEMPLATES, past)
        live_through(self.clients, templates)
        multiply(past // templates - 1)
        open_orders(self.clients, open)
        tidy_up()
        self.questions = {one.name: one for one in questions_of(self.clients)}
        gc.collect()
        gc.freeze()
        return f"{past + open} orders in {time.monotonic() - began:.0f} s"

    def names(self) -> list[tuple[str, bool]]:
        """What may be asked, and whether it is promised to stay fast."""
        return [(one.name, one.promised) for one in self.questions.values()]

    def ask(self, name: str, times: int) -> list[float]:
        """Milliseconds of each time."""
        question = self.questions[name]
        return [self._once(question) for _ in range(times)]

    def count(self, name: str) -> int:
        """How many statements it sends to the database."""
        question = self.questions[name]
        with transaction.atomic():
            given = question.prepare()
            with CaptureQueriesContext(connection) as sent:
                question.run(given)
            transaction.set_rollback(True)
        return len(sent)

    def sizes(self) -> dict[str, int]:
        """Bytes of each table with its indexes, where the database can tell."""
        if connection.vendor != "postgresql":
            return {}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables"
                " ORDER BY 2 DESC LIMIT 8"
            )
            return dict(cursor.fetchall())

    def _once(self, question: Question) -> float:
        """What it writes is taken back: the next time finds the house as it was."""
        with transaction.atomic():
            given = question.prepare()
            began = time.perf_counter()
            question.run(given)
            milliseconds = (time.perf_counter() - began) * 1000
            transaction.set_rollback(True)
        return milliseconds


def serve() -> None:
    """Answer each line `[method, argument, …]` with one line."""
    logging.disable(logging.WARNING)
    setup_test_environment()
    house = House()
    for line in sys.stdin:
        method, *arguments = json.loads(line)
        answer: Any = getattr(house, method)(*arguments)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
