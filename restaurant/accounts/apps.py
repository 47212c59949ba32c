from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "restaurant.accounts"
    label = "accounts"
