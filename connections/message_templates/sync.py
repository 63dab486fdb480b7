"""Templates listed from Meta: each account of a workspace once, however many of its numbers are connected.

A run is claimed by one UPDATE, so that neither two workers nor a worker and a person list the same account at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from workspaces.clock import tick

from ..graph import templates as graph
from ..graph.catalogue import explain_error
from ..graph.errors import GraphError, NotSent, Throttled, Unconfirmed
from ..models import Connection
from . import evidence, listing
from .calling import NoNumber, through
from .models import TemplateSync

EVERY = timedelta(hours=4)
AFTER_A_FAILURE = timedelta(minutes=15)
# A webhook may tell of several templates in a row; one listing serves them all.
WANTED_AT_MOST_EVERY = timedelta(minutes=1)
# The process that claimed a run is gone when it has not finished it by then.
LONGEST_RUN = timedelta(minutes=10)
STALE_AFTER = timedelta(hours=24)
CONNECT = "Connect a number of it, and its templates are synced by themselves."
AGAIN = "It is tried again by itself; what is shown stays as of the last sync."

Account = tuple[int, str]  # workspace, WABA


def due(now: datetime) -> list[Account]:
    """The accounts to be listed now: never yet, long ago, failed a while ago, wanted, or with a number newly proven."""
    proven = Connection.objects.filter(proven_at__isnull=False)
    pairs = set(proven.values_list("workspace_id", "waba_id").distinct())
    known = set(TemplateSync.objects.values_list("workspace_id", "waba_id"))
    are_due = set(TemplateSync.objects.filter(_is_due(now)).values_list("workspace_id", "waba_id"))
    return sorted(pair for pair in pairs if pair not in known or pair in are_due)


def _is_due(now: datetime) -> Q:
    newly_proven = Connection.objects.filter(
        workspace_id=OuterRef("workspace_id"), waba_id=OuterRef("waba_id"), proven_at__gt=OuterRef("started_at")
    )
    is_wanted = Q(wanted_at__gt=F("started_at"), started_at__lte=now - WANTED_AT_MOST_EVERY)
    has_failed = ~Q(problem="") & Q(started_at__lte=now - AFTER_A_FAILURE)
    return (
        Q(started_at=None) | Q(started_at__lte=now - EVERY) | is_wanted | has_failed | Exists(newly_proven)
    ) & _is_free(now)


def _is_free(now: datetime) -> Q:
    """Nobody is at it."""
    is_running = Q(started_at__gt=now - LONGEST_RUN) & (Q(finished_at=None) | Q(finished_at__lt=F("started_at")))
    return Q(started_at=None) | ~is_running


def sync(workspace_id: int, waba_id: str, *, only_if_due: bool = False) -> TemplateSync | None:
    """List the account and bring the rows in line; the run as stored. None where somebody else is at it.

    A listing that was cut short changes nothing: what it did not come to is not gone.
    """
    now = timezone.now()
    run, _ = TemplateSync.objects.get_or_create(workspace_id=workspace_id, waba_id=waba_id)
    allowed = _is_due(now) if only_if_due else _is_free(now)
    if not TemplateSync.objects.filter(allowed, pk=run.pk).update(started_at=now):
        return None
    problem, next_step = "", ""
    try:
        found = through(workspace_id, waba_id, graph.message_templates)
    except GraphError as error:
        problem, next_step = _said(error)
    with transaction.atomic():
        if not problem:
            told = [one for row in found if (one := listing.told_of(row, now))]
            evidence.apply(workspace_id, waba_id, told, is_whole=True, at=now)
            TemplateSync.objects.filter(pk=run.pk).update(count=len(told))
        TemplateSync.objects.filter(pk=run.pk).update(
            finished_at=timezone.now(), problem=problem, next_step=next_step if problem else ""
        )
        tick([workspace_id])
    run.refresh_from_db()
    return run


def _said(error: GraphError) -> tuple[str, str]:
    """What went wrong and what to do. To list again harms nobody, so it is done unless a person has to act first."""
    said = explain_error(error)
    if isinstance(error, NoNumber):
        return error.reason, CONNECT
    if isinstance(error, NotSent | Throttled | Unconfirmed):
        return error.reason if isinstance(error, Unconfirmed) else said.sentence, AGAIN
    return said.sentence, said.next_step
