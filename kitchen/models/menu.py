"""What can be ordered, and how it is cooked."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from kitchen.models.zones import Zone


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

    def with_shops(self) -> "MenuItemQuerySet":
        """With their recipes and whose zones these are."""
        steps = RecipeStep.objects.select_related("zone")
        return self.prefetch_related(Prefetch("steps", queryset=steps))


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
    def shop(self) -> str | None:
        """The code of the shop that sells it; None: the house does."""
        return seller(list(self.steps.all()))

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


def seller(recipe: Sequence[RecipeStep]) -> str | None:
    """Whose is what is cooked like this: of the shop whose zone hands it over, at the end of the
    first track. None: the house's. The steps stand in their order.
    """
    first = [step for step in recipe if step.track == recipe[0].track]
    return first[-1].zone.shop_id if first else None


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
