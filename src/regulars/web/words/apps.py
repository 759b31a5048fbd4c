from django.apps import AppConfig

from regulars.web.words.compile import compile_changed


class WordsConfig(AppConfig):
    name = "regulars.web.words"

    def ready(self) -> None:
        try:
            compile_changed()
        except OSError:  # a read-only installation carries its compiled catalogues
            return
