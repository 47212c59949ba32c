from django.urls import path

from kitchen import services, views

PRESSES = {
    "start": services.start,
    "done": services.finish,
    "recall": services.recall,
    "stop": services.stop,
}

urlpatterns = [
    path("shops/", views.Shops.as_view(), name="shops"),
    path("menu/", views.Menu.as_view(), name="menu"),
    path("menu/<slug:code>/", views.MenuItemDetail.as_view(), name="menu-item"),
    path(
        "menu/<slug:code>/options/<slug:option>/",
        views.MenuItemOption.as_view(),
        name="menu-item-option",
    ),
    path("zones/", views.Zones.as_view(), name="zones"),
    path("zones/<slug:code>/", views.ZoneDetail.as_view(), name="zone"),
    path("zones/<slug:code>/tickets/", views.ZoneTickets.as_view(), name="zone-tickets"),
    path("zones/<slug:code>/stream/", views.ZoneStream.as_view(), name="zone-stream"),
    path("trays/stream/", views.PassStream.as_view(), name="pass-stream"),
    path("trays/", views.Trays.as_view(), name="trays"),
    path("settings/", views.Settings.as_view(), name="settings"),
    *(
        path(
            f"tickets/<uuid:ref>/{name}/",
            views.TicketPress.as_view(press=staticmethod(press)),
            name=f"ticket-{name}",
        )
        for name, press in PRESSES.items()
    ),
    path("tickets/<uuid:ref>/reprint/", views.TicketReprint.as_view(), name="ticket-reprint"),
]
