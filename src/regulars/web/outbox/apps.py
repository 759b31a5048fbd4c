from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "regulars.web.outbox"
