from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"

    def ready(self) -> None:
        from connections import door

        from . import standing

        door.answered_by(standing.of)
