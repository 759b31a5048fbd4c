from django.apps import AppConfig


class CardsConfig(AppConfig):
    name = "regulars.web.cards"
