"""Message templates: each address a noun with one representation."""

from django.urls import path

from .views import listing, page

app_name = "templates"
urlpatterns = [
    path("", listing.index, name="index"),
    path("sync/", listing.sync, name="sync"),
    path("<int:template_id>/", page.template, name="template"),
]
