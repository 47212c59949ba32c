"""What a cook sees: one step of one line at one zone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, models
from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kitchen.lifecycle import FINISHED, OPEN, TicketChange, TicketState, TrayState
from kitchen.models.trays import Tray
from kitchen.models.zones import Zone

#: What pacing looks at of a ticket.
PACED_BY = (
    *("tray_id", "track", "position", "zone_id", "prep_seconds"),
    *("state", "fire_at", "started_at"),
)
#: What was finished within this time still shows on a zone's list.
LATELY = timedelta(minutes=10)


@dataclass(frozen=True)
class ZoneLoad:
    """Open work of a zone: prep seconds, tickets by state, and those past their tray's promise."""

    work: int = 0
    held: int = 0
    fired: int = 0
    cooking: int = 0
    late: int = 0


class TicketQuerySet(models.QuerySet["Ticket"]):
    def to_show(self) -> "TicketQuerySet":
        """Without the parked messages, which are most of their bytes."""
        return self.defer("parked")

    def in_state(self, zone: str, state: str) -> "TicketQuerySet":
        """All of the zone's in this state; the times say the same, and have the indexes."""
        return self.filter(
            zone=zone,
            state=state,
            finished_at__isnull=state not in FINISHED,
            done_at__isnull=state != TicketState.DONE,
        )

    def on_screen(self, zone: str) -> "TicketQuerySet":
        """What a zone has before it, later courses aside, and what it did lately."""
        return self.filter(
            Q(finished_at=None, state__in=OPEN, tray__held_back=False)
            | Q(state=TicketState.DONE, done_at__gte=timezone.now() - LATELY),
            zone=zone,
        )

    def unprinted(self) -> "TicketQuerySet":
        """To be cooked still, and the cook has no chit."""
        return self.filter(finished_at=None, state__in=OPEN, printed=Printed.FAILED)

    def at_the_pass_since(self, moment: datetime) -> "TicketQuerySet":
        """Last of their tracks and done since then or longer, and that was not told yet; their
        trays wait for something else.
        """
        not_with_the_guest = Q(tray__served_at=None) | Q(done_at__gt=F("tray__served_at"))
        return self.filter(
            not_with_the_guest,
            tray__state=TrayState.WAITING,
            state=TicketState.DONE,
            next_zone="",
            done_at__lt=moment,
            over_limit_at=None,
            wasted=False,
        )

    def quarantined(self) -> "TicketQuerySet":
        """Their trays could not be called out: somebody must look at them."""
        return self.filter(finished_at=None, state=TicketState.QUARANTINED)

    def load(self) -> dict[str, "ZoneLoad"]:
        """What each zone that has any work has before it."""
        rows = (
            self.filter(finished_at=None, state__in=OPEN, tray__held_back=False)
            .values("zone")
            .annotate(
                work=Sum("prep_seconds"),
                held=Count("pk", filter=Q(state=TicketState.HELD)),
                fired=Count("pk", filter=Q(state=TicketState.FIRED)),
                cooking=Count("pk", filter=Q(state=TicketState.COOKING)),
                late=Count("pk", filter=Q(tray__promised_at__lt=timezone.now())),
            )
            .order_by()
        )
        return {
            row["zone"]: ZoneLoad(
                row["work"], row["held"], row["fired"], row["cooking"], row["late"]
            )
            for row in rows
        }

    def to_do(self) -> "TicketQuerySet":
        """All that the zones have before them, track by track: what a promise stands behind."""
        return (
            self.filter(finished_at=None, tray__state=TrayState.WAITING, tray__held_back=False)
            .only(*PACED_BY)
            .order_by("tray_id", "track", "position")
        )

    def left(self) -> "TicketQuerySet":
        """What is not finished, track by track."""
        return self.filter(finished_at=None).to_show().order_by("track", "position")

    def may_fire(self) -> "TicketQuerySet":
        """Held, and nothing of their track is to be done before them."""
        before = Ticket.objects.filter(
            tray=OuterRef("tray"),
            track=OuterRef("track"),
            position__lt=OuterRef("position"),
            finished_at=None,
        )
        return self.filter(~Exists(before), state=TicketState.HELD).to_show()

    def all_finished(self, tray_id: UUID) -> bool:
        """The chord's count: nothing of the tray is left to cook."""
        return not self.filter(tray=tray_id).exclude(state__in=FINISHED).exists()

    def finished_last(self, ticket_id: UUID) -> bool:
        """Nothing of the ticket's tray is left to cook, and nothing finished after it."""
        return _is_there(
            """
            SELECT 1 FROM kitchen_ticket AS mine WHERE id = %s AND finished_at IS NOT NULL
            AND NOT EXISTS (
                SELECT 1 FROM kitchen_ticket AS other WHERE other.tray_id = mine.tray_id
                AND (other.finished_at IS NULL OR other.finished_version > mine.finished_version))
            """,
            ticket_id,
        )

    def finished_on(self, ticket_id: UUID, canvas: int) -> bool:
        """The ticket is finished, and this is its tray's canvas of now."""
        return _is_there(
            """
            SELECT 1 FROM kitchen_ticket JOIN kitchen_tray ON kitchen_tray.id = tray_id
            WHERE kitchen_ticket.id = %s AND finished_at IS NOT NULL AND canvas = %s
            """,
            ticket_id,
            canvas,
        )

    def standing_still(self, for_at_least: timedelta) -> "TicketQuerySet":
        """What should have been called out on its tray's canvas since that time, and was not.

        A slow cook is not a loss: once its message of this canvas is parked, a ticket may wait as
        long as it likes.
        """
        return (
            self.filter(finished_at=None, state__in=OPEN, tray__state=TrayState.WAITING)
            .filter(tray__canvas__gt=0)
            .exclude(parked_canvas=F("tray__canvas"))
            .filter(tray__driven_at__lt=timezone.now() - for_at_least)
            .select_related("tray")
        )


def _is_there(statement: str, ticket_id: UUID, *more: int) -> bool:
    """True if it finds a row. Each part of a chord asks; Django would take several times as long
    to write the question as the database to answer it.
    """
    key = Ticket._meta.pk.get_db_prep_value(ticket_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(statement, [key, *more])
        return cursor.fetchone() is not None


class Printed(models.TextChoices):
    """How far the last chit of a ticket is."""

    NOT = "", _("No chit")
    WAITING = "waiting", _("Waiting for the printer")
    PRINTED = "printed", _("Printed")
    FAILED = "failed", _("Not printed")


class Ticket(models.Model):
    """One step of one order line at one zone."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    # Found by the index of `one_ticket_per_place_in_a_track`.
    tray = models.ForeignKey(Tray, models.CASCADE, related_name="tickets", db_index=False)
    line_ref = models.UUIDField(help_text="The order's line.")
    item = models.CharField(max_length=64, help_text="The menu item's code when it was ordered.")
    # Of an option's own step: the option, and in brackets the item.
    name = models.CharField(max_length=200)
    name_th = models.CharField("Thai name", max_length=200)
    quantity = models.PositiveSmallIntegerField()
    options = models.JSONField(
        default=list, help_text="What was chosen: code, name and Thai name of each."
    )
    note = models.TextField(blank=True)
    allergies = models.TextField(blank=True)
    zone = models.ForeignKey(Zone, models.PROTECT, db_index=False)
    previous_zone = models.CharField(max_length=32, blank=True)
    next_zone = models.CharField(max_length=32, blank=True)
    track = models.PositiveSmallIntegerField(help_text="Tickets of one track follow each other.")
    position = models.PositiveSmallIntegerField()
    prep_seconds = models.PositiveIntegerField()
    state = models.CharField(max_length=11, choices=TicketState, default=TicketState.HELD)
    fire_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True, help_text="Done or void since.")
    finished_version = models.PositiveIntegerField(
        null=True, help_text="The tray's version when it finished: which finished last?"
    )
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="How often the reconciler had to set it going."
    )
    cancel_requested = models.BooleanField(default=False)
    recalls = models.PositiveSmallIntegerField(
        default=0, help_text="How often it was cooked again: a press may say which time it saw."
    )
    printed = models.CharField(
        max_length=7, blank=True, choices=Printed, default=Printed.NOT, help_text="Its last chit."
    )
    # The message of this ticket's part of the chord, and the canvas that it belongs to.
    parked = models.JSONField(null=True, editable=False)
    parked_canvas = models.PositiveIntegerField(null=True, editable=False)
    refire = models.PositiveSmallIntegerField(
        default=0, help_text="How often its line was cooked before."
    )
    wasted = models.BooleanField(
        default=False, help_text="Begun, and thrown away: cancelled, or cooked again."
    )
    change = models.CharField(
        max_length=9,
        choices=TicketChange,
        blank=True,
        help_text="What was changed last about it since it was ordered.",
    )
    changed_at = models.DateTimeField(null=True)
    over_limit_at = models.DateTimeField(
        null=True, help_text="When it had stood at the pass for longer than the limit."
    )

    objects = TicketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tray", "track", "position"], name="one_ticket_per_place_in_a_track"
            ),
            models.CheckConstraint(condition=Q(state__in=TicketState.values), name="ticket_state"),
        ]
        # None names the state: on PostgreSQL a start then changes no index at all.
        indexes = [
            models.Index(
                fields=["zone", "fire_at"], condition=Q(finished_at=None), name="ticket_open"
            ),
            models.Index(
                fields=["zone", "fire_at"],
                condition=Q(finished_at__isnull=False, done_at=None),
                name="ticket_void",
            ),
            models.Index(
                fields=["zone", "fire_at"], condition=Q(done_at__isnull=False), name="ticket_done"
            ),
            models.Index(
                fields=["zone", "done_at"],
                condition=Q(done_at__isnull=False),
                name="ticket_done_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.name} at {self.zone_id}"

    @property
    def to_read(self) -> str:
        """All that must be read beside the dish, for who has one text to show; allergies first."""
        allergies = f"ALLERGIES: {self.allergies}" if self.allergies else ""
        return " · ".join(part for part in (allergies, self.note) if part)
