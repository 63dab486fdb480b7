"""Message templates: each address a noun with one representation."""

from django.urls import path

from .views import listing, making, page

app_name = "templates"
urlpatterns = [
    path("", listing.index, name="index"),
    path("list/", listing.rows, name="list"),
    path("sync/", listing.sync, name="sync"),
    path("preview/", making.preview, name="preview"),
    path("new/<slug:waba_id>/", making.new, name="new"),
    path("<int:template_id>/", page.template, name="template"),
    path("<int:template_id>/state/", page.state, name="state"),
    path("<int:template_id>/edit/", making.edit, name="edit"),
    path("<int:template_id>/deletion/", making.deletion, name="deletion"),
]
