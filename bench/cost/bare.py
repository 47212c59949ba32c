"""A bare DRF view, as a tutorial writes it: inserts the rows of POST orders/ and sends a task.

`uvicorn bench.cost.bare:application`: the same server, tables and rows as ours (order, lines,
event, answer), with a token, a nested serializer and `delay()`; no strictness, no promise, no
portions, and what is asked twice is done twice.
"""

import hashlib
import json
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

from a2wsgi import WSGIMiddleware

from restaurant.wsgi import application as django  # isort: split

from django.conf import settings
from django.db import transaction
from django.urls import path
from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework import serializers
from rest_framework.generics import CreateAPIView
from rest_framework.permissions import IsAuthenticated

from kitchen.models import MenuItem
from orders.models import Order, OrderLine
from restaurant.asgi import THREADS
from restaurant.celery import app
from restaurant.events.models import EventRecord
from restaurant.idempotency.models import StoredAnswer


@app.task(name="bare.cook")
def cook(order: int) -> None:
    """Nothing is cooked."""


class LineSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = OrderLine
        fields = ["id", "item", "name", "quantity", "unit_price", "note", "tray"]
        read_only_fields = ["id", "name", "unit_price"]


class OrderSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    lines = LineSerializer(many=True)

    class Meta:
        model = Order
        fields = [
            *("number", "ref", "state", "channel", "table", "client_ref", "note", "allergies"),
            *("placed_at", "promised_at", "total", "currency", "lines"),
        ]
        read_only_fields = [
            *("number", "ref", "state", "placed_at", "promised_at", "total", "currency")
        ]
        validators: list[Any] = []

    def create(self, validated_data: dict[str, Any]) -> Order:
        lines = validated_data.pop("lines")
        menu = MenuItem.objects.in_bulk([line["item"] for line in lines])
        order = Order.objects.create(
            **validated_data,
            placed_by=self.context["request"].user,
            total=sum(menu[line["item"]].price * line["quantity"] for line in lines),
            currency=settings.CURRENCY,
            promised_at=timezone.now() + timedelta(minutes=10),
            tray_promises={},
        )
        for place, line in enumerate(lines):
            item = menu[line["item"]]
            OrderLine.objects.create(
                order=order,
                place=place,
                name=item.name,
                name_th=item.name_th,
                unit_price=item.price,
                counted=False,
                **line,
            )
        return order


class Orders(CreateAPIView):  # type: ignore[type-arg]
    authentication_classes = [TokenAuthentication]
    permission_classes = [IsAuthenticated]
    throttle_classes: list[Any] = []
    serializer_class = OrderSerializer

    def perform_create(self, serializer: Any) -> None:
        with transaction.atomic():
            order = serializer.save()
            body = json.dumps(serializer.data, default=str).encode()
            EventRecord.objects.create(
                name="order.placed", subject=order.ref, data=json.loads(body)
            )
            StoredAnswer.objects.create(
                principal_id=order.placed_by_id,
                route="POST /orders/",
                key=self.request.headers.get("Idempotency-Key") or uuid4().hex,
                fingerprint=hashlib.sha256(body).hexdigest(),
                status=201,
                body=body,
            )
        cook.delay(order.number)


urlpatterns = [path("api/v1/orders/", Orders.as_view())]
settings.ROOT_URLCONF = __name__
application: Any = WSGIMiddleware(cast("Any", django), workers=THREADS)
