"""Templates as a listing of Meta's would have told of them."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from django.db import transaction
from django.utils import timezone

from connections.message_templates import evidence, listing
from connections.models import MessageTemplate, TemplateSync
from tests.cast import House

_ids = count(400000000000100)


def body(text: str = "Your order is on its way.", **more: Any) -> dict[str, Any]:
    return {"type": "BODY", "text": text, **more}


def known(house: House, name: str = "greeting", *, at: datetime | None = None, **facts: Any) -> MessageTemplate:
    """A template of Kopi Kita's, synced just now unless `at` says otherwise."""
    at = at or timezone.now()
    usual = {"id": str(next(_ids)), "name": name, "language": "en_US", "status": "APPROVED", "category": "UTILITY"}
    told = listing.told_of({**usual, "components": [body()], "parameter_format": "POSITIONAL", **facts}, at)
    assert told is not None
    with transaction.atomic():
        evidence.apply(house.workspace.pk, house.connection.waba_id, [told])
    run = TemplateSync.objects.filter(workspace=house.workspace, waba_id=house.connection.waba_id)
    run.update(started_at=at, finished_at=at, ok_at=at, count=1)
    return MessageTemplate.objects.get(template_id=told.template_id)
