"""Where cooks work."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from kitchen.printing import address as printer_address


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
