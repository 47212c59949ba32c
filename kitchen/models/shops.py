"""Who sells here, beside the house itself."""

from django.db import models


class Shop(models.Model):
    """A stall of a food court, a brand of a cloud kitchen: who has zones of its own."""

    code = models.SlugField(primary_key=True, max_length=32)
    name = models.CharField(max_length=64)
    name_th = models.CharField("Thai name", max_length=64)
    place = models.PositiveSmallIntegerField(default=0, help_text="Its place in lists.")

    class Meta:
        ordering = ["place", "code"]

    def __str__(self) -> str:
        return self.name
