from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "regulars.web.catalog"
