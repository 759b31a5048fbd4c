from django.apps import AppConfig


class DealsConfig(AppConfig):
    name = "regulars.web.deals"
