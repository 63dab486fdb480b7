"""Taking, giving and releasing a conversation."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from inbox import ownership
from inbox.forms import AssignmentForm
from inbox.freshness import fresh
from inbox.models import Conversation
from workspaces.access import Ability, MemberRequest, member

from . import header
from .finding import conversation_of


@require_POST
@member(Ability.REPLY)
@fresh
def assignment(request: MemberRequest, conversation_id: int) -> HttpResponse:
    conversation = conversation_of(request, conversation_id)
    form = AssignmentForm(request.POST)
    if not form.is_valid():
        return header.answer(request, conversation, "Choose whom to give it to.", status=422)
    change = _change(request, conversation, form)
    return header.answer(request, conversation, change.refusal, status=200 if change.is_made else 409)


def _change(request: MemberRequest, conversation: Conversation, form: AssignmentForm) -> ownership.Change:
    now, said = timezone.now(), form.cleaned_data
    if said["act"] == "release":
        return ownership.release(conversation, shown_owner=said["shown_owner"], by=request.user, now=now)
    chosen = request.user.pk if said["act"] == "take" else said["owner"]
    membership = ownership.may_answer(request.workspace.pk).filter(user_id=chosen).first()
    if membership is None:
        return ownership.Change("That person may not reply in this workspace, so nothing was assigned.")
    return ownership.give(conversation, membership.user, shown_owner=said["shown_owner"], by=request.user, now=now)
