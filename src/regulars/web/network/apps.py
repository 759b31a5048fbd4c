from django.apps import AppConfig


class NetworkConfig(AppConfig):
    name = "regulars.web.network"
