from django.apps import AppConfig


class TrustConfig(AppConfig):
    name = "regulars.web.trust"
