from django.apps import AppConfig


class AffinityConfig(AppConfig):
    name = "regulars.web.affinity"
