"""The verbs of notifications."""

from notifications.services.endpoints import (
    add_endpoint,
    change_endpoint,
    current_secret,
    endpoints_of,
    find_endpoint,
    remove_endpoint,
    rotate_secret,
)
from notifications.services.feed import Feed, read_feed
from notifications.services.following import (
    CALLED_BACK_FOR,
    behind_since,
    follow,
    may_be_chosen,
    newest_read,
    origin_of,
)
from notifications.services.letters import (
    count_dead,
    find_delivery,
    forget_deliveries,
    give_up_overdue,
    redeliver,
    redeliver_dead,
)
from notifications.services.mailing import send_next
from notifications.services.mails import (
    count_dead_mails,
    forget_guests,
    guest_of,
    mail_again,
    note_guest,
    unsent_since,
)
from notifications.services.sending import Letter, claim, put_back, record

__all__ = [
    "CALLED_BACK_FOR",
    "Feed",
    "Letter",
    "add_endpoint",
    "behind_since",
    "change_endpoint",
    "claim",
    "count_dead",
    "count_dead_mails",
    "current_secret",
    "endpoints_of",
    "find_delivery",
    "find_endpoint",
    "follow",
    "forget_deliveries",
    "forget_guests",
    "give_up_overdue",
    "guest_of",
    "mail_again",
    "may_be_chosen",
    "newest_read",
    "note_guest",
    "origin_of",
    "put_back",
    "read_feed",
    "record",
    "redeliver",
    "redeliver_dead",
    "remove_endpoint",
    "rotate_secret",
    "send_next",
    "unsent_since",
]
