"""The bodies Meta posts to a webhook, as JSON Schemas in which every key is named, so that a misspelt one fails.

Meta's file reuses the outbound message shape for them, so these are derived from Meta's webhook reference (December
2025 to March 2026) and its page on business-scoped user ids (February to July 2026). Real bodies may carry more, and
our parser takes them; the simulator may only send what is written here.
"""

from __future__ import annotations

from .shapes import ANY_TEXT, ID, NUMBER, TEXT, WHOLE, YES_NO, Schema, many, obj, one_of

SECONDS: Schema = {"type": "string", "pattern": "^[0-9]{1,12}$"}
PHONE: Schema = {"type": "string", "pattern": "^[1-9][0-9]{4,14}$"}
BSUID: Schema = {"type": "string", "pattern": "^[A-Z]{2}\\.[A-Za-z0-9]{1,128}$"}
PARENT: Schema = {"type": "string", "pattern": "^[A-Z]{2}\\.ENT\\.[A-Za-z0-9]{1,128}$"}
WAMID: Schema = {"type": "string", "pattern": "^wamid\\.[A-Za-z0-9+/=_-]+$"}
EMPTY_OR_PHONE: Schema = {"anyOf": [{"const": ""}, PHONE]}

ERROR = obj(
    {"code": WHOLE, "title": TEXT},
    {"message": TEXT, "error_data": obj({"details": ANY_TEXT}), "href": TEXT},
)
ERRORS = many(ERROR, minItems=1)
CONTACT = obj(
    {},
    {
        "profile": obj({}, {"name": ANY_TEXT, "username": TEXT}),
        "wa_id": EMPTY_OR_PHONE,
        "user_id": BSUID,
        "parent_user_id": PARENT,
        "identity_key_hash": TEXT,
    },
    anyOf=[{"required": ["wa_id"]}, {"required": ["user_id"]}],
)
CONTEXT = obj(
    {},
    {
        "from": EMPTY_OR_PHONE,
        "from_user_id": BSUID,
        "from_parent_user_id": PARENT,
        "id": WAMID,
        "forwarded": YES_NO,
        "frequently_forwarded": YES_NO,
        "referred_product": obj({"catalog_id": TEXT, "product_retailer_id": TEXT}),
    },
)
REFERRAL = obj(
    {"source_url": TEXT, "source_id": TEXT, "source_type": one_of("ad", "post")},
    {
        **dict.fromkeys(
            ("headline", "body", "media_type", "image_url", "video_url", "thumbnail_url", "ctwa_clid"), TEXT
        ),
        "welcome_message": obj({"text": TEXT}),
    },
)
FILE: Schema = {"id": ID, "mime_type": TEXT, "sha256": TEXT}
FILE_MORE: Schema = {"caption": ANY_TEXT, "url": TEXT}
PHONES = many(obj({}, {"phone": TEXT, "wa_id": PHONE, "type": TEXT}))
CARD = obj(
    {},
    {
        "name": obj(
            {},
            dict.fromkeys(("formatted_name", "first_name", "last_name", "middle_name", "prefix", "suffix"), ANY_TEXT),
        ),
        "phones": PHONES,
        "emails": many(obj({}, {"email": TEXT, "type": TEXT})),
        "urls": many(obj({}, {"url": TEXT, "type": TEXT})),
        "addresses": many(
            obj({}, dict.fromkeys(("street", "city", "state", "zip", "country", "country_code", "type"), ANY_TEXT))
        ),
        "org": obj({}, dict.fromkeys(("company", "department", "title"), ANY_TEXT)),
        "birthday": TEXT,
        "vcard": TEXT,
        "origin": one_of("contact_request", "other"),
    },
)
ANSWER = {
    "button_reply": obj({"id": TEXT, "title": TEXT}),
    "list_reply": obj({"id": TEXT, "title": TEXT}, {"description": ANY_TEXT}),
    "nfm_reply": obj({"response_json": TEXT}, {"body": TEXT, "name": one_of("flow", "address_message")}),
    "call_permission_reply": obj({"response": TEXT}, {"expiration_timestamp": WHOLE, "response_source": TEXT}),
}
ITEM = obj({"product_retailer_id": TEXT, "quantity": WHOLE, "item_price": NUMBER, "currency": TEXT})
SYSTEM = obj(
    {
        "type": one_of(
            "user_changed_number", "user_changed_user_id", "customer_identity_changed", "customer_changed_number"
        )
    },
    {"body": TEXT, "wa_id": PHONE, "user_id": BSUID, "parent_user_id": PARENT},
)

# What each kind of inbound message carries under its own name, and beside it.
KINDS: dict[str, tuple[Schema, Schema]] = {
    "text": ({"text": obj({"body": ANY_TEXT})}, {}),
    "image": ({"image": obj(FILE, FILE_MORE)}, {}),
    "video": ({"video": obj(FILE, FILE_MORE)}, {}),
    "audio": ({"audio": obj({**FILE, "voice": YES_NO}, {"url": TEXT})}, {}),
    "document": ({"document": obj(FILE, {**FILE_MORE, "filename": TEXT})}, {}),
    "sticker": ({"sticker": obj({**FILE, "animated": YES_NO}, {"url": TEXT})}, {}),
    "location": (
        {"location": obj({"latitude": NUMBER, "longitude": NUMBER}, dict.fromkeys(("name", "address", "url"), TEXT))},
        {},
    ),
    "contacts": ({"contacts": many(CARD, minItems=1)}, {"origin": one_of("contact_request", "other")}),
    "reaction": ({"reaction": obj({"message_id": WAMID}, {"emoji": ANY_TEXT})}, {}),
    "button": ({"button": obj({"payload": TEXT, "text": TEXT})}, {}),
    "interactive": ({"interactive": obj({"type": one_of(*ANSWER)}, ANSWER)}, {}),
    "order": ({"order": obj({"catalog_id": TEXT, "product_items": many(ITEM)}, {"text": ANY_TEXT})}, {}),
    "system": (
        {"system": SYSTEM},
        {"identity": obj({"acknowledged": YES_NO, "created_timestamp": WHOLE, "hash": TEXT})},
    ),
    "unsupported": ({"errors": ERRORS}, {"unsupported": obj({"type": TEXT})}),
    "request_welcome": ({}, {}),
    "edit": ({"edit": obj({"original_message_id": WAMID, "message": {"type": "object"}})}, {}),
    "revoke": ({"revoke": obj({"original_message_id": WAMID})}, {}),
}
SENDER: Schema = {"from": EMPTY_OR_PHONE, "from_user_id": BSUID, "from_parent_user_id": PARENT}


def message(named: Schema, required: Schema | None = None) -> Schema:
    """A message of any kind, with `named` saying who wrote it; each kind has its own keys and no other's."""
    kinds = []
    for kind, (own, beside) in KINDS.items():
        keys = {"id": WAMID, "timestamp": SECONDS, "type": {"const": kind}, **(required or {}), **own}
        more = {**named, "context": CONTEXT, "referral": REFERRAL, "group_id": TEXT, "errors": ERRORS, **beside}
        kinds.append(
            {
                "if": {"properties": {"type": {"const": kind}}},
                "then": obj(keys, {k: v for k, v in more.items() if k not in keys}),
            }
        )
    return {"type": "object", "required": ["type"], "properties": {"type": one_of(*KINDS)}, "allOf": kinds}


INBOUND: Schema = {**message(SENDER), "anyOf": [{"required": ["from"]}, {"required": ["from_user_id"]}]}
STATUS = obj(
    {"id": WAMID, "status": one_of("sent", "delivered", "read", "played", "failed"), "timestamp": SECONDS},
    {
        "recipient_id": EMPTY_OR_PHONE,
        "recipient_user_id": BSUID,
        "recipient_parent_user_id": PARENT,
        "recipient_identity_key_hash": TEXT,
        "biz_opaque_callback_data": {"type": "string", "maxLength": 512},
        "conversation": obj({"id": TEXT}, {"expiration_timestamp": SECONDS, "origin": obj({"type": TEXT})}),
        "pricing": obj(
            {"pricing_model": one_of("PMP"), "category": TEXT},
            {"billable": YES_NO, "type": one_of("regular", "free_customer_service", "free_entry_point")},
        ),
        "errors": ERRORS,
    },
    anyOf=[{"required": ["recipient_id"]}, {"required": ["recipient_user_id"]}],
    allOf=[
        {
            "if": {"properties": {"status": {"const": "failed"}}},
            "then": {"required": ["errors"]},
            "else": {"not": {"required": ["errors"]}},
        }
    ],
)
PREFERENCE = obj(
    {"category": one_of("marketing_messages"), "value": one_of("stop", "resume", "signup"), "timestamp": WHOLE},
    {"wa_id": PHONE, "user_id": BSUID, "parent_user_id": PARENT, "detail": TEXT, "signup_id": TEXT},
)
CHANGED_ID = obj(
    {"user_id": obj({"previous": BSUID, "current": BSUID}), "timestamp": SECONDS},
    {"wa_id": PHONE, "detail": TEXT, "parent_user_id": obj({"previous": PARENT, "current": PARENT})},
)
CLICK = obj(
    {"action_type": TEXT, "timestamp": SECONDS},
    {
        "marketing_messages_link_click_data": obj(
            {}, dict.fromkeys(("click_component", "click_id", "tracking_token"), TEXT)
        )
    },
)
PAST = obj({"status": one_of("DELIVERED", "ERROR", "PENDING", "PLAYED", "READ", "SENT")})
THREAD = obj(
    {"id": TEXT, "messages": many(message({**SENDER, "to": PHONE, "to_user_id": BSUID}, {"history_context": PAST}))},
    {"context": {"type": "object"}},
)
CHUNK = obj(
    {"metadata": obj({"phase": WHOLE, "chunk_order": WHOLE, "progress": WHOLE})},
    {"threads": many(THREAD), "errors": ERRORS},
)
ECHO = message({"from": PHONE, "to": PHONE, "to_user_id": BSUID})


def of_a_number(named: Schema, more: Schema | None = None) -> Schema:
    metadata = obj({"display_phone_number": PHONE, "phone_number_id": ID})
    return obj({"messaging_product": {"const": "whatsapp"}, "metadata": metadata, **named}, more)


CONTACTS = many(CONTACT, minItems=1)
TEMPLATE: Schema = {
    "message_template_id": WHOLE,
    "message_template_name": TEXT,
    "message_template_language": TEXT,
}
FIELDS: dict[str, Schema] = {
    "messages": {
        **of_a_number(
            {},
            {
                "contacts": CONTACTS,
                "messages": many(INBOUND, minItems=1),
                "statuses": many(STATUS, minItems=1),
                "errors": ERRORS,
                "user_actions": many(CLICK, minItems=1),
            },
        ),
        "anyOf": [{"required": [name]} for name in ("messages", "statuses", "errors", "user_actions")],
    },
    "history": of_a_number({"history": many(CHUNK, minItems=1)}, {"contacts": CONTACTS}),
    "smb_message_echoes": of_a_number({"message_echoes": many(ECHO, minItems=1)}, {"contacts": CONTACTS}),
    "user_preferences": of_a_number({"user_preferences": many(PREFERENCE, minItems=1)}, {"contacts": CONTACTS}),
    "user_id_update": of_a_number({"user_id_update": many(CHANGED_ID, minItems=1)}, {"contacts": CONTACTS}),
    "message_template_status_update": obj(
        {"event": TEXT, **TEMPLATE},
        {
            "message_template_category": TEXT,
            "reason": {"type": ["string", "null"]},
            "disable_info": obj({"disable_date": TEXT}),
            "other_info": obj({"title": TEXT, "description": TEXT}),
            "rejection_info": obj({"reason": TEXT, "recommendation": TEXT}),
        },
    ),
    "message_template_quality_update": obj({"previous_quality_score": TEXT, "new_quality_score": TEXT, **TEMPLATE}),
}
CHANGE: Schema = {
    "type": "object",
    "required": ["field", "value"],
    "properties": {"field": one_of(*FIELDS)},
    "allOf": [
        {
            "if": {"properties": {"field": {"const": field}}},
            "then": obj({"field": {"const": field}, "value": value}),
        }
        for field, value in FIELDS.items()
    ],
}
BODY = obj(
    {
        "object": {"const": "whatsapp_business_account"},
        "entry": many(obj({"id": ID, "changes": many(CHANGE, minItems=1)}, {"time": WHOLE}), minItems=1),
    }
)
