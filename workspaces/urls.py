"""The settings that are about people: each address a noun with one representation."""

from django.urls import path

from .views import members

app_name = "workspaces"
urlpatterns = [
    path("members/", members.members, name="members"),
]
