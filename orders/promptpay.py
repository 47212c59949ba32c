"""PromptPay: what its QR code says, and the code as a picture.

The payload is that of the EMV QR Code Specification for Payment Systems, Merchant-Presented Mode,
with the fields of the Thai QR Payment Standard (Bank of Thailand) for a credit transfer.
"""

import re
from binascii import crc_hqx
from decimal import Decimal
from functools import lru_cache
from io import BytesIO

import segno

#: A mobile number, a national or tax ID, or the number of an e-wallet.
PATTERN = r"\A(?:0[689][0-9]{8}|[0-9]{13}|[0-9]{15})\Z"
#: The currency in which PromptPay pays.
CURRENCY = "THB"
#: PromptPay's credit transfer, and under which name it takes an ID of so many digits.
APPLICATION = "A000000677010111"
NAME_OF_ID = {10: "01", 13: "02", 15: "03"}


def is_id(text: str) -> bool:
    """Whether money can be sent there; a national or tax ID has a check digit."""
    return re.match(PATTERN, text) is not None and (len(text) != 13 or is_national(text))


def is_national(text: str) -> bool:
    """The last of the 13 digits checks the others (modulo 11)."""
    weighed = sum(int(digit) * (13 - place) for place, digit in enumerate(text[:12]))
    return (11 - weighed % 11) % 10 == int(text[12])


def payload_of(promptpay_id: str, amount: Decimal) -> str:
    """What the QR code says: so much to this ID."""
    number = promptpay_id
    if len(number) == 10:
        # As it is called from abroad: PromptPay's IDs of phones have 13 digits.
        number = f"0066{promptpay_id[1:]}"
    said = "".join(
        [
            field("00", "01"),  # of this specification
            field("01", "12"),  # for one payment
            field("29", field("00", APPLICATION) + field(NAME_OF_ID[len(promptpay_id)], number)),
            field("58", "TH"),
            field("53", "764"),  # THB in ISO 4217
            field("54", str(amount)),
            "6304",  # the head of the check sum, which is a part of what is checked
        ]
    )
    # CRC-16 with the polynomial 1021, begun with FFFF.
    return f"{said}{crc_hqx(said.encode(), 0xFFFF):04X}"


def field(name: str, value: str) -> str:
    return f"{name}{len(value):02d}{value}"


@lru_cache(maxsize=256)
def picture_of(payload: str) -> str:
    """The QR code as SVG; it is as large as the place where it stands."""
    file = BytesIO()
    code = segno.make_qr(payload, error="m")
    code.save(file, kind="svg", omitsize=True, border=4, light="#fff", xmldecl=False, nl=False)
    return file.getvalue().decode()
