"""What is served together."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kitchen.lifecycle import UNFINISHED, TrayState


class TrayQuerySet(models.QuerySet["Tray"]):
    def of_order(self, order_ref: UUID) -> "TrayQuerySet":
        return self.filter(order_ref=order_ref).order_by("number")

    def late(self) -> "TrayQuerySet":
        """Not at the pass yet, though they were promised."""
        return self.filter(state=TrayState.WAITING, promised_at__lt=timezone.now())

    def to_pace(self) -> "TrayQuerySet":
        """What waits for the kitchen; who is in a hurry first."""
        waiting = self.filter(state=TrayState.WAITING, canvas__gt=0, held_back=False)
        return waiting.order_by(F("rushed_at").asc(nulls_last=True), "opened_at", "id")

    def at_the_pass_since(self, moment: datetime) -> "TrayQuerySet":
        """Ready since then or longer, not served, and that was not told yet."""
        return self.filter(state=TrayState.READY, ready_at__lt=moment, over_limit_at=None)

    def complete_but_waiting(self, for_at_least: timedelta) -> "TrayQuerySet":
        """Everything is done or void, and nobody has plated it."""
        waiting = self.filter(
            state=TrayState.WAITING,
            canvas__gt=0,
            touched_at__lt=timezone.now() - for_at_least,
        )
        return waiting.exclude(tickets__state__in=UNFINISHED)


class Tray(models.Model):
    """What is served together. Its row is taken first by whoever moves one of its tickets."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    order_ref = models.UUIDField()
    order_label = models.CharField(max_length=64, blank=True)
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=TrayState, default=TrayState.WAITING)
    version = models.PositiveIntegerField(default=1)
    canvas = models.PositiveIntegerField(
        default=0,
        help_text="Raised each time the head chef drives the tray; 0: not opened yet.",
    )
    promised_at = models.DateTimeField(null=True)
    expected_at = models.DateTimeField(
        null=True, help_text="When it will be ready as the kitchen stands now."
    )
    course = models.PositiveSmallIntegerField(default=1)
    held_back = models.BooleanField(
        default=False, help_text="Of a later course, for which nobody has called yet."
    )
    rushed_at = models.DateTimeField(null=True, help_text="Somebody is in a hurry since.")
    opened_at = models.DateTimeField(default=timezone.now)
    noted_version = models.PositiveIntegerField(
        default=0, help_text="The version of the order whose notes its tickets have."
    )
    driven_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now, help_text="When it last moved.")
    started_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    served_at = models.DateTimeField(null=True)
    void_lines = models.JSONField(
        default=list, help_text="Lines of which nothing is cooked, or nothing more."
    )
    over_limit_at = models.DateTimeField(
        null=True, help_text="When it had stood at the pass for longer than the limit."
    )

    objects = TrayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_ref", "number"], name="one_tray_per_number"),
            models.CheckConstraint(condition=Q(state__in=TrayState.values), name="tray_state"),
        ]
        indexes = [
            # None has `touched_at`, which each press writes: PostgreSQL then leaves all of them as
            # they are.
            models.Index(fields=["state", "opened_at"], name="tray_by_state")
        ]

    def __str__(self) -> str:
        return f"{self.order_label} tray {self.number}"

    @property
    def late_for(self) -> timedelta | None:
        """By how much it misses its promise while it waits."""
        now = timezone.now()
        if self.state != TrayState.WAITING or self.promised_at is None or self.promised_at > now:
            return None
        return now - self.promised_at
