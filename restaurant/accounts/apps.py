"""The roles, which have their permissions once the tables of an app are there."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate

from restaurant.accounts.roles import MANAGER_MAY, Role


class AccountsConfig(AppConfig):
    name = "restaurant.accounts"
    label = "accounts"

    def ready(self) -> None:
        post_migrate.connect(let_managers_in, dispatch_uid="let_managers_in")


def let_managers_in(sender: AppConfig, using: str, **_: Any) -> None:
    """Give the managers' group its permissions of this app, which Django has just made."""
    if sender.label not in MANAGER_MAY:
        return
    managers, _made = (
        apps.get_model("auth", "Group").objects.using(using).get_or_create(name=Role.MANAGER)
    )
    managers.permissions.add(
        *apps.get_model("auth", "Permission")
        .objects.using(using)
        .filter(content_type__app_label=sender.label, codename__in=MANAGER_MAY[sender.label])
    )
