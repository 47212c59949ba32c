from django.urls import path

from orders import bill_views, trace_views, views

urlpatterns = [
    path("orders/", views.OrderList.as_view(), name="orders"),
    path("orders/<uuid:ref>/", views.OrderDetail.as_view(), name="order"),
    path("orders/<uuid:ref>/events/", views.OrderEvents.as_view(), name="order-events"),
    path("orders/<uuid:ref>/trace/", trace_views.OrderTrace.as_view(), name="order-trace"),
    path("orders/<uuid:ref>/stream/", views.OrderStream.as_view(), name="order-stream"),
    path("orders/<uuid:ref>/cancel/", views.OrderCancel.as_view(), name="order-cancel"),
    path("orders/<uuid:ref>/serve/", views.OrderServe.as_view(), name="order-serve"),
    path("orders/<uuid:ref>/fire/", views.OrderFire.as_view(), name="order-fire"),
    path("orders/<uuid:ref>/rush/", views.OrderRush.as_view(), name="order-rush"),
    path("orders/<uuid:ref>/refire/", views.OrderRefire.as_view(), name="order-refire"),
    path("orders/<uuid:ref>/bill/", bill_views.OrderBill.as_view(), name="order-bill"),
    path("orders/<uuid:ref>/pay/", bill_views.OrderPay.as_view(), name="order-pay"),
    path("orders/<uuid:ref>/close/", bill_views.OrderClose.as_view(), name="order-close"),
    path("settings/bill/", bill_views.Bills.as_view(), name="bill-settings"),
]
