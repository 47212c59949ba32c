"""One course after the other, as the guests are ready for them."""

from django.db import transaction
from django.db.models import F

from kitchen import services as kitchen
from orders.events import CourseFired
from orders.exceptions import NoSuchCourse
from orders.lifecycle import OrderState
from orders.models import Order
from orders.services.following import take
from orders.services.placing import as_json
from restaurant.errors import IllegalTransition
from restaurant.events.publish import publish


def fire_course(order: Order, course: int) -> None:
    """Have the kitchen begin with the course, and promise it. The same again changes nothing.

    Raises NoSuchCourse, IllegalTransition.
    """
    with transaction.atomic():
        current = take(order.ref)
        if not current.lines.filter(course=course).exists():
            raise NoSuchCourse(course=course)
        if current.state == OrderState.CANCELLED:
            raise IllegalTransition("It was cancelled.", state=current.state)
        promised_at = kitchen.fire_course(order.ref, course)
        if not promised_at:
            return
        Order.objects.filter(pk=current.pk).update(
            tray_promises=current.tray_promises | as_json({**promised_at}),
            promised_at=max(promised_at.values()),
            between_courses=False,
            version=F("version") + 1,
        )
        publish(CourseFired(order_ref=order.ref, course=course))


def follow_guests(order: Order) -> None:
    """Something was served: the next course may be due, or nobody is waited for now.

    Call it in the transaction of the serving.
    """
    current = take(order.ref)
    to_come = {int(tray) for tray, at in current.tray_promises.items() if at is None}
    if not to_come:
        return
    trays = kitchen.progress([order.ref])[order.ref].trays
    open_trays = {number for number, tray in trays.items() if tray.state in ("waiting", "ready")}
    if not to_come & open_trays or open_trays - to_come:
        return
    if kitchen.fires_courses_itself():
        later = current.lines.filter(tray__in=to_come & open_trays)
        fire_course(order, min(later.values_list("course", flat=True)))
    else:
        Order.objects.filter(pk=current.pk).update(between_courses=True)
