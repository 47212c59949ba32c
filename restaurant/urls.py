"""Every address of the house."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

from restaurant.doctor.metrics import Metrics
from restaurant.health import livez, readyz
from restaurant.openapi.views import Docs, Schema

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include("orders.urls")),
    path("api/v1/", include("kitchen.urls")),
    path("api/v1/", include("notifications.urls")),
    path("api/v1/", include("orders.reports.urls")),
    path("api/v1/schema/", Schema.as_view(), name="schema"),
    path("api/v1/docs/", Docs.as_view(), name="docs"),
    path("", include("orders.page_urls")),
    path("", include("kitchen.page_urls")),
    path("login/", LoginView.as_view(template_name="house/login.html"), name="login"),
    path("logout/", LogoutView.as_view(next_page="login"), name="logout"),
    path("favicon.ico", RedirectView.as_view(url="/static/favicon.svg")),
    path("livez", livez),
    path("readyz", readyz),
    path("metrics", Metrics.as_view(), name="metrics"),
]

handler400 = "restaurant.api.bad_request"
handler403 = "restaurant.api.permission_denied"
handler404 = "restaurant.api.page_not_found"
handler500 = "restaurant.api.server_error"
