"""Where cooks work."""

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from kitchen.models.shops import Shop
from kitchen.printing import address as printer_address
from restaurant.accounts.roles import shop_of


class ZoneQuerySet(models.QuerySet["Zone"]):
    def visible_to(self, user: Any) -> "ZoneQuerySet":
        """A shop sees its own, others all."""
        return self.at(shop_of(user))

    def at(self, shop: str | None) -> "ZoneQuerySet":
        """Those of the shop; None: of the whole house."""
        return self if shop is None else self.filter(shop=shop)


class Zone(models.Model):
    """A place where cooks work: fry, grill, boil, sides, rice, drinks."""

    code = models.SlugField(primary_key=True, max_length=32)
    name = models.CharField(max_length=64)
    name_th = models.CharField("Thai name", max_length=64)
    is_open = models.BooleanField(default=True)
    cooks = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    place = models.PositiveSmallIntegerField(default=0, help_text="Its place in lists.")
    shop = models.ForeignKey(
        Shop,
        models.PROTECT,
        related_name="zones",
        null=True,
        blank=True,
        help_text="Whose it is; empty: the house's own.",
    )
    printer = models.CharField(
        max_length=128,
        blank=True,
        validators=[printer_address.validate],
        help_text="Prints what is fired: tcp://host:port, ESC/POS, 80 mm; empty: none.",
    )

    objects = ZoneQuerySet.as_manager()

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
