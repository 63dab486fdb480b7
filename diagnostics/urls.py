from datetime import date

from django.urls import path, register_converter

from . import views


class DayConverter:
    """A day as 2026-11-24."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")

app_name = "diagnostics"
urlpatterns = [
    path("", views.index, name="index"),
    path("events/<day:day>/<int:event_id>/", views.body, name="body"),
]
