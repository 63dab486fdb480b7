"""Sandbox mode in the settings: each address a noun with one representation."""

from django.urls import path

from .views import sandbox

app_name = "sandbox"
urlpatterns = [
    path("", sandbox.index, name="index"),
    path("switch/", sandbox.switch, name="switch"),
    path("whitelist/", sandbox.whitelisted, name="whitelist"),
    path("whitelist/removal/", sandbox.removal, name="removal"),
]
