"""The settings that are about Meta apps and numbers: each address a noun with one representation."""

from django.urls import path

from .views import index

app_name = "connections"
urlpatterns = [
    path("", index.index, name="index"),
]
