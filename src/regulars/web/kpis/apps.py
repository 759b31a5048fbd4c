from django.apps import AppConfig


class KpisConfig(AppConfig):
    name = "regulars.web.kpis"
