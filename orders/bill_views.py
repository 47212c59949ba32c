"""Money over HTTP: validate, one service, answer. And the receipt, to be printed."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from rest_framework.request import Request
from rest_framework.response import Response

from orders import services
from orders.bill_serializers import (
    BillJson,
    BillQuery,
    BillSettingsJson,
    ChangeBillSettings,
    PaidJson,
    PaySerializer,
    ShopBillJson,
    as_tender,
    bill_as_json,
    bill_settings_as_json,
    paid_as_json,
    shop_bill_as_json,
)
from orders.exceptions import CardNumber, MoreThanDue, NothingDue, NotPaid, UnknownLine
from orders.models import BillSettings, Order
from orders.sellers import shop_names
from orders.serializers import OrderJson
from orders.views import SERVERS, answer
from restaurant.accounts.pages import page_for
from restaurant.accounts.permissions import EVERY_ROLE
from restaurant.accounts.roles import STAFF, Role, shop_of
from restaurant.errors import IllegalTransition
from restaurant.idempotency.views import idempotent
from restaurant.operations import Api, operation

MANAGERS = frozenset({Role.MANAGER})


class OrderBill(Api):
    """What an order costs, and what is due."""

    allowed = {"GET": EVERY_ROLE}

    @operation(BillJson | ShopBillJson, query=BillQuery, refuses=(UnknownLine,))
    def get(self, request: Request, ref: UUID) -> Response:
        """The bill; with `lines` also what these cost, with `guests` what each of them pays.

        To a shop its part, whatever else is asked for.
        """
        bill = services.read_bill(services.find_order(ref, request.user))
        if (shop := shop_of(request.user)) is not None:
            return Response(shop_bill_as_json(bill, shop))
        return Response(
            bill_as_json(bill, self.filters.get("lines"), self.filters.get("guests", 0))
        )


class OrderPay(Api):
    """Take money for an order."""

    allowed = {"POST": SERVERS}

    @operation(
        PaidJson,
        body=PaySerializer,
        refuses=(IllegalTransition, NothingDue, MoreThanDue, CardNumber),
    )
    @idempotent(required=True)
    def post(self, request: Request, ref: UUID) -> Response:
        """Take a payment: all of what is due, or a part of it."""
        order = services.find_order(ref, request.user)
        tender = as_tender(self.body(request))
        payment = services.pay_order(order, tender, by=request.user.get_username())
        return Response(paid_as_json(payment, services.read_bill(order)))


class OrderClose(Api):
    """The guests have paid and gone, and the table is clear."""

    allowed = {"POST": SERVERS}

    @operation(OrderJson, headers=("ETag",), refuses=(IllegalTransition, NotPaid))
    @idempotent()
    def post(self, request: Request, ref: UUID) -> Response:
        order = services.find_order(ref, request.user)
        self.body(request)
        services.close_order(order)
        return answer(request, order)


class Bills(Api):
    """What comes to the prices, and what bills say."""

    allowed = {"GET": STAFF, "PATCH": MANAGERS}

    @operation(BillSettingsJson)
    def get(self, request: Request) -> Response:
        return Response(bill_settings_as_json(BillSettings.current()))

    @operation(BillSettingsJson, body=ChangeBillSettings)
    def patch(self, request: Request) -> Response:
        changed = services.change_bill_settings(**self.body(request))
        return Response(bill_settings_as_json(changed))


@page_for(STAFF)
def receipt(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The bill on paper; a receipt once it is paid."""
    bill = services.read_bill(get_object_or_404(Order, ref=ref))
    context = {
        "bill": bill,
        "order": bill.order,
        "house": BillSettings.current(),
        "shops": shop_names(line for line, _amounts in bill.lines),
    }
    return render(request, "orders/receipt.html", context)
