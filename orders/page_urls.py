"""The addresses of pages, as `urls` has those of the API."""

from django.urls import path

from orders import bill_views, pages, trace_views

urlpatterns = [
    path("track/<slug:secret>/", pages.track, name="track"),
    path("track/<slug:secret>/board/", pages.board, name="track-board"),
    path("track/<slug:secret>/stream/", pages.stream, name="track-stream"),
    path("receipt/<uuid:ref>/", bill_views.receipt, name="receipt"),
    path("trace/<uuid:ref>/", trace_views.trace_page, name="trace"),
]
