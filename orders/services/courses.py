"""One course after the other, as the guests are ready for them."""

from uuid import UUID

from django.db import transaction

from kitchen import services as kitchen
from orders.events import CourseFired
from orders.exceptions import NoSuchCourse
from orders.lifecycle import OrderState
from orders.models import Order
from orders.services.following import take
from orders.services.promising import PROMISED, promise_anew
from restaurant.errors import IllegalTransition
from restaurant.events.publish import publish


def fire_course(order: Order, course: int) -> None:
    """Have the kitchen begin with the course, and promise it. The same again changes nothing.

    Raises NoSuchCourse, IllegalTransition.
    """
    with transaction.atomic():
        current = take(order.ref)
        lines = current.lines.filter(course=course)
        if not lines.exists():
            raise NoSuchCourse(course=course)
        if current.state == OrderState.CANCELLED:
            raise IllegalTransition("It was cancelled.", state=current.state)
        trays = set(lines.values_list("tray", flat=True))
        promised_at = kitchen.fire_course(order.ref, course, trays)
        if not promised_at:
            return
        promise_anew(current, promised_at)
        current.version += 1
        current.save(update_fields=[*PROMISED, "version"])
        promised = current.promised_at.isoformat()
        publish(CourseFired(order_ref=order.ref, course=course, promised_at=promised))


def follow_guests(order_ref: UUID) -> None:
    """Something was served, or is void: the next course may be due, or nobody is waited for now.

    Call it in the transaction of that.
    """
    current = take(order_ref)
    to_come = {int(tray) for tray, at in current.tray_promises.items() if at is None}
    if not to_come:
        return
    trays = kitchen.progress([order_ref])[order_ref].trays
    gone = {number for number, tray in trays.items() if tray.state in ("served", "void")}
    open_trays = {*map(int, current.tray_promises)} - gone
    if not to_come & open_trays or open_trays - to_come:
        return
    if kitchen.fires_courses_itself():
        later = current.lines.filter(tray__in=to_come & open_trays)
        fire_course(current, min(later.values_list("course", flat=True)))
    else:
        Order.objects.filter(pk=current.pk).update(between_courses=True)
