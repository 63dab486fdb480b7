"""Where Meta's file (Graph v23.0, November 2025) and the live API differ: each line with its reason and its source."""

from __future__ import annotations

from .answer_deviations import ANSWER_DEVIATIONS
from .number_deviations import NUMBER_DEVIATIONS
from .patch import TEXT, Deviation, added, change
from .template_deviations import TEMPLATE_DEVIATIONS

BSUID = "Meta's page on business-scoped user ids, February to July 2026"
ERRORS = "Meta's error code page, December 2025"
SENDING = "Meta's page on sending messages, December 2025"
READING = "Meta's page on marking messages as read, December 2025"
OVERRIDES = "Meta's page on webhook overrides, December 2025"

SEND = (
    change(
        "sendMessage",
        "BaseMessageProperties",
        "required",
        what="replace",
        to=["messaging_product", "type"],
        why="A person known by user id is named by `recipient`, without `to`; recipient_type has a default.",
        source=BSUID,
    ),
    change(
        "sendMessage",
        "BaseMessageProperties",
        "oneOf",
        what="add",
        to=[{"required": ["to"]}, {"required": ["recipient"]}],
        why="One of the two names the person. Both may be given, and then the number wins: we never give both.",
        source=BSUID,
    ),
    added(
        "sendMessage",
        "BaseMessageProperties",
        "recipient",
        {"type": "string", "pattern": "^[A-Z]{2}\\.(ENT\\.)?[A-Za-z0-9]{1,128}$"},
        "A business-scoped user id, or that of a parent business.",
        BSUID,
    ),
    change(
        "sendMessage",
        "BaseMessageProperties",
        "properties",
        "to",
        what="replace",
        to={"type": "string", "pattern": "^\\+[1-9][0-9]{4,14}$"},
        why="Without the plus sign Meta may put the business number's own country code in front.",
        source=SENDING,
    ),
    added(
        "sendMessage",
        "BaseMessageProperties",
        "biz_opaque_callback_data",
        {"type": "string", "maxLength": 512},
        "The file has it for calls only; messages take it too, and receipts bring it back.",
        SENDING,
    ),
    change(
        "sendMessage",
        "LanguageObject",
        "required",
        what="replace",
        to=["code"],
        why="`policy` has one value and is left out of Meta's own examples.",
        source=SENDING,
    ),
    change(
        "sendMessage",
        "TemplateComponent",
        "properties",
        "parameters",
        "items",
        what="add",
        to={
            "type": "object",
            "required": ["type"],
            "properties": {
                "type": {
                    "enum": ["text", "currency", "date_time", "image", "video", "document", "payload", "coupon_code"]
                },
                "parameter_name": TEXT,
                "text": TEXT,
                "payload": TEXT,
                "coupon_code": TEXT,
                "currency": {"$ref": "#/components/schemas/CurrencyObject"},
                "date_time": {"$ref": "#/components/schemas/DateTimeObject"},
                **{key: {"$ref": "#/components/schemas/MediaObject"} for key in ("image", "video", "document")},
            },
        },
        why="The file leaves them open, so that a misspelt key would pass; and it knows no named parameters.",
        source=SENDING,
    ),
    Deviation(
        "sendMessage",
        (
            "paths",
            "/{Version}/{Phone-Number-ID}/messages",
            "post",
            "requestBody",
            "content",
            "application/json",
            "schema",
        ),
        "replace",
        {
            "anyOf": [
                {"$ref": "#/components/schemas/Message"},
                {
                    "type": "object",
                    "required": ["messaging_product", "status", "message_id"],
                    "properties": {
                        "messaging_product": {"const": "whatsapp"},
                        "status": {"const": "read"},
                        "message_id": TEXT,
                        "typing_indicator": {
                            "type": "object",
                            "required": ["type"],
                            "properties": {"type": {"const": "text"}},
                        },
                    },
                },
            ]
        },
        "Marking as read is posted to the same address: the file shows it as an example but not in the schema.",
        READING,
    ),
)

ANSWERS = (
    added(
        "sendMessage",
        "MessageResponsePayload",
        "success",
        {"type": "boolean"},
        "The answer to marking a message as read.",
        READING,
    ),
    change(
        "sendMessage",
        "MessageResponsePayload",
        "properties",
        "contacts",
        "items",
        "properties",
        "user_id",
        what="add",
        to=TEXT,
        why="Present when the message was addressed to a user id.",
        source=BSUID,
    ),
    change(
        "every error",
        "GraphAPIError",
        "properties",
        "error",
        "properties",
        "error_data",
        what="add",
        to={
            "anyOf": [
                TEXT,
                {
                    "type": "object",
                    "required": ["details"],
                    "properties": {"messaging_product": {"const": "whatsapp"}, "details": TEXT},
                },
            ]
        },
        why="Where Meta says what is wrong; the file leaves it out, and some endpoints give a plain string.",
        source=ERRORS,
    ),
)

SUBSCRIPTIONS = (
    added(
        "getAllSubscriptionsForAWaba",
        "SubscribedApp",
        "whatsapp_business_api_data",
        {"type": "object", "required": ["id"], "properties": {"id": TEXT, "name": TEXT, "link": TEXT}},
        "The file's own example has it; its schema has not.",
        OVERRIDES,
    ),
    added(
        "getAllSubscriptionsForAWaba",
        "SubscribedApp",
        "override_callback_uri",
        TEXT,
        "Present where this business account has a callback of its own.",
        OVERRIDES,
    ),
)

DEVIATIONS: tuple[Deviation, ...] = (
    *SEND,
    *ANSWERS,
    *SUBSCRIPTIONS,
    *NUMBER_DEVIATIONS,
    *ANSWER_DEVIATIONS,
    *TEMPLATE_DEVIATIONS,
)
