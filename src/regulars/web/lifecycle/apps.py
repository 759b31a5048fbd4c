from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    name = "regulars.web.lifecycle"
