from django.apps import AppConfig


class NextActionsConfig(AppConfig):
    name = "regulars.web.next_actions"
