"""Where Meta's file and the live API differ about a business phone number."""

from __future__ import annotations

from typing import Any

from .patch import TEXT, Deviation, added, change

NUMBERS = "Meta's page on business phone numbers, December 2025"
OVERRIDES = "Meta's page on webhook overrides, December 2025"
PYWA = "pywa 4.x, a public client library kept against the live API, August 2026"

ONE = "getPhoneNumberById"
INFO = "PhoneNumberInfo"
HEALTH = {
    "type": "object",
    "required": ["can_send_message", "entities"],
    "properties": {
        "can_send_message": {"enum": ["AVAILABLE", "LIMITED", "BLOCKED"]},
        "entities": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["entity_type", "id", "can_send_message"],
                "properties": {
                    "entity_type": {"enum": ["PHONE_NUMBER", "MESSAGE_TEMPLATE", "WABA", "BUSINESS", "APP"]},
                    "id": TEXT,
                    "can_send_message": {"enum": ["AVAILABLE", "LIMITED", "BLOCKED"]},
                    "additional_info": {"type": "array", "items": TEXT},
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "error_code": {"type": "integer"},
                                "error_description": TEXT,
                                "possible_solution": TEXT,
                            },
                        },
                    },
                },
            },
        },
    },
}
LIMIT = {"enum": ["TIER_250", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED"]}
THROUGHPUT = {"type": "object", "properties": {"level": {"enum": ["STANDARD", "HIGH", "NOT_APPLICABLE"]}}}
PLATFORM = {"enum": ["CLOUD_API", "ON_PREMISE", "NOT_APPLICABLE"]}
COUNTRY = ("country_code", "country_dial_code")
FLAGS = ("is_on_biz_app", "is_pin_enabled", "is_preverified_number")
CALLBACKS = {
    "type": "object",
    "properties": {"phone_number": TEXT, "whatsapp_business_account": TEXT, "application": TEXT},
}
NAME_STATUS = {"enum": ["APPROVED", "AVAILABLE_WITHOUT_REVIEW", "DECLINED", "EXPIRED", "PENDING_REVIEW", "NONE"]}

OF_A_NUMBER: tuple[tuple[str, Any, str, str], ...] = (
    ("throughput", THROUGHPUT, "How much the number may send.", NUMBERS),
    (
        "whatsapp_business_manager_messaging_limit",
        LIMIT,
        "The limit of the whole portfolio; messaging_limit_tier is deprecated, and the steps of 50 and 1,000 are gone.",
        "Meta's page on messaging limits, December 2025",
    ),
    ("platform_type", PLATFORM, "The live name of what the file calls host_platform.", PYWA),
    ("health_status", HEALTH, "Asked for as a field of the number.", "Meta's page on health status, December 2025"),
    ("webhook_configuration", CALLBACKS, "Which callback holds for the number.", OVERRIDES),
    ("quality_score", {"type": "object", "properties": {"score": TEXT}}, "A field beside quality_rating.", PYWA),
    ("new_name_status", NAME_STATUS, "Of a display name that waits for review.", PYWA),
    ("search_visibility", TEXT, "A field.", PYWA),
    *((name, {"type": "boolean"}, "A field.", PYWA) for name in FLAGS),
)
ONE_NUMBER = (
    *(added(ONE, INFO, *fact) for fact in OF_A_NUMBER),
    added(ONE, INFO, "status", TEXT, "Must be CONNECTED; no list of the others holds.", NUMBERS),
    added(
        ONE,
        INFO,
        "account_mode",
        {"enum": ["LIVE", "SANDBOX"]},
        "SANDBOX: a test number.",
        PYWA,
    ),
    added(ONE, INFO, "is_official_business_account", {"type": "boolean"}, "A field.", NUMBERS),
    added(ONE, INFO, "host_platform", PLATFORM, "The file has it in the list of all numbers only.", PYWA),
    *(added(ONE, INFO, name, TEXT, "The file has it in the list of all numbers only.", PYWA) for name in COUNTRY),
    change(
        ONE,
        INFO,
        "properties",
        "code_verification_status",
        "enum",
        what="replace",
        to=["VERIFIED", "NOT_VERIFIED", "UNVERIFIED", "EXPIRED"],
        why="The live API says NOT_VERIFIED, and a code can expire.",
        source=PYWA,
    ),
    change(
        ONE,
        INFO,
        "properties",
        "quality_rating",
        "enum",
        what="replace",
        to=["GREEN", "YELLOW", "RED", "NA", "UNKNOWN"],
        why="A number that has sent little has none yet; the file's own list of numbers says UNKNOWN.",
        source=PYWA,
    ),
)
ALL = "getWhatsAppBusinessAccountPhoneNumbers"
NUMBER = "WhatsAppBusinessAccountPhoneNumber"
ALL_NUMBERS = (
    *(added(ALL, NUMBER, *fact) for fact in OF_A_NUMBER),
    added(
        ALL,
        NUMBER,
        "name_status",
        NAME_STATUS,
        "As on the number itself.",
        NUMBERS,
    ),
    change(
        ALL,
        "WhatsAppPhoneNumberStatus",
        "enum",
        what="remove",
        why="The live API says CONNECTED where the file says LINKED; no list of the others holds.",
        source=NUMBERS,
    ),
    change(
        ALL,
        "WhatsAppPhoneNumberQualityRating",
        "enum",
        what="replace",
        to=["GREEN", "YELLOW", "RED", "NA", "UNKNOWN"],
        why="The file's own example says UNKNOWN.",
        source=PYWA,
    ),
    change(
        ALL,
        "WhatsAppCodeVerificationStatus",
        "enum",
        what="replace",
        to=["VERIFIED", "NOT_VERIFIED", "UNVERIFIED", "EXPIRED"],
        why="The file's own example says NOT_VERIFIED.",
        source=PYWA,
    ),
)


NUMBER_DEVIATIONS: tuple[Deviation, ...] = (*ONE_NUMBER, *ALL_NUMBERS)
