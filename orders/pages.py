"""The addresses of pages, as `urls` has those of the API."""

from django.urls import path

from orders import bill_views, views

urlpatterns = [
    path("track/<slug:secret>/", views.track, name="track"),
    path("receipt/<uuid:ref>/", bill_views.receipt, name="receipt"),
]
