"""The settings that are about Meta apps and numbers: each address a noun with one representation."""

from django.urls import path

from .views import app, index, share

app_name = "connections"
urlpatterns = [
    path("", index.index, name="index"),
    path("apps/new/", app.new, name="app_new"),
    path("apps/<int:app_id>/", app.page, name="app"),
    path("apps/<int:app_id>/state/", app.state, name="app_state"),
    path("apps/<int:app_id>/verify-token/", app.verify_token, name="app_verify_token"),
    path("apps/<int:app_id>/old-secret/", app.old_secret, name="app_old_secret"),
    path("apps/<int:app_id>/shares/", share.offer, name="app_shares"),
    path("shares/<int:share_id>/acceptance/", share.acceptance, name="share_acceptance"),
    path("shares/<int:share_id>/end/", share.end, name="share_end"),
]
