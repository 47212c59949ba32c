from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    name = "restaurant.idempotency"
    label = "idempotency"
