"""What a manager sets."""

from datetime import time

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

#: How slowly and how fast the demo's clock may run.
SLOWEST, FASTEST = 0.1, 1000.0
#: Minutes; nobody waits for longer than a day.
LONGEST_QUOTE = 1440
#: Seconds; what stands at the pass for a day was forgotten.
LONGEST_AT_THE_PASS = 86_400


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
