"""Numbers of payment cards, which this house keeps nowhere."""

import re
from itertools import accumulate

#: How many digits a card's number has (ISO/IEC 7812-1; the shortest of today's have 13).
LENGTHS = range(13, 20)
#: Where the networks of payment cards begin. A bank's own slips are often numbered by their date.
OF_A_NETWORK = re.compile(r"[3-6]|2[2-7]")
#: Groups of digits, as they stand on a card.
GROUPS = re.compile(r"[0-9]+(?:[ -][0-9]+)*")


def names_a_card(text: str) -> bool:
    """Whether it looks as if somebody has typed a card's number here."""
    return any(
        is_card(number)
        for found in GROUPS.findall(text)
        for number in neighbours(re.split("[ -]", found))
    )


def neighbours(groups: list[str]) -> list[str]:
    """What groups that follow each other say together."""
    return [number for start in range(len(groups)) for number in accumulate(groups[start:])]


def is_card(number: str) -> bool:
    """Of a card's length, of a network, and with the right check digit (Luhn's)."""
    if len(number) not in LENGTHS or not OF_A_NETWORK.match(number):
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
