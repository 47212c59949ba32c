"""The verbs of the reports."""

from orders.reports.services.following import BREATH, behind_since, follow
from orders.reports.services.forgetting import forget
from orders.reports.services.reading import (
    Days,
    Percentiles,
    Report,
    ever,
    kitchen_times,
    lateness,
    sales,
    ticket_times,
    today,
    waste,
)
from orders.reports.services.rebuilding import rebuild
from orders.reports.services.refusing import note_refusal

__all__ = [
    "BREATH",
    "Days",
    "Percentiles",
    "Report",
    "behind_since",
    "ever",
    "follow",
    "forget",
    "kitchen_times",
    "lateness",
    "note_refusal",
    "rebuild",
    "sales",
    "ticket_times",
    "today",
    "waste",
]
