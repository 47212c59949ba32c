"""Users, roles and tokens; and who did what on these pages."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from restaurant.admin import HouseAdmin, ReadOnly

for model in (User, Group, AuthToken):
    admin.site.unregister(model)


@admin.register(User)
class StaffAdmin(UserAdmin, HouseAdmin):
    """Who may come in: tick *staff status* for these pages, and give a role."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "is_active", "is_staff", "is_superuser")
    list_filter = ("groups", "is_active", "is_staff")


@admin.register(Group)
class RoleAdmin(GroupAdmin, HouseAdmin):
    pass


@admin.register(AuthToken)
class AuthTokenAdmin(ReadOnly, HouseAdmin):
    """To be looked at and to be ended. `manage.py make_token` makes them."""

    list_display = ("user", "created", "expiry")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = ("user", "created", "expiry")

    def has_delete_permission(self, request: HttpRequest, obj: AuthToken | None = None) -> bool:
        return bool(request.user.has_perm("knox.delete_authtoken"))


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnly, HouseAdmin):
    list_display = ("action_time", "user", "content_type", "object_repr", "what")
    list_select_related = ("user", "content_type")
    list_filter = ("action_time",)
    fields = ("action_time", "user", "content_type", "object_repr", "what")
    readonly_fields = ("what",)
    ordering = ("-id",)
    sortable_by = ()

    @admin.display(description=_("what was done"))
    def what(self, entry: LogEntry) -> str:
        return str(entry.get_change_message()) or entry.get_action_flag_display()
