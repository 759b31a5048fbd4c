from django.apps import AppConfig


class AdaptiveConfig(AppConfig):
    name = "regulars.web.adaptive"
