from django.urls import path

from notifications import views

urlpatterns = [
    path("events/", views.Feed.as_view(), name="feed"),
    path("webhooks/", views.EndpointList.as_view(), name="webhooks"),
    path("webhooks/<uuid:ref>/", views.EndpointDetail.as_view(), name="webhook"),
    path("webhooks/<uuid:ref>/rotate/", views.EndpointRotate.as_view(), name="webhook-rotate"),
    path("webhooks/<uuid:ref>/deliveries/", views.DeliveryList.as_view(), name="deliveries"),
    path(
        "webhooks/<uuid:ref>/deliveries/redeliver/",
        views.DeadRedeliver.as_view(),
        name="redeliver-dead",
    ),
    path(
        "webhooks/<uuid:ref>/deliveries/<uuid:delivery>/redeliver/",
        views.DeliveryRedeliver.as_view(),
        name="redeliver",
    ),
]
