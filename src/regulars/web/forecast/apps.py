from django.apps import AppConfig


class ForecastConfig(AppConfig):
    name = "regulars.web.forecast"
