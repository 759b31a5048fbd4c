from django.apps import AppConfig


class TargetsConfig(AppConfig):
    name = "regulars.web.targets"
