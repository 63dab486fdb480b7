"""The words that opt out and in: the defaults, and a workspace's own."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from inbox.opt_out_forms import WordsForm
from optouts import keywords, wordlist
from optouts.models import OwnWord
from workspaces.access import Ability, MemberRequest, able, member

LANGUAGES = {
    "en": "English",
    "es": "Spanish",
    "pt": "Portuguese",
    "id": "Indonesian",
    "ar": "Arabic",
    "hi": "Hindi",
    "fr": "French",
    "de": "German",
}
TABLES = {
    "Opts out of all messages": keywords.STOP_WORDS,
    "Opts out of marketing": keywords.MARKETING_WORDS,
    "Opts in again": keywords.START_WORDS,
}


@require_safe
@member()
def words(request: MemberRequest) -> HttpResponse:
    """Everybody may know what counts."""
    return _page(request, WordsForm(initial=_as_typed(request)))


@require_POST
@member(Ability.MANAGE_OPT_OUTS)
def changes(request: MemberRequest) -> HttpResponseBase:
    form = WordsForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        wordlist.save(request.workspace, form.wanted, seen=form.cleaned_data["seen"], actor=request.user)
    except wordlist.ChangedMeanwhileError:
        form.add_error(
            None, "Somebody else has changed the words meanwhile: nothing was saved. Reload, and look again."
        )
        return _page(request, form, status=422)
    messages.success(request, "The words are saved. They count for what is written from now on.")
    return redirect("opt_outs:words", request.workspace.slug)


def _as_typed(request: MemberRequest) -> dict[str, str]:
    own = wordlist.standing(request.workspace.pk)
    boxes = {
        meaning: "\n".join(one.written for one in own if one.meaning == meaning) for meaning in OwnWord.Meaning.values
    }
    return {**boxes, "seen": wordlist.mark(own)}


def _page(request: MemberRequest, form: WordsForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "may_change": Ability.MANAGE_OPT_OUTS.name in request.may,
        "able": able(request.workspace, Ability.MANAGE_OPT_OUTS),
        "own": wordlist.standing(request.workspace.pk),
        "defaults": [
            (title, [(LANGUAGES[code], ", ".join(keywords.split(listed))) for code, listed in table.items()])
            for title, table in TABLES.items()
        ],
        "always": ", ".join(word.upper() for word in keywords.ALWAYS),
    }
    return render(request, "inbox/opt_out_words.html", context, status=status)
