from django.apps import AppConfig


class WorthConfig(AppConfig):
    name = "regulars.web.worth"
