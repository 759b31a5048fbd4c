from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    name = "regulars.web.resources"
