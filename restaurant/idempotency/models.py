"""The stored answers."""

from django.conf import settings
from django.db import connection, models
from django.utils import timezone


class StoredAnswerManager(models.Manager["StoredAnswer"]):
    def begin(
        self, *, principal_id: int, route: str, key: str, fingerprint: str
    ) -> "StoredAnswer | None":
        """The row of a request that is worked on now; None if there is one of this key.

        While another transaction holds the key, this waits for its end. One statement: an insert
        that failed would have to be undone before anything else could be asked.
        """
        answer = self.model(
            principal_id=principal_id, route=route, key=key, fingerprint=fingerprint
        )
        stored_at = connection.ops.adapt_datetimefield_value(answer.stored_at)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self.model._meta.db_table} (principal_id, route, key, fingerprint,"
                " status, headers, body, stored_at) VALUES (%s, %s, %s, %s, 0, '{}', %s, %s)"
                " ON CONFLICT DO NOTHING RETURNING id",
                [principal_id, route, key, fingerprint, b"", stored_at],
            )
            row = cursor.fetchone()
        if row is None:
            return None
        (answer.id,) = row
        return answer


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

    objects = StoredAnswerManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["principal", "route", "key"], name="one_answer_per_key")
        ]

    def __str__(self) -> str:
        return f"{self.route} {self.status}"
