"""The rows of what the guest asked for."""

import secrets
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders import promptpay
from orders.billing import NOTHING, Charges
from orders.lifecycle import OPEN, OrderState
from restaurant.accounts.roles import is_staff, shop_of

#: In percent, in Thailand.
USUAL_VAT = Decimal("7.00")


def new_secret() -> str:
    """128 bits: nobody guesses somebody else's tracking page."""
    return secrets.token_urlsafe(16)


def percent_field(name: str, default: Decimal, help_text: str = "") -> Any:
    return models.DecimalField(
        name,
        max_digits=5,
        decimal_places=2,
        default=default,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=help_text,
    )


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: Any) -> "OrderQuerySet":
        """Staff see every order, a shop those of which it sells a line, an app its own."""
        if is_staff(user):
            return self
        if (shop := shop_of(user)) is not None:
            return self.filter(Exists(OrderLine.objects.filter(order=OuterRef("pk"), shop=shop)))
        return self.filter(placed_by=user)

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
    # The house's of the moment when it was placed: no bill changes under its guests.
    service_percent = percent_field("service charge in percent", NOTHING)
    vat_percent = percent_field("VAT in percent", USUAL_VAT)
    prices_include_vat = models.BooleanField("prices include VAT", default=True)
    closed_at = models.DateTimeField(null=True, blank=True)

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
    def charges(self) -> Charges:
        """What comes to the prices of its lines."""
        return Charges(self.service_percent, self.vat_percent, self.prices_include_vat)

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
    # As it was when it was ordered: no bill changes because a zone changes hands.
    shop = models.CharField(
        max_length=32,
        blank=True,
        default="",
        db_default="",
        help_text="Who sells it; empty: the house.",
    )

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["order", "place"], name="one_line_per_place"),
            models.CheckConstraint(condition=Q(quantity__range=(1, 99)), name="line_quantity"),
        ]
        indexes = [
            models.Index(fields=["shop", "order"], condition=~Q(shop=""), name="line_of_shop")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.name}"

    @property
    def price(self) -> Decimal:
        return self.unit_price * self.quantity


class Payment(models.Model):
    """Money that a guest has given for an order. Written once, never changed."""

    class Method(models.TextChoices):
        CASH = "cash", _("Cash")
        CARD = "card", _("Card")
        PROMPTPAY = "promptpay", _("PromptPay")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    method = models.CharField(max_length=9, choices=Method)
    amount = models.DecimalField(
        max_digits=14, decimal_places=2, help_text="What counts towards the bill."
    )
    tendered = models.DecimalField(
        max_digits=14, decimal_places=2, help_text="What was handed over; of cash it may be more."
    )
    reference = models.CharField(
        max_length=64, blank=True, help_text="The number of the slip; never that of a card."
    )
    taken_at = models.DateTimeField(default=timezone.now)
    taken_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["taken_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payment_is_something"),
            models.CheckConstraint(
                condition=Q(tendered=F("amount")) | Q(tendered__gt=F("amount"), method="cash"),
                name="change_is_given_of_cash_alone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.get_method_display()}"

    @property
    def change(self) -> Decimal:
        """What the guest got back at once."""
        return self.tendered - self.amount


class RefundQuerySet(models.QuerySet["Refund"]):
    def due(self) -> "RefundQuerySet":
        """Promised, and not given back yet."""
        return self.filter(paid_back_at=None)


class Refund(models.Model):
    """What was paid and is not owed any more. Once it is paid back it says when, and by whom."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    reason = models.CharField(max_length=500)
    made_at = models.DateTimeField("due since", default=timezone.now)
    paid_back_at = models.DateTimeField(null=True)
    paid_back_by = models.CharField(max_length=150, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_refund_is_something"),
        ]
        indexes = [
            models.Index(
                fields=["made_at"], condition=Q(paid_back_at=None), name="refund_not_paid_back"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.order_id}: {self.amount}"


def validate_promptpay_id(text: str) -> None:
    """Raises ValidationError for what is none."""
    if not promptpay.is_id(text):
        raise ValidationError(
            _("A mobile number, a tax or national ID, or an e-wallet: 10, 13 or 15 digits.")
        )


class BillSettings(models.Model):
    """What the house adds to its prices, and what its bills say; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    service_percent = percent_field(
        "service charge in percent", NOTHING, "For guests at a table alone."
    )
    vat_percent = percent_field(
        "VAT in percent", USUAL_VAT, "0: the house is not registered for VAT."
    )
    prices_include_vat = models.BooleanField(
        "prices include VAT",
        default=True,
        help_text="The menu's prices have VAT in them; else it comes on top.",
    )
    promptpay_id = models.CharField(
        "PromptPay ID",
        max_length=15,
        blank=True,
        validators=[validate_promptpay_id],
        help_text="Whom the QR code pays: a mobile number, tax ID or e-wallet.",
    )
    receipt_head = models.TextField(
        max_length=500,
        blank=True,
        help_text="The first lines of a receipt: name, address, tax ID.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "bill settings"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_row_of_bill_settings"),
            models.CheckConstraint(
                condition=Q(service_percent__range=(0, 100), vat_percent__range=(0, 100)),
                name="charges_are_percent",
            ),
        ]

    def __str__(self) -> str:
        return "The house's bills"

    @classmethod
    def current(cls) -> "BillSettings":
        return cls.objects.filter(pk=1).first() or cls(pk=1)
