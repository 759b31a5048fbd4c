from django.apps import AppConfig


class VoiceConfig(AppConfig):
    name = "regulars.web.voice"
