"""The rows of the reports. All but refusals are made of events, and can be made again from them."""

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def day_and_hour(moment: datetime) -> dict[str, Any]:
    """The day and the hour of the house's clock."""
    local = moment.astimezone(timezone.get_default_timezone())
    return {"day": local.date(), "hour": local.hour}


class Projection(models.Model):
    """One reading of the feed; the rows below are of one each. Readers see the current one."""

    position = models.BigIntegerField(default=0, help_text="The last event that it has heard.")
    as_of = models.DateTimeField(null=True, help_text="When that event happened.")
    current = models.BooleanField(default=False)
    begun_at = models.DateTimeField(default=timezone.now)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "report"
        constraints = [
            models.UniqueConstraint(
                fields=["current"], condition=Q(current=True), name="one_current_projection"
            )
        ]

    def __str__(self) -> str:
        return f"up to {self.position}"


class DayQuerySet(models.QuerySet[Any]):
    def of_days(self, projection: int, first: date, last: date) -> "DayQuerySet":
        return self.filter(projection=projection, day__range=(first, last))


class OfProjection(models.Model):
    """A row of one reading of the feed."""

    # Found by the unique constraints of each.
    projection = models.ForeignKey(Projection, models.CASCADE, "+", db_index=False)
    order_ref = models.UUIDField()

    objects = DayQuerySet.as_manager()

    class Meta:
        abstract = True


class TakenOrder(OfProjection):
    """An order, how it was promised, and when it was ready."""

    channel = models.CharField(max_length=8)
    day = models.DateField(help_text="On which it was placed.")
    hour = models.PositiveSmallIntegerField()
    promised_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    late_by = models.BigIntegerField(null=True, help_text="In microseconds; negative: in time.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["projection", "order_ref"], name="one_taken_order")
        ]
        indexes = [models.Index(fields=["projection", "day"], name="taken_order_by_day")]


class SoldLine(OfProjection):
    """A line of an order, on the day and in the hour of its order."""

    line = models.UUIDField()
    channel = models.CharField(max_length=8)
    day = models.DateField()
    hour = models.PositiveSmallIntegerField()
    item = models.CharField(max_length=64)
    zone = models.CharField(max_length=32)
    quantity = models.PositiveSmallIntegerField()
    # Whole numbers are added exactly on every database.
    cents = models.BigIntegerField(help_text="What one of it costs, in hundredths.")
    gone = models.BooleanField(default=False, help_text="Cancelled: the guest does not get it.")
    shop = models.CharField(max_length=32, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["projection", "order_ref", "line"], name="one_sold_line"
            )
        ]
        indexes = [models.Index(fields=["projection", "day"], name="sold_line_by_day")]


class CookedTicket(OfProjection):
    """A ticket, and how long it waited, was cooked, and stood at the pass; in microseconds."""

    ticket = models.UUIDField()
    tray = models.UUIDField()
    line = models.UUIDField(null=True)
    item = models.CharField(max_length=64)
    zone = models.CharField(max_length=32)
    day = models.DateField(null=True, help_text="On which a cook began with it.")
    fired_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    to_pass = models.BooleanField(default=False)
    thrown_away = models.BooleanField(default=False)
    waited = models.BigIntegerField(null=True)
    cooked = models.BigIntegerField(null=True)
    at_pass = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["projection", "order_ref", "ticket"], name="one_cooked_ticket"
            )
        ]
        indexes = [models.Index(fields=["projection", "day"], name="cooked_ticket_by_day")]


class Waste(OfProjection):
    """What was begun of a line, and thrown away."""

    class Kind(models.TextChoices):
        REFIRED = "refired", _("Cooked again")
        LINE_CANCELLED = "line_cancelled", _("Line cancelled")
        ORDER_CANCELLED = "order_cancelled", _("Order cancelled")

    position = models.BigIntegerField(help_text="The event that told of it.")
    line = models.UUIDField()
    day = models.DateField()
    item = models.CharField(max_length=64)
    zone = models.CharField(max_length=32)
    kind = models.CharField(max_length=15, choices=Kind)
    reason = models.CharField(max_length=500)
    quantity = models.PositiveSmallIntegerField()
    cents = models.BigIntegerField(help_text="What all of it would have cost, in hundredths.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["projection", "order_ref", "position", "line"], name="one_waste_of_a_line"
            )
        ]
        indexes = [models.Index(fields=["projection", "day"], name="waste_by_day")]


#: What is thrown away with a projection.
OF_PROJECTIONS: tuple[type[OfProjection], ...] = (TakenOrder, SoldLine, CookedTicket, Waste)


class Refusal(models.Model):
    """An order that was not taken. There is no event of it, because there is no order."""

    # Who asked with which key: asking again is no second refusal.
    key = models.CharField(max_length=64, unique=True)
    day = models.DateField()
    hour = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=8)
    code = models.CharField(max_length=32)
    refused_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["day"], name="refusal_by_day")]

    def __str__(self) -> str:
        return f"{self.code} at {self.refused_at}"
