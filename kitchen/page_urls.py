"""The addresses of the kitchen's pages, as `urls` has those of the API."""

from django.urls import path

from kitchen import pages

urlpatterns = [
    path("kitchen/", pages.home, name="kitchen"),
    path("kitchen/<slug:code>/", pages.zone, name="zone-screen"),
    path("kitchen/<slug:code>/board/", pages.zone_board, name="zone-board"),
    path("pass/", pages.the_pass, name="pass-screen"),
    path("pass/board/", pages.pass_board, name="pass-board"),
]
