"""The addresses of pages, as `urls` has those of the API."""

from django.urls import path

from orders import views

urlpatterns = [path("track/<slug:secret>/", views.track, name="track")]
