"""The product's addresses, and the floors that need Django's whole chain."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from gigaviz.urls import urlpatterns as product


@login_required
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


urlpatterns = [*product, path("webhooks/", include("webhooks.urls")), path("bench/empty/", empty)]
