"""Who has lately shown that it lives."""

import os
import socket
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

#: A worker that has been silent for so long was taken away.
FORGOTTEN_AFTER = timedelta(hours=1)
#: Names of workers have it, those of other processes don't: `worker1@kitchen-pc`.
OF_WORKERS = "@"


class SignOfLifeManager(models.Manager["SignOfLife"]):
    def give(self, name: str, said: dict[str, Any] | None = None) -> None:
        """It lives now: one statement, which waits for nobody but the database."""
        who = f"{socket.gethostname()}:{os.getpid()}"
        self.bulk_create(
            [SignOfLife(name=name, at=timezone.now(), who=who, said=said or {})],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["at", "who", "said"],
        )

    def forget_workers(self, silent_since: datetime) -> None:
        self.filter(name__contains=OF_WORKERS, at__lt=silent_since).delete()


class SignOfLife(models.Model):
    """The last one of this name; several processes of one name, such as two relays, share it."""

    name = models.CharField(primary_key=True, max_length=255)
    at = models.DateTimeField()
    who = models.CharField(max_length=255, help_text="Host and process.")
    said = models.JSONField(default=dict, help_text="What it has seen.")

    objects = SignOfLifeManager()

    class Meta:
        verbose_name = "sign of life"
        verbose_name_plural = "signs of life"

    def __str__(self) -> str:
        return self.name

    @property
    def age(self) -> timedelta:
        return timezone.now() - self.at
