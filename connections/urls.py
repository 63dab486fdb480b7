"""The settings that are about Meta apps and numbers: each address a noun with one representation."""

from django.urls import path

from .views import app, index, number, number_acts, number_token, share

app_name = "connections"
urlpatterns = [
    path("", index.index, name="index"),
    path("numbers/new/", number.new, name="number_new"),
    path("numbers/<int:number_id>/", number.page, name="number"),
    path("numbers/<int:number_id>/details/", number.details, name="number_details"),
    path("numbers/<int:number_id>/name/", number.name, name="number_name"),
    path("numbers/<int:number_id>/check/", number_acts.check, name="number_check"),
    path("numbers/<int:number_id>/swap/", number_acts.swap, name="number_swap"),
    path("numbers/<int:number_id>/subscription/", number_acts.subscription, name="number_subscription"),
    path("numbers/<int:number_id>/callback/", number_acts.callback, name="number_callback"),
    path("numbers/<int:number_id>/pause/", number_acts.pause, name="number_pause"),
    path("numbers/<int:number_id>/resumption/", number_acts.resumption, name="number_resumption"),
    path("numbers/<int:number_id>/removal/", number_acts.removal, name="number_removal"),
    path("numbers/<int:number_id>/token/", number_token.token, name="number_token"),
    path("numbers/<int:number_id>/token/check/", number_token.check, name="number_token_check"),
    path("numbers/<int:number_id>/token/removal/", number_token.removal, name="number_token_removal"),
    path("apps/new/", app.new, name="app_new"),
    path("apps/<int:app_id>/", app.page, name="app"),
    path("apps/<int:app_id>/state/", app.state, name="app_state"),
    path("apps/<int:app_id>/verify-token/", app.verify_token, name="app_verify_token"),
    path("apps/<int:app_id>/old-secret/", app.old_secret, name="app_old_secret"),
    path("apps/<int:app_id>/shares/", share.offer, name="app_shares"),
    path("shares/<int:share_id>/acceptance/", share.acceptance, name="share_acceptance"),
    path("shares/<int:share_id>/end/", share.end, name="share_end"),
]
