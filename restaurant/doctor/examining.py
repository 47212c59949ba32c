"""All findings, and all numbers: what doctor, the admin's page and the metrics share."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.utils.module_loading import import_string

from restaurant.doctor.contract import Finding, Gauge, Signs, State
from restaurant.doctor.findings import BEAT
from restaurant.doctor.models import SignOfLife
from restaurant.doctor.reading import Reading

#: How ill is `ill`?
RANK = {State.OK: 0, State.ATTENTION: 1, State.ILL: 2}


def examine(reading: Reading | None = None) -> list[Finding]:
    """What every look finds. It asks the database only; the broker is as `reading` tells."""
    signs = SignOfLife.objects.in_bulk()
    seen = Signs(signs, reading or Reading.of(signs.get(BEAT)))
    return [finding for look in settings.DOCTOR_LOOKS for finding in import_string(look)(seen)]


def worst(findings: Iterable[Finding]) -> State:
    return max((finding.state for finding in findings), key=RANK.__getitem__, default=State.OK)


def numbers() -> Iterator[Gauge]:
    """Those of the findings, how each finding is, and what the apps count beside."""
    findings = examine()
    for finding in findings:
        yield from finding.gauges
    states = [((finding.name,), RANK[finding.state]) for finding in findings]
    yield Gauge(
        "finding", "A line of the doctor's: 0 well, 1 to be looked at, 2 ill.", states, ("name",)
    )
    for count in settings.METRICS:
        yield from import_string(count)()
