"""The calls about message templates. Each is made once; all raise GraphError (see `errors`).

Source: Meta's pages on templates and their management, December 2025; the fields are in Meta's own reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import answers
from .account import GraphAccount
from .answers import JSONObject
from .calls import call
from .errors import Refused, Unconfirmed
from .urls import Endpoint, endpoint

FIELDS = (
    "id,name,language,status,category,previous_category,correct_category,components,parameter_format,quality_score,"
    "rejected_reason"
)
# A hundred whole templates could be more than we read of one answer.
PAGE_SIZE = 50
# An account may have 6,000 templates.
MOST_PAGES = 200
BAD_CURSOR = 131059


@dataclass(frozen=True, slots=True)
class Created:
    """What Meta says of a template it has taken: its id, and what it made of status and category."""

    template_id: str
    status: str
    category: str


def message_templates(account: GraphAccount) -> list[JSONObject]:
    """Every template of the business account, of every status. All of them, or an error: never a part.

    Meta forgets cursors; then the list is begun again, once.
    """
    try:
        return _listed(account)
    except Refused as error:
        if error.code != BAD_CURSOR:
            raise
        return _listed(account)


def _listed(account: GraphAccount) -> list[JSONObject]:
    found: list[JSONObject] = []
    after, passed = "", set()
    for _ in range(MOST_PAGES):
        answer = call(account, _page(account, after), answers.content)
        rows = answer.get("data")
        if not isinstance(rows, list):
            raise Unconfirmed("Meta answered without a list.")
        found += [row for row in rows if isinstance(row, dict)]
        paging = answer.get("paging")
        if not isinstance(paging, dict) or "next" not in paging:
            return found
        cursors = paging.get("cursors")
        after = answers.words(cursors, "after") if isinstance(cursors, dict) else ""
        if not after or after in passed:
            raise Unconfirmed("Meta says that there are more templates, but not where the list goes on.")
        passed.add(after)
    raise Unconfirmed(f"Meta has more templates than the {MOST_PAGES * PAGE_SIZE} we read.")


def message_template(account: GraphAccount, template_id: str) -> JSONObject:
    return call(account, _one("GET", template_id, {"fields": FIELDS}), answers.content)


def create_template(account: GraphAccount, template: dict[str, Any]) -> Created:
    """`template` has `name`, `language`, `category`, `parameter_format` and `components`."""
    return call(account, _edge(account, "POST"), _created, body=template)


def edit_template(account: GraphAccount, template_id: str, changes: dict[str, Any]) -> None:
    """`changes` has `components`, which replace all there are, and may have a `category`."""
    call(account, _one("POST", template_id), answers.done, body=changes)


def delete_template(account: GraphAccount, name: str, template_id: str = "") -> None:
    """Deletes every language of that name, or only the one that `template_id` names."""
    params = {"name": name} | ({"hsm_id": template_id} if template_id else {})
    call(account, _edge(account, "DELETE", params), answers.done)


def _page(account: GraphAccount, after: str = "") -> Endpoint:
    params = {"fields": FIELDS, "limit": str(PAGE_SIZE)} | ({"after": after} if after else {})
    return _edge(account, "GET", params)


def _edge(account: GraphAccount, method: Any, params: dict[str, str] | None = None) -> Endpoint:
    return endpoint(method, "/{waba_id}/message_templates", params, waba_id=account.waba_id)


def _one(method: Any, template_id: str, params: dict[str, str] | None = None) -> Endpoint:
    return endpoint(method, "/{template_id}", params, template_id=template_id)


def _created(answer: answers.Answer) -> Created:
    found = answers.content(answer)
    template_id = answers.words(found, "id")
    if not template_id.isdigit():
        raise Unconfirmed("Meta answered yes, but gave no id of the template.", http_status=answer.status)
    return Created(template_id, answers.words(found, "status"), answers.words(found, "category"))
