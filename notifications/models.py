"""Who wants to be told, what they are told, and how far the feed has been read."""

from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from notifications.lifecycle import DeliveryState
from notifications.signing import new_salt
from restaurant.accounts.roles import Role

HOUSE = Q(principal__is_superuser=True) | Q(principal__groups__name=Role.MANAGER)


class OrderOwner(models.Model):
    """Whose an order is: all that is known of it here."""

    order_ref = models.UUIDField(primary_key=True)
    # Asked for by order only.
    principal = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, "+", db_index=False)
    callback_url = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return str(self.order_ref)


class Guest(models.Model):
    """Who wants a mail about an order: it stands nowhere else, and goes with what was sent."""

    order_ref = models.UUIDField(primary_key=True)
    email = models.CharField(max_length=254)
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    number = models.BigIntegerField(help_text="What people call the order.")
    tracking_url = models.CharField(max_length=500)
    placed_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"#{self.number}"


class FeedReader(models.Model):
    """How far a reader of the feed has come: what lies before is written down."""

    name = models.CharField(primary_key=True, max_length=32)
    position = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.position}"


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def of_house(self) -> "EndpointQuerySet":
        """Those of managers, who hear of every order."""
        return self.filter(HOUSE).distinct()

    def awake(self) -> "EndpointQuerySet":
        """May be sent to now."""
        paused = Q(paused_until__gt=timezone.now())
        return self.filter(enabled=True, principal__is_active=True).exclude(paused)


class Endpoint(models.Model):
    """A receiver: where an account wants to be told, and of what."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    principal = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, "+")
    url = models.CharField(max_length=500)
    events = models.JSONField(default=list, help_text="Names of events; none: callbacks only.")
    enabled = models.BooleanField(default=True)
    disabled_because = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    since = models.BigIntegerField(default=0, help_text="It is told what comes after this.")
    # Its secrets are made of these, and never stored.
    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    old_salt = models.CharField(max_length=32, blank=True, editable=False)
    old_salt_until = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveIntegerField(default=0, help_text="On end.")
    paused_until = models.DateTimeField(null=True, help_text="It failed too often.")

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = "webhook"

    def __str__(self) -> str:
        return self.url

    @property
    def salts(self) -> list[str]:
        """The valid ones, the newest first."""
        old = self.old_salt_until is not None and self.old_salt_until > timezone.now()
        return [self.salt, self.old_salt] if old else [self.salt]


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self) -> "DeliveryQuerySet":
        now = timezone.now()
        waiting = self.filter(state=DeliveryState.WAITING, next_try_at__lte=now)
        return waiting.order_by("next_try_at", "id")

    def dead(self) -> "DeliveryQuerySet":
        return self.filter(state=DeliveryState.DEAD)


class Delivery(models.Model):
    """One event for one receiver, until it has arrived or is given up."""

    ref = models.UUIDField(unique=True, default=uuid4, editable=False)
    # Found by the index of `deliveries_of_endpoint`.
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, "deliveries", db_index=False)
    event = models.UUIDField(help_text="The webhook-id, the same on every try.")
    name = models.CharField(max_length=64)
    order_ref = models.UUIDField(help_text="The order it is about.")
    sequence = models.PositiveIntegerField(
        help_text="Of what this receiver is told of the order: 1, 2, 3, …"
    )
    callback_url = models.CharField(
        max_length=500, blank=True, help_text="Where to, if not to the webhook's own address."
    )
    body = models.TextField()
    state = models.CharField(max_length=9, choices=DeliveryState, default=DeliveryState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(null=True, default=timezone.now)
    last_tried_at = models.DateTimeField(null=True)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=200, blank=True)
    finished_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "event", "callback_url"], name="one_delivery_per_event"
            ),
            models.UniqueConstraint(
                fields=["endpoint", "order_ref", "sequence"], name="one_sequence_per_order"
            ),
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.values), name="delivery_state"
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.WAITING) | Q(next_try_at__isnull=False),
                name="who_waits_has_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "next_try_at", "id"],
                condition=Q(state=DeliveryState.WAITING),
                name="delivery_due",
            ),
            models.Index(fields=["endpoint", "-id"], name="deliveries_of_endpoint"),
            models.Index(
                fields=["id"], condition=Q(state=DeliveryState.DEAD), name="delivery_dead"
            ),
            models.Index(
                fields=["finished_at"],
                condition=Q(finished_at__isnull=False),
                name="delivery_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.event}"

    @property
    def to(self) -> str:
        return self.callback_url or self.endpoint.url


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self) -> "MailQuerySet":
        now = timezone.now()
        waiting = self.filter(state=DeliveryState.WAITING, next_try_at__lte=now)
        return waiting.order_by("next_try_at", "id")

    def dead(self) -> "MailQuerySet":
        return self.filter(state=DeliveryState.DEAD)


class Mail(models.Model):
    """One event for one guest, until it is sent or given up."""

    guest = models.ForeignKey(Guest, models.CASCADE, "mails")
    event = models.UUIDField(unique=True, help_text="Its Message-ID is made of it.")
    name = models.CharField(max_length=64)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    state = models.CharField(max_length=9, choices=DeliveryState, default=DeliveryState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(null=True, default=timezone.now)
    last_tried_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)
    finished_at = models.DateTimeField(null=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="mail_state"),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.WAITING) | Q(next_try_at__isnull=False),
                name="mail_that_waits_has_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                condition=Q(state=DeliveryState.WAITING),
                name="mail_due",
            ),
            models.Index(fields=["id"], condition=Q(state=DeliveryState.DEAD), name="mail_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.event}"


def owners_of(order_refs: set[UUID]) -> dict[UUID, OrderOwner]:
    """Whose these orders are, as far as it is known."""
    return OrderOwner.objects.in_bulk(order_refs)
