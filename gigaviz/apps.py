from django.apps import AppConfig


class GigavizConfig(AppConfig):
    name = "gigaviz"

    def ready(self) -> None:
        from . import checks  # noqa: F401
