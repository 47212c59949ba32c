"""The outbox, which becomes the history; and who has heard what."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.db.models import F
from django.utils import timezone

#: Any number that no other advisory lock of this database uses: it guards the feed's positions.
FEED_LOCK = 7_368_001
#: What so many processes have died of is left alone for a while, so that others get their turn.
MOST_DEATHS = 5
LEFT_ALONE = timedelta(hours=1)
#: The columns that live streams tell.
TOLD_LIVE = ("uuid", "position", "name", "subject", "happened_at", "data")


class EventRecordQuerySet(models.QuerySet["EventRecord"]):
    def about(self, subject: UUID) -> "EventRecordQuerySet":
        """The history of one order, oldest first, to be shown: without the messages."""
        return self.filter(subject=subject).order_by("id").defer("release")

    def claim_new(
        self, limit: int, subscribed: Collection[str], again_after: timedelta
    ) -> list["EventRecord"]:
        """Give the events that have no position theirs, and claim them for sending.

        One process at a time: positions are in the order in which commits are seen, so whoever
        follows them never misses a late committer. An event whose name is `subscribed` is due
        again after `again_after`, unless all have heard it by then.
        """
        table = self.model._meta.db_table
        now = timezone.now()
        names = ", ".join(["%s"] * len(subscribed))
        if not self.filter(position=None).exists():
            return []
        with transaction.atomic():
            lock_feed()
            claimed = self.raw(
                f"""
                UPDATE {table} SET position = fresh.place, tellings = 1, sent_at = %s,
                    due_at = CASE WHEN name IN ({names}) THEN %s END
                FROM (SELECT id AS fresh_id, row_number() OVER (ORDER BY id)
                             + (SELECT coalesce(max(position), 0) FROM {table}) AS place
                      FROM {table} WHERE position IS NULL ORDER BY id LIMIT %s) AS fresh
                WHERE id = fresh.fresh_id RETURNING id, name, subject, data, release
                """,
                [moment(now), *subscribed, moment(now + again_after), limit],
            )
            return sorted(claimed, key=lambda event: event.id)

    def after(self, position: int) -> "EventRecordQuerySet":
        """What the feed has had since then, in its order, to be shown: without the messages."""
        return self.filter(position__gt=position).order_by("position").only(*TOLD_LIVE)

    def newest(self) -> int:
        """The feed's last position."""
        return self.aggregate(newest=models.Max("position"))["newest"] or 0

    def followed(self, position: int, most: int) -> "EventRecordQuerySet":
        """The first events of the feed after this position, without the messages."""
        return self.filter(position__gt=position).order_by("position").defer("release")[:most]

    def position_before(self, moment: datetime) -> int:
        """Where the feed stood at this moment; 0 before its first event.

        Positions follow each other without gaps and, nearly, in time: they are halved.
        """
        newest: int = self.aggregate(newest=models.Max("position"))["newest"] or 0
        low, high = 0, newest
        while low < high:
            middle = (low + high + 1) // 2
            if self.filter(position=middle, happened_at__lt=moment).exists():
                low = middle
            else:
                high = middle - 1
        return low

    def forget_releases(self, sent_before: datetime) -> int:
        """Drop the messages that were sent long ago: they are most of an event's bytes."""
        sent = self.filter(release__isnull=False, tellings__gt=0, sent_at__lt=sent_before)
        return sent.update(release=None)

    def untold_since(self) -> datetime | None:
        """When the oldest event happened that was never sent; None if all were."""
        unnumbered = self.filter(position=None).order_by("id").values_list("happened_at", flat=True)
        # They have their positions, and Redis was away.
        unsent = self.filter(due_at__isnull=False, tellings=0)
        oldest = unsent.aggregate(oldest=models.Min("happened_at"))["oldest"]
        return min(filter(None, [unnumbered.first(), oldest]), default=None)

    def unheard(self, happened_before: datetime, most: int) -> list["EventRecord"]:
        """The oldest of those that were sent, and of which it is not known that all have heard."""
        sent = self.filter(due_at__isnull=False, tellings__gt=0, happened_at__lt=happened_before)
        return list(sent.order_by("happened_at").only("id", "name", "happened_at")[:most])

    def is_any_due(self) -> bool:
        """Something is to be told again, or to be found heard."""
        return self.filter(due_at__lte=timezone.now()).exists()

    def claim_due(self, limit: int, now: datetime) -> list["EventRecord"]:
        """The events to be told again, locked against other relays until the commit."""
        due = self.filter(due_at__lte=now).order_by("due_at")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        return list(due[:limit])


class EventRecord(models.Model):
    """One event. Written in the transaction of the move it tells of; never changed afterwards."""

    id = models.BigAutoField(primary_key=True)
    # Its name outside of the house; nobody looks it up, so it has no index.
    uuid = models.UUIDField(default=uuid4, editable=False)
    position = models.BigIntegerField(
        null=True, unique=True, help_text="Its place in the feed, given by the relay."
    )
    name = models.CharField(max_length=64)
    subject = models.UUIDField(help_text="The order it is about.")
    data = models.JSONField(encoder=DjangoJSONEncoder)
    happened_at = models.DateTimeField(default=timezone.now)
    # The message that lets a parked task go on; never shown to anybody.
    release = models.JSONField(null=True, editable=False)
    tellings = models.PositiveIntegerField(default=0, help_text="How often it was sent.")
    sent_at = models.DateTimeField(null=True, help_text="When it was last sent.")
    due_at = models.DateTimeField(null=True, help_text="When to send again; empty: all have heard.")

    objects = EventRecordQuerySet.as_manager()

    class Meta:
        verbose_name = "event"
        indexes = [
            models.Index(fields=["subject", "id"], name="event_subject"),
            models.Index(
                fields=["id"], condition=models.Q(position=None), name="event_without_position"
            ),
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="event_due"
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(release__isnull=False),
                name="event_with_release",
            ),
            # The reconciler's repairs: how many were there lately?
            models.Index(
                fields=["happened_at"],
                condition=models.Q(name="tray.repaired"),
                name="event_repair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.uuid}"


class HeardManager(models.Manager["Heard"]):
    def first_time(self, event_id: int, subscriber: str) -> bool:
        """Record that the event is heard; False if this subscriber has heard it before.

        Call it in the transaction of the effect. A second hearing at the same moment waits here for
        the first one's end.
        """
        table = self.model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (event_id, subscriber, heard_at) VALUES (%s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                [event_id, subscriber, moment(timezone.now())],
            )
            return bool(cursor.rowcount == 1)

    def by_event(self, event_ids: Iterable[int]) -> dict[int, dict[str, datetime]]:
        """For each event who has heard it, and when."""
        heard: dict[int, dict[str, datetime]] = {}
        for event_id, subscriber, at in self.filter(event_id__in=event_ids).values_list(
            "event_id", "subscriber", "heard_at"
        ):
            heard.setdefault(event_id, {})[subscriber] = at
        return heard


class Heard(models.Model):
    """This subscriber has heard this event: written in the transaction of the effect."""

    pk = models.CompositePrimaryKey("event_id", "subscriber")
    # Found by the index of the primary key.
    event = models.ForeignKey(EventRecord, models.CASCADE, related_name="heard", db_index=False)
    subscriber = models.CharField(max_length=128)
    heard_at = models.DateTimeField()

    objects = HeardManager()

    def __str__(self) -> str:
        return f"{self.event_id} heard by {self.subscriber}"


class DeathManager(models.Manager["Death"]):
    def may_begin(self, event_id: int, subscriber: str) -> bool:
        """Note that a hearing begins, before it does; False if too many have not come to an end."""
        now = timezone.now()
        known = self.filter(event=event_id, subscriber=subscriber).first()
        if known and known.times >= MOST_DEATHS and known.last_at > now - LEFT_ALONE:
            return False
        table = self.model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (event_id, subscriber, times, last_at) VALUES (%s, %s, 1, %s)"
                " ON CONFLICT (event_id, subscriber) DO UPDATE SET last_at = excluded.last_at,"
                f" times = CASE WHEN {table}.last_at < %s THEN 1 ELSE {table}.times + 1 END",
                [event_id, subscriber, moment(now), moment(now - LEFT_ALONE)],
            )
        return True

    def left_alone(self) -> models.QuerySet["Death"]:
        """Those of which so many have died that nobody tries for a while."""
        since = timezone.now() - LEFT_ALONE
        return self.filter(times__gte=MOST_DEATHS, last_at__gt=since)

    def survived(self, event_id: int, subscriber: str) -> None:
        """The hearing came to an end, good or bad: nobody has died of it."""
        self.filter(event=event_id, subscriber=subscriber).update(times=F("times") - 1)


class Death(models.Model):
    """How often a hearing has begun and not come to an end: its process has died."""

    pk = models.CompositePrimaryKey("event_id", "subscriber")
    event = models.ForeignKey(EventRecord, models.CASCADE, related_name="+", db_index=False)
    subscriber = models.CharField(max_length=128)
    times = models.IntegerField()
    last_at = models.DateTimeField()

    objects = DeathManager()

    class Meta:
        indexes = [
            models.Index(
                fields=["last_at"],
                condition=models.Q(times__gte=MOST_DEATHS),
                name="death_left_alone",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_id} has ended {self.times} times who heard it as {self.subscriber}"


def moment(value: datetime) -> Any:
    """The time as a parameter of raw SQL: SQLite keeps text."""
    return connection.ops.adapt_datetimefield_value(value)


def lock_feed() -> None:
    """Hold until the commit; on SQLite every transaction already holds the only write lock."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FEED_LOCK])
