from django.apps import AppConfig


class ModesConfig(AppConfig):
    name = "regulars.web.modes"
