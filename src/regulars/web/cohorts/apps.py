from django.apps import AppConfig


class CohortsConfig(AppConfig):
    name = "regulars.web.cohorts"
