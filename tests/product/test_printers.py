"""kill -9 while a chit is on its way to the paper: it is printed again, and says that it may be."""

from conftest import order_body
from tests.conftest import eventually
from tests.fake_printer import GETS_STUCK, WELL, switched_on
from tests.product.product import PATIENCE, Product


def test_a_chit_comes_through_a_kill(product: Product) -> None:
    with switched_on() as printer:
        printer.answers = GETS_STUCK
        product.change("zones/grill/", printer=printer.url)
        try:
            order = product.place(order_body("gai-yang"))
            eventually(lambda: printer.chits, PATIENCE)
            product.kill("printers")
            printer.answers = WELL
            grilled = product.fired("gai-yang", "grill")["id"]
            eventually(lambda: printed(product, grilled) == "printed", PATIENCE)
            assert ["MAYBE A REPEAT" in words for words in printer.words()] == [False, True]
        finally:
            product.change("zones/grill/", printer=None)
    product.cook_until_ready(order)


def printed(product: Product, ticket: str) -> str:
    (row,) = [row for row in product.tickets("fired") if row["id"] == ticket]
    return str(row["printed"])
