from django.apps import AppConfig


class ConsentsConfig(AppConfig):
    name = "regulars.web.consents"
