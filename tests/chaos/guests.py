"""Guests: they order, change their minds, pay, and send everything twice."""

import asyncio
from decimal import Decimal
from uuid import uuid4

from tests.chaos.callers import PAUSE, Answer, Caller
from tests.chaos.crowd import Crowd
from tests.chaos.history import Json

#: See `startup.conditions`.
POISONS = ("poison that raises", "poison that kills")
CENT = Decimal("0.01")


async def come(crowd: Crowd, guest: Caller, cashier: Caller) -> None:
    """Order again and again, until the house is shut; `cashier` takes this guest's money."""
    while not crowd.shut.is_set():
        if crowd.is_full:
            await asyncio.sleep(PAUSE)
            continue
        intent = f"{guest.who} wants {uuid4().hex[:12]}"
        body = an_order(crowd, intent)
        is_poison = crowd.happens(crowd.load.poison)
        if is_poison:
            intent = body["note"] = f"{crowd.rng.choice(POISONS)}, {intent}"
            crowd.poisoned.add(intent)
        answer = await crowd.with_a_key(guest, "place", "orders/", body=body, intent=intent)
        if answer is not None and answer.status == 201 and not is_poison:
            await stay(crowd, guest, cashier, answer)
        await crowd.pause(0, crowd.load.thinking)


def an_order(crowd: Crowd, intent: str) -> Json:
    """1 to 4 lines on one tray or two."""
    rng, (plenty, scarce) = crowd.rng, dishes(crowd)
    items = rng.sample(plenty, rng.randint(1, 3))
    if scarce and crowd.happens(crowd.load.scarce):
        items += rng.sample(scarce, rng.randint(1, min(2, len(scarce))))
    trays = rng.randint(1, min(2, len(items)))
    return {
        "channel": "takeaway",
        "client_ref": uuid4().hex,
        "note": intent,
        "lines": [
            {
                "item": item,
                "quantity": rng.randint(1, 2),
                "tray": place if place <= trays else rng.randint(1, trays),
            }
            for place, item in enumerate(items, start=1)
        ],
    }


def dishes(crowd: Crowd) -> tuple[list[str], list[str]]:
    """What nobody counts, and what there are so many portions of; all without options."""
    plain = [item for item in crowd.menu if not item["options"]] or list(crowd.menu)
    return (
        [item["code"] for item in plain if item["portions_left"] is None],
        [item["code"] for item in plain if item["portions_left"] is not None],
    )


async def stay(crowd: Crowd, guest: Caller, cashier: Caller, placed: Answer) -> None:
    """What a guest does who has ordered."""
    order = placed.body["id"]
    if crowd.happens(crowd.load.change):
        await change(crowd, guest, placed)
    if crowd.happens(crowd.load.pay):
        await pay(crowd, cashier, order, part=Decimal(crowd.rng.choice(["0.5", "1"])))
    if crowd.happens(crowd.load.cancel):
        await crowd.pause(0, 1.0)
        await guest.insist(
            *(crowd.over, "cancel", f"orders/{order}/cancel/"),
            body={"reason": "the guest has left"},
            key=uuid4().hex,
            order=order,
        )
    elif crowd.happens(0.2):
        path = f"orders/{order}/?wait=2"
        await guest.ask("wait", "GET", path, patience=10.0, order=order)


async def pay(crowd: Crowd, cashier: Caller, order: str, part: Decimal) -> None:
    """So much of what is due now. Who is late, after others have paid, is refused."""
    bill = await cashier.ask("bill", "GET", f"orders/{order}/bill/")
    due = Decimal(bill.body["due"]) if bill is not None and bill.is_ok else Decimal(0)
    if not due:
        return
    intent = f"pays {uuid4().hex[:12]}"
    body = {
        "method": crowd.rng.choice(["cash", "card", "promptpay"]),
        "amount": str((due * part).quantize(CENT)),
        "reference": intent,
    }
    path = f"orders/{order}/pay/"
    await crowd.with_a_key(cashier, "pay", path, body=body, intent=intent, order=order)


async def change(crowd: Crowd, guest: Caller, placed: Answer) -> None:
    """Add a line, or cancel one, of the order as it was last seen; by two hands at once, perhaps.

    A PATCH has no key: what was seen guards it. Who got no answer, or was too late, looks again
    before asking again.
    """
    order, seen, intent = placed.body["id"], placed.etag, f"adds {uuid4().hex[:12]}"
    path = f"orders/{order}/"
    asked = what_changes(crowd, placed.body, intent)
    while not crowd.shut.is_set():
        answers = await asyncio.gather(
            *(
                guest.ask("change", "PATCH", path, seen=seen, order=order, **asked)
                for _ in range(2 if crowd.happens(crowd.load.double) else 1)
            )
        )
        if any(answer and answer.is_final and answer.status != 412 for answer in answers):
            return
        look = await guest.ask("look", "GET", path)
        if look is not None and look.is_ok:
            seen = look.etag
            if intent in notes_of(look.body):
                return
        await asyncio.sleep(PAUSE)


def what_changes(crowd: Crowd, order: Json, intent: str) -> Json:
    """The body of the change, and what the history is told of it."""
    lines = [line["id"] for tray in order["trays"] for line in tray["lines"]]
    if len(lines) > 1 and crowd.happens(0.4):
        line = crowd.rng.choice(lines)
        return {"body": {"cancel": [line]}, "line": line}
    plenty, scarce = dishes(crowd)
    item = crowd.rng.choice(scarce if scarce and crowd.happens(crowd.load.scarce) else plenty)
    tray = crowd.rng.randint(1, 3)
    added = {"item": item, "quantity": 1, "tray": tray, "note": intent}
    return {"body": {"add": [added]}, "intent": intent}


def notes_of(order: Json) -> set[str]:
    return {line["note"] for tray in order["trays"] for line in tray["lines"]}
