"""Opt-outs in the settings: each address a noun with one representation."""

from django.urls import path

from .views import opt_out_files, opt_out_words, opt_outs

app_name = "opt_outs"
urlpatterns = [
    path("", opt_outs.index, name="index"),
    path("additions/", opt_outs.additions, name="additions"),
    path("import/", opt_out_files.choice, name="import"),
    path("imports/", opt_out_files.imports, name="imports"),
    path("export/", opt_out_files.export, name="export"),
    path("words/", opt_out_words.words, name="words"),
    path("words/changes/", opt_out_words.changes, name="word_changes"),
    path("<int:consent_id>/", opt_outs.person, name="person"),
    path("<int:consent_id>/lift/", opt_outs.lift, name="lift"),
]
