"""Whom an app is offered to: a slug, and never a list to choose from."""

from __future__ import annotations

from typing import Any

from django import forms

from workspaces.models import Workspace

from .models import AppShare, MetaApp


class OfferForm(forms.Form):
    slug = forms.CharField(
        label="The other workspace",
        max_length=AppShare._meta.get_field("slug").max_length,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "autocapitalize": "none"}),
        help_text="Its short name, as in the address of its pages: /w/kopi-kita/.",
    )

    def __init__(self, data: Any = None, *, workspace: Workspace, app: MetaApp) -> None:
        super().__init__(data)
        self.workspace, self.app = workspace, app

    def clean_slug(self) -> str:
        # A whole address pasted says it as well.
        slug = str(self.cleaned_data["slug"]).partition("/w/")[2] or str(self.cleaned_data["slug"])
        slug = forms.SlugField().clean(slug.strip("/ ").partition("/")[0].lower())
        if slug == self.workspace.slug:
            raise forms.ValidationError("That is this workspace, which owns the app.")
        if self.app.shares.filter(slug=slug, accepted_at__isnull=False).exists():
            raise forms.ValidationError("The app is shared with that workspace already.")
        return str(slug)
