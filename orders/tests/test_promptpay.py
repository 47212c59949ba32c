"""The QR code of PromptPay says what other makers of it say."""

from decimal import Decimal
from xml.etree import ElementTree

import pytest

from orders.promptpay import is_id, payload_of, picture_of

#: From the tests of promptpay-qr (dtinth), which banks' apps have read for years.
KNOWN = "00020101021229370016A000000677010111011300660000000005802TH530376454044.226304E469"
#: And what it says of these, without an amount: the account is the same field.
ACCOUNTS = {
    "0801234567": "29370016A00000067701011101130066801234567",
    "1111111111111": "29370016A00000067701011102131111111111111",
    "0123456789012": "29370016A00000067701011102130123456789012",
}


def test_the_payload_is_the_known_one_to_the_last_character() -> None:
    assert payload_of("0000000000", Decimal("4.22")) == KNOWN


@pytest.mark.parametrize(("promptpay_id", "account"), ACCOUNTS.items())
def test_an_account_is_named_as_others_name_it(promptpay_id: str, account: str) -> None:
    payload = payload_of(promptpay_id, Decimal("1250.00"))
    assert account in payload
    fields = read(payload)
    assert (fields["54"], fields["53"], fields["58"]) == ("1250.00", "764", "TH")


def test_an_ewallet_has_a_field_of_its_own() -> None:
    account = read(read(payload_of("012345678901234", Decimal("0.01")))["29"])
    assert account == {"00": "A000000677010111", "03": "012345678901234"}


def read(text: str) -> dict[str, str]:
    """The fields: two digits of name, two of length, and the value."""
    fields = {}
    while text:
        name, length = text[:2], int(text[2:4])
        fields[name], text = text[4 : 4 + length], text[4 + length :]
    return fields


@pytest.mark.parametrize(
    "text", ["0812345678", "0912345678", "0612345678", "1101700230708", "012345678901234"]
)
def test_what_can_be_paid_to_is_an_id(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "081234567", "08123456789", "0212345678", "+66812345678", "081-234-5678"),
        *("1101700230709", "110170023070", "01234567890123", "0812345678\n", "๐๘๑๒๓๔๕๖๗๘"),
    ],
)
def test_what_can_not_is_none(text: str) -> None:
    assert not is_id(text)


def test_the_picture_is_svg_that_can_stand_anywhere() -> None:
    svg = ElementTree.fromstring(picture_of(KNOWN))  # noqa: S314  ours
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    side = 33 + 2 * 4  # version 4, and the quiet zone of four modules
    assert svg.get("viewBox") == f"0 0 {side} {side}"
    assert svg.get("width") is None
