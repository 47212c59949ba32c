"""The rows of the kitchen: zones, menu and recipes, trays and tickets."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kitchen.lifecycle import FINISHED, OPEN, TicketChange, TicketState, TrayState
from kitchen.printing import address as printer_address

#: How slowly and how fast the demo's clock may run.
SLOWEST, FASTEST = 0.1, 1000.0
#: Minutes; nobody waits for longer than a day.
LONGEST_QUOTE = 1440
#: What pacing looks at of a ticket.
PACED_BY = (
    *("tray_id", "track", "position", "zone_id", "prep_seconds"),
    *("state", "fire_at", "started_at"),
)
#: What was finished within this time still shows on a zone's list.
LATELY = timedelta(minutes=10)
A_DAY, A_SECOND = timedelta(days=1), timedelta(seconds=1)
#: Seconds; what stands at the pass for a day was forgotten.
LONGEST_AT_THE_PASS = 86_400


class Zone(models.Model):
    """A place where cooks work: fry, grill, boil, sides, rice, drinks."""

    code = models.SlugField(primary_key=True, max_length=32)
    name = models.CharField(max_length=64)
    name_th = models.CharField("Thai name", max_length=64)
    is_open = models.BooleanField(default=True)
    cooks = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    place = models.PositiveSmallIntegerField(default=0, help_text="Its place in lists.")
    printer = models.CharField(
        max_length=128,
        blank=True,
        validators=[printer_address.validate],
        help_text="Prints what is fired: tcp://host:port, ESC/POS, 80 mm; empty: none.",
    )

    class Meta:
        ordering = ["place", "code"]
        constraints = [models.CheckConstraint(condition=Q(cooks__gte=1), name="zone_has_a_cook")]

    def __str__(self) -> str:
        return self.name

    @property
    def queue(self) -> str:
        """The Celery queue through which every ticket of this zone passes."""
        return queue_of(self.code)


def queue_of(zone: str) -> str:
    return f"zone.{zone}"


class MenuItemQuerySet(models.QuerySet["MenuItem"]):
    def sold_out(self) -> "MenuItemQuerySet":
        """Nobody can order it: taken off the menu, or no portion left."""
        return self.filter(Q(available=False) | Q(portions_left=0))

    def short(self) -> "MenuItemQuerySet":
        """Sold out, or few are left."""
        return self.sold_out() | self.filter(portions_left__lte=F("low_at"))

    def to_come_back(self, since: datetime) -> "MenuItemQuerySet":
        """Each morning; but what somebody has said since then holds."""
        said_before = Q(stock_said_at=None) | Q(stock_said_at__lt=since)
        return self.filter(said_before, back_each_morning=True)


class MenuItem(models.Model):
    """A dish or a drink."""

    class Kind(models.TextChoices):
        DISH = "dish", _("Dish")
        DRINK = "drink", _("Drink")

    code = models.SlugField(primary_key=True, max_length=64)
    kind = models.CharField(max_length=5, choices=Kind)
    name = models.CharField(max_length=120)
    name_th = models.CharField("Thai name", max_length=120)
    price = models.DecimalField(
        max_digits=8, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    available = models.BooleanField(default=True, help_text="Off: 86, not to be ordered.")
    portions_left = models.PositiveIntegerField(
        null=True, blank=True, help_text="Counted down by orders; empty: unlimited."
    )
    low_at = models.PositiveIntegerField(
        null=True, blank=True, help_text="Marked as low when so few portions are left."
    )
    back_each_morning = models.BooleanField(
        default=False, help_text="To be ordered again when the day starts, whatever was left."
    )
    portions_each_day = models.PositiveIntegerField(
        null=True, blank=True, help_text="The portions that it comes back with; empty: unlimited."
    )
    stock_said_at = models.DateTimeField(
        null=True, editable=False, help_text="When somebody last said what there is."
    )
    place = models.PositiveSmallIntegerField(default=0, help_text="Its place on the menu.")

    objects = MenuItemQuerySet.as_manager()

    class Meta:
        ordering = ["place", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=Decimal(0)), name="price_not_negative")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_sold_out(self) -> bool:
        return not self.available or self.portions_left == 0

    @property
    def is_low(self) -> bool:
        """Some are left, but few."""
        if self.low_at is None or self.portions_left is None:
            return False
        return 0 < self.portions_left <= self.low_at


class RecipeStep(models.Model):
    """One step of an item's recipe. Tracks run side by side; a track's steps follow each other."""

    item = models.ForeignKey(MenuItem, models.CASCADE, related_name="steps")
    track = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveSmallIntegerField(default=1, help_text="Its place in the track.")
    zone = models.ForeignKey(Zone, models.PROTECT)
    prep_seconds = models.PositiveIntegerField(validators=[MinValueValidator(1)])

    class Meta:
        ordering = ["track", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "track", "position"], name="one_step_per_place_in_a_track"
            ),
            models.CheckConstraint(condition=Q(prep_seconds__gte=1), name="a_step_takes_time"),
        ]

    def __str__(self) -> str:
        return f"{self.zone_id} {self.prep_seconds} s"


class OptionGroup(models.Model):
    """What a guest may choose about an item: the meat, how spicy. Items share groups."""

    code = models.SlugField(primary_key=True, max_length=64)
    name = models.CharField(max_length=60)
    name_th = models.CharField("Thai name", max_length=60)
    many = models.BooleanField(
        "choose several", default=False, help_text="Off: choose one. On: any of them."
    )
    required = models.BooleanField(
        default=False,
        help_text="Off: who chooses nothing gets the item as the menu has it.",
    )
    items = models.ManyToManyField(MenuItem, related_name="option_groups", blank=True)
    place = models.PositiveSmallIntegerField(default=0, help_text="Its place among the groups.")

    class Meta:
        ordering = ["place", "code"]

    def __str__(self) -> str:
        return self.name


class Option(models.Model):
    """One of the things to choose from. Its code is its own in the whole house."""

    group = models.ForeignKey(OptionGroup, models.PROTECT, related_name="options")
    code = models.SlugField(unique=True, max_length=64)
    name = models.CharField(max_length=60)
    name_th = models.CharField("Thai name", max_length=60)
    price = models.DecimalField(
        "price difference",
        max_digits=8,
        decimal_places=2,
        default=Decimal(0),
        help_text="Added to the item's price; may be negative.",
    )
    available = models.BooleanField(default=True, help_text="Off: 86, not to be ordered.")
    place = models.PositiveSmallIntegerField(default=0, help_text="Its place in the group.")

    class Meta:
        ordering = ["place", "code"]

    def __str__(self) -> str:
        return self.name


class OptionStep(models.Model):
    """What an option gives the kitchen to do: its steps are one more track of the line."""

    option = models.ForeignKey(Option, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(default=1, help_text="Its place in the track.")
    zone = models.ForeignKey(Zone, models.PROTECT)
    prep_seconds = models.PositiveIntegerField(validators=[MinValueValidator(1)])

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["option", "position"], name="one_option_step_per_place"
            ),
            models.CheckConstraint(
                condition=Q(prep_seconds__gte=1), name="an_option_step_takes_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.zone_id} {self.prep_seconds} s"


@dataclass(frozen=True)
class ZoneLoad:
    """Open work of a zone: prep seconds, tickets by state, and those past their tray's promise."""

    work: int = 0
    held: int = 0
    fired: int = 0
    cooking: int = 0
    late: int = 0


class TrayQuerySet(models.QuerySet["Tray"]):
    def of_order(self, order_ref: UUID) -> "TrayQuerySet":
        return self.filter(order_ref=order_ref).order_by("number")

    def late(self) -> "TrayQuerySet":
        """Not at the pass yet, though they were promised."""
        return self.filter(state=TrayState.WAITING, promised_at__lt=timezone.now())

    def to_pace(self) -> "TrayQuerySet":
        """What waits for the kitchen, with what is left of it; who is in a hurry first."""
        tickets = Ticket.objects.filter(finished_at=None).to_show()
        return (
            self.filter(state=TrayState.WAITING, canvas__gt=0, held_back=False)
            .order_by(F("rushed_at").asc(nulls_last=True), "opened_at", "id")
            .prefetch_related(Prefetch("tickets", queryset=tickets.order_by("track", "position")))
        )

    def at_the_pass_since(self, moment: datetime) -> "TrayQuerySet":
        """Ready since then or longer, not served, and that was not told yet."""
        return self.filter(state=TrayState.READY, ready_at__lt=moment, over_limit_at=None)

    def complete_but_waiting(self, for_at_least: timedelta) -> "TrayQuerySet":
        """Everything is done or void, and nobody has plated it."""
        unfinished = Ticket.objects.filter(tray=OuterRef("pk")).exclude(state__in=FINISHED)
        return self.filter(
            ~Exists(unfinished),
            state=TrayState.WAITING,
            canvas__gt=0,
            touched_at__lt=timezone.now() - for_at_least,
        )


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

    def to_be_printed(self, since: datetime) -> "TicketQuerySet":
        """Fired since then at a zone with a printer, to be cooked still, and without a chit."""
        return self.to_show().filter(
            finished_at=None,
            fired_at__gte=since,
            state__in=[TicketState.FIRED, TicketState.COOKING],
            cancel_requested=False,
            printed="",
            zone__in=Zone.objects.exclude(printer=""),
        )

    def cancelled_on_paper(self, since: datetime) -> "TicketQuerySet":
        """Cancelled since then, while the cook still has a chit that says to cook it."""
        chits = Chit.objects.filter(ticket=OuterRef("pk"))
        on_paper = Q(printed_at__isnull=False) | Q(maybe_repeat=True, dropped_at__isnull=False)
        to_be_stopped = Q(finished_at=None, cancel_requested=True)
        void = Q(finished_at__gte=since, done_at=None, fire_at__gte=since - A_DAY)
        return self.to_show().filter(
            to_be_stopped | void,
            Exists(chits.filter(on_paper, kind=Chit.Kind.FIRED)),
            ~Exists(chits.filter(kind=Chit.Kind.CANCELLED)),
            zone__in=Zone.objects.exclude(printer=""),
        )

    def changed_on_paper(self, since: datetime, seen_within: timedelta) -> "TicketQuerySet":
        """The note was changed since then, while the cook has a chit with the old one.

        A chit has the note as it was when the chit was claimed, `seen_within` before the claim's
        end; what was claimed in the second of the change may have either.
        """
        chits = Chit.objects.filter(ticket=OuterRef("pk"))
        has_it = Q(claimed_until__gte=OuterRef("changed_at") + seen_within + A_SECOND)
        return self.to_show().filter(
            Exists(chits.filter(printed_at__isnull=False)),
            ~Exists(chits.filter(has_it | Q(printed_at=None), dropped_at=None)),
            finished_at=None,
            state__in=[TicketState.FIRED, TicketState.COOKING],
            change=TicketChange.NOTE,
            changed_at__gte=since,
            zone__in=Zone.objects.exclude(printer=""),
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


class KitchenSettings(models.Model):
    """What a manager sets; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    time_scale = models.FloatField(
        default=1.0,
        validators=[MinValueValidator(SLOWEST), MaxValueValidator(FASTEST)],
        help_text="The demo's clock: prep times, queues and promises run this fast.",
    )

    pacing = models.BooleanField(
        default=True, help_text="What is quick waits, so that all of a tray is done together."
    )
    auto_fire_courses = models.BooleanField(
        default=False, help_text="The next course is fired when the one before it is served."
    )
    quote_limit_minutes = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_QUOTE)],
        help_text="No order is taken that would be ready later than this; empty: no limit.",
    )

    day_starts_at = models.TimeField(
        default=time(6), help_text="Then what is to be back each morning is back on the menu."
    )
    restocked_on = models.DateField(
        null=True, editable=False, help_text="The last day that has started."
    )
    chit_limit_minutes = models.PositiveSmallIntegerField(
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_QUOTE)],
        help_text="A chit that is older is not printed by itself any more.",
    )
    pass_limit_seconds = models.PositiveIntegerField(
        default=300,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_AT_THE_PASS)],
        help_text="What stands at the pass for longer is told.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "settings"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_row_of_settings"),
            models.CheckConstraint(condition=Q(time_scale__gt=0), name="time_runs_forward"),
            models.CheckConstraint(
                condition=Q(quote_limit_minutes__gte=1), name="a_quote_takes_time"
            ),
            models.CheckConstraint(
                condition=Q(pass_limit_seconds__gte=1), name="the_pass_may_take_time"
            ),
        ]

    def __str__(self) -> str:
        return "The kitchen's settings"

    @classmethod
    def current(cls) -> "KitchenSettings":
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class ChitQuerySet(models.QuerySet["Chit"]):
    def to_print(self) -> "ChitQuerySet":
        """Neither printed nor given up."""
        return self.filter(printed_at=None, dropped_at=None)

    def at_printers(self) -> "ChitQuerySet":
        """To print, where there is a printer, the oldest first."""
        waiting = self.to_print().exclude(ticket__zone__printer="")
        return waiting.select_related("ticket__tray", "ticket__zone").order_by("pk")


class Chit(models.Model):
    """A ticket on paper: what is to be printed, and whether it was."""

    class Kind(models.TextChoices):
        FIRED = "fired", _("The ticket")
        CHANGED = "changed", _("Changed")
        CANCELLED = "cancelled", _("Cancelled")

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="chits")
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.FIRED)
    of_change = models.PositiveBigIntegerField(
        default=0, help_text="When the change was made that it tells of, in microseconds."
    )
    is_reprint = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    claimed_until = models.DateTimeField(
        null=True, help_text="Somebody speaks with the printer; until then nobody else does."
    )
    maybe_repeat = models.BooleanField(
        default=False, help_text="An attempt broke off: it may be on paper already."
    )
    error = models.CharField(max_length=200, blank=True, help_text="Why the last attempt failed.")
    failed_at = models.DateTimeField(null=True, help_text="When it was told that it is not there.")
    printed_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True, help_text="Given up since: not to be printed.")

    objects = ChitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "kind", "of_change"],
                condition=Q(is_reprint=False, dropped_at=None),
                name="one_chit_of_a_ticket",
            ),
            models.CheckConstraint(
                condition=Q(printed_at=None) | Q(dropped_at=None), name="printed_or_dropped"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(printed_at=None, dropped_at=None), name="chit_to_print"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket} on paper"

    def is_due(self, now: datetime) -> bool:
        """Nobody speaks with the printer about it, and it may be tried again."""
        return self.next_try_at <= now and (self.claimed_until is None or self.claimed_until <= now)
