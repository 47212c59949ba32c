"""The rows of what the guest asked for."""

import secrets
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin
from uuid import UUID, uuid4

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.lifecycle import OPEN, OrderState
from restaurant.accounts.roles import is_staff


def new_secret() -> str:
    """128 bits: nobody guesses somebody else's tracking page."""
    return secrets.token_urlsafe(16)


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: Any) -> "OrderQuerySet":
        """Staff see every order, an app its own."""
        return self if is_staff(user) else self.filter(placed_by=user)

    def open(self) -> "OrderQuerySet":
        """The kitchen still owes something of them."""
        return self.filter(state__in=OPEN)

    def late(self) -> "OrderQuerySet":
        """Open, though promised."""
        return self.open().filter(promised_at__lt=timezone.now(), between_courses=False)

    def called(self, name: str) -> "OrderQuerySet":
        """Orders by what people call them: number, table, the app's own reference, or ref."""
        called = Q(client_ref=name) | Q(table__in=[name, name.upper()])
        number = name.removeprefix("#")
        if number.isdecimal() and int(number) <= models.BigIntegerField.MAX_BIGINT:
            called |= Q(number=int(number))
        with suppress(ValueError):
            called |= Q(ref=UUID(name))
        return self.filter(called)


class Order(models.Model):
    """One order; its number is for people, its ref for programs."""

    class Channel(models.TextChoices):
        DINE_IN = "dine_in", _("Dine In")
        TAKEAWAY = "takeaway", _("Takeaway")
        DELIVERY = "delivery", _("Delivery")

    number = models.BigAutoField(primary_key=True)
    ref = models.UUIDField(unique=True, default=uuid4, editable=False)
    # An index of its own would only repeat `order_of_app`.
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    client_ref = models.CharField(max_length=64)
    channel = models.CharField(max_length=8, choices=Channel)
    table = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=500, blank=True)
    allergies = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=9, choices=OrderState, default=OrderState.PLACED)
    version = models.PositiveIntegerField(default=1)
    # Room for the dearest options on all lines of the largest order.
    total = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    placed_at = models.DateTimeField(default=timezone.now)
    promised_at = models.DateTimeField()
    tray_promises = models.JSONField(encoder=DjangoJSONEncoder, help_text="By tray number.")
    between_courses = models.BooleanField(
        default=False, help_text="What was called for is served, the next course is not called for."
    )
    rushed_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    served_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=500, blank=True)
    tracking_secret = models.CharField(max_length=32, default=new_secret)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            # Its index also finds a client_ref of any app.
            models.UniqueConstraint(fields=["client_ref", "placed_by"], name="one_client_ref"),
            # `unique=True` would add a second index, for LIKE, on PostgreSQL.
            models.UniqueConstraint(fields=["tracking_secret"], name="one_tracking_secret"),
            models.CheckConstraint(condition=Q(state__in=OrderState.values), name="order_state"),
            models.CheckConstraint(condition=Q(total__gte=0), name="total_not_negative"),
        ]
        indexes = [
            models.Index(fields=["-placed_at", "-number"], name="order_by_time"),
            models.Index(fields=["placed_by", "-placed_at"], name="order_of_app"),
            # SQLite does not know that few orders are open, and would look through all of the app.
            models.Index(fields=["placed_by", "state", "-placed_at"], name="order_of_app_state"),
            models.Index(fields=["state", "-placed_at"], name="order_by_state"),
            models.Index(fields=["table", "-placed_at"], name="order_of_table"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What the kitchen calls it: `#42 · A3`."""
        return f"#{self.number} · {self.table or self.channel.replace('_', ' ')}"

    def tracking_url(self, home: str) -> str:
        """Its guest's page, of the house at this address."""
        return urljoin(home, reverse("track", args=[self.tracking_secret]))

    @property
    def late_for(self) -> timedelta | None:
        """By how much it misses its promise while it is open."""
        late_for = timezone.now() - self.promised_at
        waits = self.state in OPEN and not self.between_courses
        return late_for if waits and late_for > timedelta(0) else None


class OrderLine(models.Model):
    """So many of one menu item on one tray, at the price of the moment."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    # Found by the index of `one_line_per_place`.
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    place = models.PositiveSmallIntegerField()
    tray = models.PositiveSmallIntegerField()
    course = models.PositiveSmallIntegerField(default=1)
    item = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    name_th = models.CharField("Thai name", max_length=120)
    quantity = models.PositiveSmallIntegerField()
    unit_price = models.DecimalField(max_digits=10, decimal_places=2, help_text="With its options.")
    options = models.JSONField(
        default=list, help_text="What was chosen: code, name and Thai name of each."
    )
    note = models.CharField(max_length=500, blank=True)
    counted = models.BooleanField(
        help_text="Portions were taken, and come back if it is cancelled."
    )
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["order", "place"], name="one_line_per_place"),
            models.CheckConstraint(condition=Q(quantity__range=(1, 99)), name="line_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.name}"
