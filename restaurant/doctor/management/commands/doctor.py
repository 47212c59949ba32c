"""`manage.py doctor`: how the house is, and what to do."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from restaurant.celery import app
from restaurant.doctor.contract import Finding, State
from restaurant.doctor.examining import examine, worst
from restaurant.doctor.reading import take_reading

#: Seconds that workers have to answer.
PATIENCE = 1.0
MARKS = {State.OK: "ok  ", State.ATTENTION: "look", State.ILL: "ILL "}


class Command(BaseCommand):
    help = "Says how the house is, and what to do. The exit code is 1 if there is something to do."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = examine_closely()
        show = as_json if options["json"] else as_text
        self.stdout.write(show(findings))
        sys.exit(0 if worst(findings) == State.OK else 1)


def examine_closely() -> list[Finding]:
    """The broker and the workers are asked now: whoever types this can wait for a second."""
    try:
        reading = take_reading()
        findings = examine(reading)
    except DatabaseError as error:
        return [database_away(error)]
    return findings if reading.error else [*findings, answers()]


def answers() -> Finding:
    """Which workers answer at this moment."""
    try:
        # A connection of its own: one that goes back to the pool still waits for answers.
        with app.connection_for_read() as broker:
            names = sorted(app.control.inspect(timeout=PATIENCE, connection=broker).ping() or {})
    except (OperationalError, OSError):
        names = []
    return Finding(
        name="answers",
        title=_("Workers that answer"),
        state=State.OK if names else State.ILL,
        says=", ".join(names) or _("None."),
        advice=_("Start the workers, or read their logs: they take no messages."),
    )


def database_away(error: DatabaseError) -> Finding:
    return Finding(
        name="database",
        title=_("Database"),
        state=State.ILL,
        says=str(error).strip() or type(error).__name__,
        advice=_("Start it; look whether DATABASE_URL is right, and type `manage.py migrate`."),
    )


def as_text(findings: list[Finding]) -> str:
    width = max(len(finding.title) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{MARKS[finding.state]}  {finding.title:<{width}}  {finding.says}")
        if finding.to_do:
            lines.append(f"      {'':<{width}}  → {finding.to_do}")
    return "\n".join(lines)


def as_json(findings: list[Finding]) -> str:
    told = {
        "state": worst(findings),
        "as_of": timezone.now().isoformat(),
        "findings": [
            {
                "name": finding.name,
                "state": finding.state,
                "title": finding.title,
                "says": finding.says,
                "to_do": finding.to_do,
            }
            for finding in findings
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)
