"""Who sells the lines of an order, in the reader's words."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kitchen import services as kitchen
from orders.models import OrderLine
from restaurant.wording import own_name

Names = dict[str, str | Promise]


def shop_names(lines: Iterable[OrderLine]) -> Names:
    """What the shops are called that these lines are of, by their codes.

    The house, under an empty code, is named beside a shop only: alone it needs no name.
    """
    codes = {line.shop for line in lines}
    if codes <= {""}:
        return {}
    known = {shop.pk: own_name(shop) for shop in kitchen.shops()}
    return {code: known.get(code, code) if code else _("The house's kitchen") for code in codes}
