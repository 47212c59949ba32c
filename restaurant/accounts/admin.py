"""Tokens in the admin: to be looked at and to be ended. `manage.py make_token` makes them."""

from django.contrib import admin
from django.http import HttpRequest
from knox.models import AuthToken

from restaurant.admin import ReadOnly

admin.site.unregister(AuthToken)


@admin.register(AuthToken)
class AuthTokenAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("user", "created", "expiry")
    search_fields = ("user__username",)
    fields = ("user", "created", "expiry")

    def has_delete_permission(self, request: HttpRequest, obj: AuthToken | None = None) -> bool:
        return bool(request.user.has_perm("knox.delete_authtoken"))
