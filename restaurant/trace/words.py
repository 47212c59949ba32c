"""What the page says of kinds, marks and styles, in the reader's language."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from restaurant.subscriptions import Style
from restaurant.trace.contract import Kind, Mark

KINDS: dict[Kind, Any] = {
    Kind.HELD: _("Held: waits for its time"),
    Kind.FIRED: _("Fired: waits for a cook"),
    Kind.COOKING: _("Cooking"),
    Kind.GATHERING: _("At the pass: waits for the rest of its tray"),
    Kind.READY: _("Ready: waits to be served"),
    Kind.QUARANTINED: _("In quarantine"),
    Kind.SENDING: _("Being sent"),
}
MARKS: dict[Mark, Any] = {
    Mark.RETRIED: _("told again"),
    Mark.RECALLED: _("recalled"),
    Mark.REFIRED: _("cooked anew"),
    Mark.REPAIRED: _("repaired"),
    Mark.WASTED: _("wasted"),
}
#: Their names are the same in all languages: by them they are found in books.
STYLES: dict[Style, Any] = {
    Style.REQUEST_RESPONSE: _("Asked, and waited for the answer."),
    Style.NOTIFICATION: _("One tells another, and expects nothing back."),
    Style.PUBLISH_SUBSCRIBE: _("Said to whoever listens, without knowing them."),
    Style.REQUEST_ASYNC_RESPONSE: _("Asked, and went on; the answer comes later."),
    Style.PUBLISH_ASYNC_RESPONSES: _("Said to several at once; each of them answers later."),
    Style.ORCHESTRATION: _("The head chef gives each zone its part, and the pass waits for all."),
}
