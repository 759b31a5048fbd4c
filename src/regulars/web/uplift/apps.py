from django.apps import AppConfig


class UpliftConfig(AppConfig):
    name = "regulars.web.uplift"
