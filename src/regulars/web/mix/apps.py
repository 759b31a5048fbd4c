from django.apps import AppConfig


class MixConfig(AppConfig):
    name = "regulars.web.mix"
