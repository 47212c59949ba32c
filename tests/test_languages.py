"""The manager's pages speak Thai and English; the API speaks one language to everybody."""

import ast
import gettext
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import unfold
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Field
from django.test import Client, override_settings
from django.utils import translation
from django.utils.translation.template import templatize
from rest_framework.test import APIClient

from orders.models import Order

Place = Callable[..., Order]
ROOT = Path(__file__).resolve().parent.parent
THAI = ROOT / "restaurant" / "locale" / "th" / "LC_MESSAGES"
OURS = [ROOT / app for app in ("orders", "kitchen", "notifications", "restaurant")]
UNFOLD = Path(unfold.__file__).parent
TRANSLATES = {"_", "gettext", "gettext_lazy"}
STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
#: Refusals that the manager's verbs can meet, beside those that name a state or a tray.
SAID = {
    *("The kitchen has not opened it yet.", "The order has no such tray."),
    *("The order has no such line.", "Nothing would be left of it: cancel the order."),
    *("Its zone has no printer.", "It is not fired yet."),
    "It is waiting to be sent already.",
    *("There is nothing left to pay.", "It is not paid yet."),
    "That is more than is due; only of cash change is given.",
    "This looks like the number of a card, which is kept nowhere here: send that of the slip.",
    # What guests are told when nothing of an order can be made.
    "The kitchen can make nothing of it.",
}

THAI_READER = {"accept-language": "th"}


def texts(folder: Path, ending: str) -> Iterator[str]:
    for path in sorted(folder.rglob(f"*{ending}")):
        if not {"tests", "migrations", "contrib"} & set(path.relative_to(folder).parts):
            yield path.read_text()


def in_code(folder: Path) -> set[str]:
    return {
        call.args[0].value
        for text in texts(folder, ".py")
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") in TRANSLATES
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def in_templates(folder: Path) -> set[str]:
    called = re.compile(rf"gettext\(({STRING})\)|_\(({STRING})\)")
    return {
        ast.literal_eval(found.group(1) or found.group(2))
        for text in texts(folder, ".html")
        for found in called.finditer(templatize(text))
    }


def of_our_tables() -> set[str]:
    """The names of the models and fields that have pages; Django's own have their Thai."""
    models = {
        model
        for registered, pages in admin.site._registry.items()
        for model in (registered, *(inline.model for inline in pages.inlines))
        if not model.__module__.startswith("django.")
    }
    names: set[Any] = set()
    for model in models:
        options = model._meta
        names |= {options.verbose_name, options.verbose_name_plural}
        names.add(options.app_config.verbose_name)
        for field in options.get_fields():
            if isinstance(field, Field):
                names |= {field.verbose_name, field.help_text or ""}
    return {str(name) for name in names} - {""}


def catalogue(path: Path) -> dict[str, str]:
    """What a .po file says, read as strings that follow each other."""
    entries = re.findall(rf"msgid ((?:{STRING}\s*)+)msgstr ((?:{STRING}\s*)+)", path.read_text())
    joined = [
        tuple(
            "".join(ast.literal_eval(part) for part in re.findall(STRING, text)) for text in entry
        )
        for entry in entries
    ]
    return {english: thai for english, thai in joined if english}


def test_every_word_of_the_pages_has_its_thai() -> None:
    needed = of_our_tables() | SAID
    for folder in (*OURS, UNFOLD):
        needed |= in_code(folder) | in_templates(folder)
    assert {"Late orders", "Serve tray %(number)s", "Tray %(tray)s served", "Run"} <= needed
    with translation.override("th"):
        missing = sorted(word for word in needed if translation.gettext(word) == word)
    assert missing == []


def test_the_compiled_words_are_those_that_one_can_read() -> None:
    with (THAI / "django.mo").open("rb") as compiled:
        words = gettext.GNUTranslations(compiled)
    written = catalogue(THAI / "django.po")
    assert len(written) > 200
    assert {english: words.gettext(english) for english in written} == written


def test_what_is_filled_in_is_the_same_in_both_languages() -> None:
    names = re.compile(r"%\(\w+\)s|\{\}")
    for english, thai in catalogue(THAI / "django.po").items():
        assert sorted(names.findall(english)) == sorted(names.findall(thai)), english


def test_a_page_is_in_the_language_that_its_reader_chose(
    client: Client, place: Place, admin_user: User
) -> None:
    client.force_login(admin_user)
    order = place("tom-yum", channel="dine_in", table="A3")
    url = f"/admin/orders/order/{order.pk}/change/"
    english = client.get(url).content.decode()
    assert "Timeline" in english
    assert "Order taken" in english
    answer = client.post("/i18n/setlang/", {"language": "th", "next": url}, follow=True)
    thai = answer.content.decode()
    assert '<html lang="th"' in thai
    for words in ("ลำดับเหตุการณ์", "รับออเดอร์", "ทานที่ร้าน", "รับแล้ว", "฿120.00"):
        assert words in thai
    assert "Timeline" not in thai
    listed = client.get("/admin/orders/order/").content.decode()
    assert "สั่งเมื่อ" in listed
    assert "Placed at" not in listed
    client.post("/i18n/setlang/", {"language": "en", "next": url})
    assert "Timeline" in client.get(url).content.decode()


def answers(api: APIClient, order: Order, **more: Any) -> list[tuple[int, str, Any, Any]]:
    """Good and bad answers of the API, without what differs each time."""
    found = [
        api.get(f"/api/v1/orders/{order.ref}/", **more),
        api.get("/api/v1/menu/", **more),
        api.get("/api/v1/orders/?state=nonsense", **more),
        api.get("/api/v1/orders/?wrong=1", **more),
        api.post("/api/v1/orders/", {"lines": []}, format="json", **more),
        api.patch("/api/v1/menu/tom-yum/", {"portions_left": -1}, format="json", **more),
        api.get("/nowhere/", **more),
        api.get("/livez", **more),
    ]
    return [
        (
            answer.status_code,
            re.sub(r'"request_id": ?"\w+"', "", answer.content.decode()),
            answer.headers.get("Content-Language"),
            answer.headers.get("Vary"),
        )
        for answer in found
    ]


def test_the_api_answers_alike_whatever_language_is_asked_for(
    client_of: Callable[..., APIClient], client: Client, place: Place, admin_user: User
) -> None:
    api, order = client_of("manager"), place("tom-yum")
    before = answers(api, order)
    client.force_login(admin_user)
    # A Thai page in the same thread leaves nothing behind.
    assert '<html lang="th"' in client.get("/admin/", headers=THAI_READER).content.decode()
    api.cookies["django_language"] = "th"
    assert answers(api, order, headers=THAI_READER) == before


@pytest.mark.django_db
def test_with_djangos_own_middleware_the_api_would_speak_thai(
    client_of: Callable[..., APIClient], place: Place, settings: Any
) -> None:
    own = "restaurant.middleware.LanguageOfPagesMiddleware"
    djangos = "django.middleware.locale.LocaleMiddleware"
    api, order = client_of("manager"), place("tom-yum")
    before = answers(api, order)
    changed = [djangos if name == own else name for name in settings.MIDDLEWARE]
    with override_settings(MIDDLEWARE=changed):
        assert answers(client_of("manager"), order, headers=THAI_READER) != before
    translation.activate("en")
