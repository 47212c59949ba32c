"""`/metrics`: the numbers as Prometheus reads them, from the database alone, at each scrape."""

from collections.abc import Iterable
from hmac import compare_digest
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from restaurant.accounts.authentication import BearerToken
from restaurant.accounts.permissions import ByRole
from restaurant.accounts.roles import Role
from restaurant.doctor.examining import numbers
from restaurant.operations import Api


class House(Collector):
    """Reads when it is asked, so that it does not matter which web process is scraped."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for gauge in numbers():
            name = f"tamsang_{gauge.name}"
            if name not in families:
                families[name] = GaugeMetricFamily(name, gauge.says, labels=gauge.labels)
            for labels, value in gauge.samples:
                families[name].add_metric(labels, value)
        return families.values()


registry = CollectorRegistry()
registry.register(House())


class Scraper(AnonymousUser):
    """A program that knows `METRICS_TOKEN`: it may read the metrics, and is nobody elsewhere."""


class ScrapeToken(BearerToken):
    def authenticate_credentials(self, token: bytes) -> Any:
        known = settings.METRICS_TOKEN.encode()
        if known and compare_digest(token, known):
            return Scraper(), token
        return super().authenticate_credentials(token)


class ScraperOrRole(ByRole):
    def has_permission(self, request: Request, view: Any) -> bool:
        reads = request.method in ("GET", "HEAD")
        return (reads and isinstance(request.user, Scraper)) or super().has_permission(
            request, view
        )


class Metrics(Api):
    """For Prometheus, which has `METRICS_TOKEN`, and for managers."""

    allowed = {"GET": {Role.MANAGER}}
    authentication_classes = [ScrapeToken, SessionAuthentication]
    permission_classes = [ScraperOrRole]
    schema = None

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        # There is one format, whatever is asked for.
        return super().perform_content_negotiation(request, force=True)

    def get(self, request: Request) -> HttpResponse:
        text = generate_latest(registry)
        return HttpResponse(
            text, content_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"}
        )
