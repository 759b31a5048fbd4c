from django.apps import AppConfig


class ScheduleConfig(AppConfig):
    name = "regulars.web.schedule"
