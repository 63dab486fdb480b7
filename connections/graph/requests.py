"""The bodies we post, in the shapes of Meta's pages on sending."""

from __future__ import annotations

from typing import Any

from .account import Address
from .errors import Unusable

Payload = dict[str, Any]

CALLBACK_DATA_LIMIT = 512


def addressed(to: Address, kind: str, content: Any, *, callback_data: str = "", context_wamid: str = "") -> Payload:
    """A message of any kind. `callback_data` comes back in every receipt of the message, and Meta shows it to nobody.

    Raises Unusable when the address or the callback data cannot be sent.
    """
    if len(callback_data) > CALLBACK_DATA_LIMIT:
        raise Unusable(f"The callback data is longer than the {CALLBACK_DATA_LIMIT} characters Meta takes.")
    body: Payload = {"messaging_product": "whatsapp", "recipient_type": "individual", **to.fields(), "type": kind}
    if context_wamid:
        body["context"] = {"message_id": context_wamid}
    body[kind] = content
    if callback_data:
        body["biz_opaque_callback_data"] = callback_data
    return body


def text(
    to: Address, body: str, *, callback_data: str = "", context_wamid: str = "", preview_url: bool = False
) -> Payload:
    content = {"preview_url": preview_url, "body": body}
    return addressed(to, "text", content, callback_data=callback_data, context_wamid=context_wamid)
