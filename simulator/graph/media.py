"""Files of messages: uploaded, found by id, fetched by an address that lives 5 minutes, deleted."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import UploadFile

from .. import files
from ..model import Media
from ..refusals import Refusal
from .call import MESSAGING, GraphCall, missing
from .router import handles

UPLOAD_DAYS = 30


@handles("POST", "number", "media")
async def upload(call: GraphCall, number_id: str) -> Any:
    call.needs(MESSAGING)
    number = call.number(number_id)
    if call.parameters.get("messaging_product") != "whatsapp":
        raise Refusal(100, message="(#100) The parameter messaging_product is required.")
    file = call.form.get("file") if call.form else None
    if not isinstance(file, UploadFile):
        raise Refusal(100, message="(#100) The parameter file is required.")
    mime_type = call.optional("type") or file.content_type or ""
    content = await file.read()
    files.check_upload(mime_type, len(content))
    media = files.keep(call.sim.world, number.id, content, mime_type, file.filename or "", days=UPLOAD_DAYS)
    return {"id": media.id}


@handles("GET", "media")
async def find(call: GraphCall, media_id: str) -> Any:
    """The address, with the SHA-256 in hexadecimal: webhooks give it in base64."""
    media = accessible(call, media_id)
    return {
        "messaging_product": "whatsapp",
        "url": files.address(call.sim.world, media),
        "mime_type": files.bare(media.mime_type),
        "sha256": media.sha256.hex(),
        "file_size": str(len(media.content)),
        "id": media.id,
    }


@handles("DELETE", "media")
async def delete(call: GraphCall, media_id: str) -> Any:
    accessible(call, media_id)
    call.sim.world.forget_media(media_id)
    return {"success": True}


def accessible(call: GraphCall, media_id: str) -> Media:
    """A file that is still kept, for a number the token has access to. Raises Refusal."""
    call.needs(MESSAGING)
    media = files.find(call.sim.world, media_id)
    named = call.parameters.get("phone_number_id")
    if media is None or (named and named != media.owner_id):
        raise missing(media_id, call.request.method)
    call.number(media.owner_id)
    return media
