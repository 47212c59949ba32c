"""`manage.py make_token USER ROLE`: a token for a program, shown this once."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from knox.models import AuthToken

from restaurant.accounts.roles import SHOP_GROUP, Role

ROLES = [role for role in Role if role != Role.SHOP]


class Command(BaseCommand):
    help = "Makes a token for the user, who is made with this role if there is none of this name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user")
        parser.add_argument("role", help=f"{', '.join(ROLES)}, or {SHOP_GROUP}CODE of a shop")

    def handle(self, *args: Any, user: str, role: str, **options: Any) -> None:
        group = Group.objects.filter(name=role).first()
        if group is None or not (role in ROLES or role.startswith(SHOP_GROUP)):
            raise CommandError(f"There is no role {role}.")
        owner, is_new = User.objects.get_or_create(username=user)
        if is_new:
            owner.set_unusable_password()
            owner.save(update_fields=["password"])
        owner.groups.add(group)
        token, key = AuthToken.objects.create(user=owner)
        self.stdout.write(key)
        self.stderr.write(
            f"For {user} as {role}, until {token.expiry:%Y-%m-%d}. It is not shown again."
        )
