from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    name = "regulars.web.experiments"
