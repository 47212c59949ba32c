"""Tickets on paper."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from kitchen.lifecycle import TicketChange, TicketState
from kitchen.models.tickets import Ticket, TicketQuerySet
from kitchen.models.zones import Zone

A_DAY, A_SECOND = timedelta(days=1), timedelta(seconds=1)


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


def to_be_printed(since: datetime) -> TicketQuerySet:
    """Fired since then at a zone with a printer, to be cooked still, and without a chit."""
    return Ticket.objects.to_show().filter(
        finished_at=None,
        fired_at__gte=since,
        state__in=[TicketState.FIRED, TicketState.COOKING],
        cancel_requested=False,
        printed="",
        zone__in=Zone.objects.exclude(printer=""),
    )


def cancelled_on_paper(since: datetime) -> TicketQuerySet:
    """Cancelled since then, while the cook still has a chit that says to cook it."""
    chits = Chit.objects.filter(ticket=OuterRef("pk"))
    on_paper = Q(printed_at__isnull=False) | Q(maybe_repeat=True, dropped_at__isnull=False)
    to_be_stopped = Q(finished_at=None, cancel_requested=True)
    void = Q(finished_at__gte=since, done_at=None, fire_at__gte=since - A_DAY)
    return Ticket.objects.to_show().filter(
        to_be_stopped | void,
        Exists(chits.filter(on_paper, kind=Chit.Kind.FIRED)),
        ~Exists(chits.filter(kind=Chit.Kind.CANCELLED)),
        zone__in=Zone.objects.exclude(printer=""),
    )


def changed_on_paper(since: datetime, seen_within: timedelta) -> TicketQuerySet:
    """The note was changed since then, while the cook has a chit with the old one.

    A chit has the note as it was when the chit was claimed, `seen_within` before the claim's
    end; what was claimed in the second of the change may have either.
    """
    chits = Chit.objects.filter(ticket=OuterRef("pk"))
    has_it = Q(claimed_until__gte=OuterRef("changed_at") + seen_within + A_SECOND)
    return Ticket.objects.to_show().filter(
        Exists(chits.filter(printed_at__isnull=False)),
        ~Exists(chits.filter(has_it | Q(printed_at=None), dropped_at=None)),
        finished_at=None,
        state__in=[TicketState.FIRED, TicketState.COOKING],
        change=TicketChange.NOTE,
        changed_at__gte=since,
        zone__in=Zone.objects.exclude(printer=""),
    )
