from django.apps import AppConfig


class TrialConfig(AppConfig):
    name = "regulars.web.trial"
