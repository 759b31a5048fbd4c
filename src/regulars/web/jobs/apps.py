from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "regulars.web.jobs"
