"""The stored answers."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class StoredAnswer(models.Model):
    """What was answered to the first request with this key; status 0 while it is worked on."""

    # Found by the index of `one_answer_per_key`.
    principal = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False)
    route = models.CharField(max_length=200, help_text="Method and path.")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the request's body.")
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)
    stored_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["principal", "route", "key"], name="one_answer_per_key")
        ]

    def __str__(self) -> str:
        return f"{self.route} {self.status}"
