from django.apps import AppConfig


class MarketWatchConfig(AppConfig):
    name = "regulars.web.market_watch"
