"""`manage.py demo`: what `./run` needs beside the tables: a menu, users, and fresh tokens."""

import json
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from knox.models import AuthToken

from restaurant.accounts.roles import SHOP_GROUP, Role

#: The demo's users, by the names under which their tokens are handed out; each shop has one more,
#: by the shop's code.
DEMO_USERS = {
    "app": Role.APP,
    "app2": Role.APP,
    "waiter": Role.WAITER,
    "cook": Role.COOK,
    "manager": Role.MANAGER,
}


class Command(BaseCommand):
    help = "Seeds the demo's menu and users; prints their new secrets as one JSON object."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo users exist only in the demo: `./run` starts it.")
        call_command("load_menu", verbosity=0)
        with transaction.atomic():
            password = secrets.token_urlsafe(12)
            admin, _ = User.objects.get_or_create(
                username="admin", defaults={"is_staff": True, "is_superuser": True}
            )
            admin.set_password(password)
            admin.save()
            tokens = {name: new_token(name, role) for name, role in (shops() | DEMO_USERS).items()}
        self.stdout.write(
            json.dumps({"admin": {"username": "admin", "password": password}, "tokens": tokens})
        )


def shops() -> dict[str, str]:
    """The groups of the shops, by their codes."""
    groups = Group.objects.filter(name__startswith=SHOP_GROUP).order_by("name")
    return {name.removeprefix(SHOP_GROUP): name for name in groups.values_list("name", flat=True)}


def new_token(name: str, role: str) -> str:
    """A token without expiry for the demo user of this name; older ones end."""
    user, _ = User.objects.get_or_create(
        username=f"demo-{name}", defaults={"is_staff": role == Role.MANAGER}
    )
    user.set_unusable_password()
    user.save(update_fields=["password"])
    user.groups.set([Group.objects.get(name=role)])
    AuthToken.objects.filter(user=user).delete()
    _, token = AuthToken.objects.create(user=user, expiry=None)
    return str(token)
