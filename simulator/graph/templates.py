"""A business account's message templates."""

from __future__ import annotations

from typing import Any

from .. import templates
from ..model import JSON, Template
from ..refusals import Refusal
from ..settings import BadSettings
from .call import MANAGEMENT, GraphCall, chosen, missing
from .paging import paged
from .router import handles

DEFAULT = ("name", "parameter_format", "components", "language", "status", "category", "id")
FILTERS = ("name", "status", "category", "language")
BAD_CURSOR = 131059
DUPLICATE, RESTS = 2388024, 2388023  # subcodes; general Graph behaviour


def facts(template: Template) -> JSON:
    return {
        "id": template.id,
        "name": template.name,
        "parameter_format": template.parameter_format,
        "components": template.components,
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "quality_score": {"score": template.quality},
        "rejected_reason": template.rejected_reason,
        "previous_category": None,
        "correct_category": None,
        "sub_category": None,
        "library_template_name": None,
    }


@handles("GET", "waba", "message_templates")
async def listed(call: GraphCall, waba_id: str) -> Any:
    call.manages(waba_id)
    found = [facts(one) for one in call.sim.world.templates.values() if one.waba_id == waba_id]
    for key in FILTERS:
        if wanted := call.parameters.get(key):
            found = [one for one in found if one[key].lower() == str(wanted).lower()]
    fields = call.optional("fields")
    return paged(call, [chosen(one, fields, DEFAULT) for one in found], BAD_CURSOR)


@handles("GET", "template")
async def one(call: GraphCall, template_id: str) -> Any:
    return chosen(facts(accessible(call, template_id)), call.optional("fields"), DEFAULT)


@handles("POST", "waba", "message_templates")
async def create(call: GraphCall, waba_id: str) -> Any:
    """It is reviewed then, and told of by webhook."""
    call.manages(waba_id)
    name, language, category = call.text("name"), call.text("language"), call.text("category").upper()
    if templates.find(call.sim, waba_id, name, language):
        words = "Content in this language already exists"
        raise Refusal(100, f"There is already {language} content for this template.", subcode=DUPLICATE, message=words)
    if templates.rests(call.sim, waba_id, name):
        words = "Message template language is being deleted"
        raise Refusal(100, f"The name {name} cannot be used while it is being deleted.", subcode=RESTS, message=words)
    form = str(call.parameters.get("parameter_format") or "POSITIONAL").upper()
    made = Template("", waba_id, name, language, category, call.parameters.get("components", []), "PENDING", form)
    with_refusals(lambda: templates.add(call.sim, made))
    templates.review(call.sim, made)
    return {"id": made.id, "status": made.status, "category": made.category}


@handles("POST", "template")
async def edit(call: GraphCall, template_id: str) -> Any:
    """Components are replaced as a whole; the category of an approved one stays."""
    template = accessible(call, template_id)
    if template.status not in ("APPROVED", "REJECTED", "PAUSED"):
        raise Refusal(100, f"A template that is {template.status} cannot be edited.")
    category = call.optional("category").upper()
    if category and template.status == "APPROVED" and category != template.category:
        raise Refusal(100, "The category of an approved template cannot be edited.")
    components = call.parameters.get("components", template.components)
    with_refusals(lambda: templates.check_components(components))
    with_refusals(lambda: templates.edited(template))
    template.components = components
    template.category, template.status = category or template.category, "PENDING"
    templates.review(call.sim, template)
    return {"success": True}


@handles("POST", "template", "unpause")
async def unpause(call: GraphCall, template_id: str) -> Any:
    template = accessible(call, template_id)
    if template.status == "PAUSED":
        templates.set_status(call.sim, template, "APPROVED")
    return {"success": True}


@handles("DELETE", "waba", "message_templates")
async def delete(call: GraphCall, waba_id: str) -> Any:
    """Every language of a name, or the one that `hsm_id` names."""
    call.manages(waba_id)
    name, one_id = call.text("name"), call.optional("hsm_id")
    known = call.sim.world.templates
    found = [one for one in known.values() if one.waba_id == waba_id and one.name == name]
    meant = [one for one in found if one_id in ("", one.id)]
    if not meant:
        raise Refusal(100, f"There is no template named {name}.", message="(#100) Message Template Not Found")
    with_refusals(lambda: templates.delete(call.sim, meant))
    return {"success": True}


def accessible(call: GraphCall, template_id: str) -> Template:
    call.needs(MANAGEMENT)
    template = call.sim.world.templates[template_id]
    if template.waba_id not in call.token.waba_ids:
        raise missing(template_id, call.request.method)
    return template


def with_refusals(act: Any) -> None:
    """Says as Graph does what the templates say in their own way."""
    try:
        act()
    except BadSettings as problem:
        subcode = problem.subcode if isinstance(problem, templates.Unfit) else 0
        raise Refusal(100, str(problem), subcode=subcode, message="(#100) Invalid parameter") from problem
