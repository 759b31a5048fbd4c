from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "regulars.web.partners"
