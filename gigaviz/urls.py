"""Every address we answer."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from . import home

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("accounts/", include("allauth.urls")),
    path("w/<slug:slug>/inbox/", include("inbox.urls")),
    path("webhooks/", include("webhooks.urls")),
]
