"""`manage.py make_token USER ROLE`: a token for a program, shown this once."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandParser
from knox.models import AuthToken

from restaurant.accounts.roles import Role


class Command(BaseCommand):
    help = "Makes a token for the user, who is made with this role if there is none of this name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user")
        parser.add_argument("role", choices=list(Role))

    def handle(self, *args: Any, user: str, role: str, **options: Any) -> None:
        owner, is_new = User.objects.get_or_create(username=user)
        if is_new:
            owner.set_unusable_password()
            owner.save(update_fields=["password"])
        owner.groups.add(Group.objects.get(name=role))
        token, key = AuthToken.objects.create(user=owner)
        self.stdout.write(key)
        self.stderr.write(
            f"For {user} as {role}, until {token.expiry:%Y-%m-%d}. It is not shown again."
        )
