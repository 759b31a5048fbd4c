from django.apps import AppConfig


class AttributionConfig(AppConfig):
    name = "regulars.web.attribution"
