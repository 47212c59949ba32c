"""No number of a card is taken for that of a slip, and hardly a slip's for that of a card."""

import pytest

from orders.cards import names_a_card

CARDS = [
    # The networks' own test numbers.
    "4111111111111111",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "30569309025904",
    "6011111111111117",
    "3530111333300000",
    "6200000000000005",
    "4222222222222",
    "6799990100000000019",
]


@pytest.mark.parametrize("number", CARDS)
def test_the_number_of_a_card_is_known_however_it_is_written(number: str) -> None:
    groups = [number[at : at + 4] for at in range(0, len(number), 4)]
    for text in (
        number,
        " ".join(groups),
        "-".join(groups),
        f"visa {number} 12/27",
        f"{number} 123",
        f"7 {' '.join(groups)} 12/27",
        f"({number})",
    ):
        assert names_a_card(text), text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "slip 000123",
        "**** **** **** 1111",
        "411111111111",  # twelve digits
        "41111111111111111111",  # twenty
        "4111111111111112",  # the check digit is another
        "2026112112345672",  # numbered by its date, with a check digit that happens to be right
        "015324123456APP05678",
        "TRX-9f8a-4111",
        "0812345678",
        "๔๑๑๑๑๑๑๑๑๑๑๑๑๑๑๑",
    ],
)
def test_the_number_of_a_slip_is_none(text: str) -> None:
    assert not names_a_card(text)
