from django.apps import AppConfig


class FindingsConfig(AppConfig):
    name = "regulars.web.findings"
