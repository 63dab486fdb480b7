from django.apps import AppConfig


class GigavizConfig(AppConfig):
    name = "gigaviz"

    def ready(self) -> None:
        # Not in gigaviz/__init__.py: the embedded engines start before there are settings to read.
        from . import celery, checks, starting  # noqa: F401
