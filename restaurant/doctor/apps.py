from django.apps import AppConfig


class DoctorConfig(AppConfig):
    name = "restaurant.doctor"
    label = "doctor"
