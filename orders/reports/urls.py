from django.urls import path

from orders.reports import views

urlpatterns = [
    path("reports/sales/", views.Sales.as_view(), name="report-sales"),
    path("reports/kitchen/", views.Kitchen.as_view(), name="report-kitchen"),
    path("reports/lateness/", views.Lateness.as_view(), name="report-lateness"),
    path("reports/waste/", views.Wasted.as_view(), name="report-waste"),
]
