"""The settings that are about people: each address a noun with one representation."""

from django.urls import path

from .views import audit, members

app_name = "workspaces"
urlpatterns = [
    path("audit/", audit.trail, name="audit"),
    path("audit/csv/", audit.export, name="audit_export"),
    path("members/", members.members, name="members"),
]
