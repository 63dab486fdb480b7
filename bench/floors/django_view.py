"""A bare Django view, without middleware, that stores nothing: what the framework alone costs."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.floors.django_settings")


def view(request: HttpRequest, public_id: str) -> HttpResponse:
    len(request.body)  # read whole, as ours must be
    return HttpResponse("stored", content_type="text/plain")


urlpatterns = [path("webhooks/meta/<slug:public_id>/", view)]
application = get_wsgi_application()
