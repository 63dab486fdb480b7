from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "inbox"

    def ready(self) -> None:
        from workspaces.departures import when_somebody_goes

        from .departures import release_all

        when_somebody_goes(release_all)
