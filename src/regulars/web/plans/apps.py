from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "regulars.web.plans"
