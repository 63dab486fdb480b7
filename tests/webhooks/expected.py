"""What stands in each body of tests/payloads: its items in order, each with the fields that matter in that case."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from webhooks.items import (
    ErrorDetail,
    IdentityChange,
    Item,
    MediaReference,
    Message,
    Notice,
    Person,
    Preference,
    Status,
    TemplateNews,
)

Expected = tuple[type[Item], dict[str, Any]]

AYLA = Person("15550100123", "US.90000000000000000123")
BORA = Person("15550100124", "US.90000000000000000124")
DENIZ = Person("", "TR.9f00000000000000a130")
QUOTED = "wamid.HBgLMTU1NTAxMDAxMjMVAgARGBI4RTc0QUJFMTYxQUExMjFGQjgA"
SHA256 = "aW52ZW50ZWQtaGFzaC1vbmx5LWZvci1leGFtcGxlPT0="
SPEAKERS = {AYLA: "Ayla Demir", BORA: "Bora K.", DENIZ: "Deniz"}


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def says(wamid: str, seconds: int, kind: str, text: str = "", person: Person = AYLA, **fields: Any) -> Expected:
    known = {
        "wamid": f"wamid.{wamid}",
        "kind": kind,
        "text": text,
        "person": person,
        "provider_at": at(seconds),
        "name": SPEAKERS.get(person, ""),
        "username": "deniz.example" if person == DENIZ else "",
        "is_outgoing": False,
        "source": "live",
        "field": "messages",
        "media": None,
        "details": {},
        "errors": (),
        "group_id": "",
        "context_wamid": "",
        "is_forwarded": False,
        "history_status": "",
    }
    return Message, known | fields


def status(wamid: str, word: str, seconds: int, recipient: Person = AYLA, **fields: Any) -> Expected:
    return Status, {"wamid": wamid, "status": word, "provider_at": at(seconds), "recipient": recipient} | fields


def notice(kind: str, field: str = "messages", **fields: Any) -> Expected:
    return Notice, {"kind": kind, "field": field, "problem": ""} | fields


def template(kind: str, field: str, seconds: int, **facts: Any) -> Expected:
    return TemplateNews, {
        "kind": kind,
        "field": field,
        "waba_id": "200000000000002",
        "template_id": "400000000000004",
        "name": "cart_reminder_v2",
        "language": "tr",
        "provider_at": at(seconds),
        "facts": facts,
    }


def media(number: int, mime_type: str, **fields: Any) -> MediaReference:
    media_id = f"30000000000000{number}"
    return MediaReference(media_id, mime_type, SHA256, **fields)


REFERRAL = {
    "source_url": "https://fb.me/xEXAMPLE",
    "source_id": "120000000000000001",
    "source_type": "ad",
    "headline": "Autumn sale",
    "body": "Everything blue",
    "media_type": "image",
    "image_url": "https://example.com/ad.jpg",
    "ctwa_clid": "ARexampleclickid",
}
AD_CLICK = says("ADCLICK", 1795300000, "text", "Hi, is the blue one in stock?", details={"referral": REFERRAL})
PARENT = "US.ENT.70000000000000000123"
OPTED_OUT = ErrorDetail(
    131050,
    "Recipient stopped marketing (example title)",
    "Recipient stopped marketing (example title)",
    "Example details text",
)

TEXTS: dict[str, list[Expected]] = {
    "text": [says("TEXT", 1795300000, "text", "Hi, is the blue one in stock?")],
    "ad_click": [AD_CLICK],
    "reply": [says("REPLY", 1795300001, "text", "Yes please", context_wamid=QUOTED)],
    "forwarded": [says("FORWARDED", 1795300002, "text", "Look at this", is_forwarded=True)],
    "product_enquiry": [
        says(
            "ENQUIRY",
            1795300003,
            "text",
            "Is this one left?",
            context_wamid="wamid.CATALOGUE",
            details={
                "referred_product": {"catalog_id": "500000000000005", "product_retailer_id": "SKU-7"},
            },
        )
    ],
    "stop_word": [says("STOP", 1795300004, "text", "STOP")],
    "two_entries": [AD_CLICK, says("SECOND", 1795300001, "text", "Yes please", BORA, context_wamid=QUOTED)],
    "group_message": [says("GROUP", 1795300370, "text", "Hello all", group_id="120363000000000001@g.us")],
    "bsuid_only": [says("BSUIDONLY", 1795300520, "text", "Hello, I found you by username", DENIZ)],
    "phone_empty": [says("PHONEEMPTY", 1795300521, "text", "Hello", DENIZ)],
    "phone_null": [says("PHONENULL", 1795300522, "text", "Hello", DENIZ)],
    "bsuid_in_from": [says("BSUIDINFROM", 1795300523, "text", "Hello", DENIZ)],
    "bsuid_in_contacts_only": [says("CONTACTSONLY", 1795300524, "text", "Hello", AYLA)],
    "parent_bsuid": [
        says("PARENT", 1795300525, "text", "Hello", Person(AYLA.phone, AYLA.bsuid, PARENT), name="Ayla Demir")
    ],
    "two_numbers": [
        says("FIRSTNUMBER", 1795300730, "text", "To the first", phone_number_id="100000000000001"),
        says("SECONDNUMBER", 1795300731, "text", "To the second", phone_number_id="100000000000009"),
    ],
}

MEDIA: dict[str, list[Expected]] = {
    "image": [says("IMAGE", 1795300059, "image", "This one", media=media(1, "image/jpeg", caption="This one"))],
    "voice_note": [says("VOICE", 1795300060, "audio", media=media(3, "audio/ogg; codecs=opus", is_voice=True))],
    "video": [says("VIDEO", 1795300061, "video", "Unboxing", media=media(4, "video/mp4", caption="Unboxing"))],
    "document": [
        says(
            "DOCUMENT",
            1795300062,
            "document",
            "The invoice",
            media=media(5, "application/pdf", filename="invoice.pdf", caption="The invoice"),
        )
    ],
    "sticker": [says("STICKER", 1795300063, "sticker", media=media(6, "image/webp"))],
}

# The contents of these are kept as they are under the name of their kind, so the file itself says what to expect.
STRUCTURED: dict[str, list[Expected]] = {
    "location": [says("LOCATION", 1795300064, "location", "Kopi Kita", details=["location"])],
    "location_here": [says("HERE", 1795300065, "location", details=["location"])],
    "contact_cards": [says("CARDS", 1795300066, "contacts", details=["contacts"])],
    "contact_request_answered": [says("SHARED", 1795300067, "contacts", "", DENIZ, details=["contacts", "origin"])],
    "reaction": [says("REACTION", 1795300068, "reaction", "👍", details=["reaction"])],
    "reaction_removed": [says("UNREACTION", 1795300069, "reaction", details=["reaction"])],
    "button": [says("BUTTON", 1795300100, "button", "Yes", context_wamid=QUOTED, details=["button"])],
    "button_without_context": [says("BUTTONALONE", 1795300101, "button", "STOP", details=["button"])],
    "button_reply": [
        says("BUTTONREPLY", 1795300120, "interactive", "Confirm", context_wamid=QUOTED, details=["interactive"])
    ],
    "list_reply": [
        says("LISTREPLY", 1795300121, "interactive", "Arabica 250 g", context_wamid=QUOTED, details=["interactive"])
    ],
    "flow_reply": [says("FLOWREPLY", 1795300122, "interactive", "Sent", context_wamid=QUOTED, details=["interactive"])],
    "call_permission_reply": [
        says("CALLREPLY", 1795300123, "interactive", context_wamid=QUOTED, details=["interactive"])
    ],
    "interactive_without_contents": [
        says("EMPTYINTERACTIVE", 1795300124, "interactive", context_wamid=QUOTED),
        notice(
            "errors",
            errors=(
                ErrorDetail(131000, "Something went wrong", "Something went wrong", "The contents could not be read."),
            ),
        ),
    ],
    "order": [says("ORDER", 1795300130, "order", "For Friday please", details=["order"])],
    "request_welcome": [says("WELCOME", 1795300140, "request_welcome")],
    "edit": [says("EDIT", 1795300150, "edit", details=["edit"])],
    "revoke": [says("REVOKE", 1795300151, "revoke", details=["revoke"])],
    "unsupported": [
        says(
            "UNSUPPORTED",
            1795300360,
            "unsupported",
            "",
            BORA,
            details=["unsupported"],
            errors=(
                ErrorDetail(
                    131051,
                    "Message type unknown",
                    "Message type unknown",
                    "Message type is currently not supported.",
                ),
            ),
        )
    ],
    "unavailable": [
        says(
            "UNAVAILABLE",
            1795300361,
            "unsupported",
            "",
            BORA,
            errors=(
                ErrorDetail(
                    131060,
                    "This message is unavailable",
                    "This message is unavailable",
                    "This message is currently unavailable.",
                ),
            ),
        )
    ],
    "unknown_kind": [says("HOLOGRAM", 1795300362, "hologram", details=["hologram"])],
    "unknown_members": [
        says("NEWFIELDS", 1795300720, "text", "Hello"),
        notice("region", raw='{"region":"eu"}'),
        notice("presence", raw='{"presence":[{"state":"typing"}]}'),
    ],
    "identity_changed": [
        says(
            "IDENTITY",
            1795300584,
            "system",
            "User Bora K. may have changed phones",
            Person("15550100124"),
            details=["system", "identity"],
        )
    ],
}

CHANGES: dict[str, list[Expected]] = {
    "number_changed": [
        (
            IdentityChange,
            {
                "wamid": "wamid.NUMBERCHANGED",
                "kind": "user_changed_number",
                "previous": Person("15550100124"),
                "current": Person("15550100199", "US.90000000000000000199"),
                "text": "User Bora K. changed number",
                "provider_at": at(1795300580),
            },
        ),
        (
            IdentityChange,
            {
                "kind": "user_id_update",
                "previous": Person("", "US.90000000000000000124"),
                "current": Person("15550100199", "US.90000000000000000199"),
                "provider_at": at(1795300581),
            },
        ),
    ],
    "user_id_changed": [
        (
            IdentityChange,
            {
                "kind": "user_changed_user_id",
                "previous": DENIZ,
                "current": Person("", "TR.9f00000000000000a131"),
            },
        )
    ],
    "user_id_update_parents": [
        (
            IdentityChange,
            {
                "previous": Person("", "US.90000000000000000124", "US.ENT.70000000000000000124"),
                "current": Person("", "US.90000000000000000199", "US.ENT.70000000000000000199"),
            },
        )
    ],
    "marketing_stopped": [
        (
            Preference,
            {
                "person": BORA,
                "category": "marketing_messages",
                "value": "stop",
                "text": "User requested to stop marketing messages",
                "provider_at": at(1795300460),
            },
        )
    ],
    "marketing_resumed": [(Preference, {"person": DENIZ, "value": "resume", "provider_at": at(1795300461)})],
}

STATUSES: dict[str, list[Expected]] = {
    "sent": [status(QUOTED, "sent", 1795300200, name="Ayla Demir", callback_data="", errors=())],
    "delivered": [status(QUOTED, "delivered", 1795300202)],
    "with_callback_data": [
        status(QUOTED, "sent", 1795300200, callback_data="01JDEXAMPLEULID0000000000.1"),
        status(QUOTED, "delivered", 1795300202, callback_data="01JDEXAMPLEULID0000000000.1"),
    ],
    "read": [
        status("wamid.EXAMPLEOPAQUEBSUIDMESSAGEID0001", "read", 1795300260, DENIZ, username="deniz.example"),
    ],
    "played": [status(QUOTED, "played", 1795300270)],
    "failed": [
        status(
            "wamid.HBgLMTU1NTAxMDAxMjQVAgARGBJGNzI4QUY5MzUwMjkzMDU4MzkA",
            "failed",
            1795300300,
            Person("15550100124"),
            errors=(OPTED_OUT,),
        )
    ],
    "status_unknown": [status(QUOTED, "teleported", 1795300271, Person("15550100123"))],
    "status_parent_spellings": [
        status("wamid.SPELLING1", "sent", 1795300272, Person("", AYLA.bsuid, PARENT)),
        status("wamid.SPELLING2", "sent", 1795300273, Person("", BORA.bsuid, "US.ENT.70000000000000000124")),
    ],
    "status_group": [
        status(
            "wamid.GROUPSEND",
            "delivered",
            1795300274,
            Person(AYLA.phone, AYLA.bsuid, PARENT),
            participant="15550100123",
        )
    ],
}

# Coexistence: what the business wrote in its phone app, and what it had written and received before.
PHONE_APP: dict[str, list[Expected]] = {
    "echo": [
        says(
            "ECHO", 1795300700, "text", "Yes, it is in stock.",
            is_outgoing=True, source="echo", field="smb_message_echoes",
        )
    ],
    "echo_bsuid_only": [
        says(
            "ECHOBSUID", 1795300701, "image", "Here", DENIZ, is_outgoing=True, source="echo",
            field="smb_message_echoes", media=media(7, "image/jpeg", caption="Here"),
        )
    ],
    "echo_edit": [
        says(
            wamid, seconds, kind, "", Person("15550100123"),
            is_outgoing=True, source="echo", field="smb_message_echoes", details=[kind],
        )
        for wamid, seconds, kind in (("ECHOEDIT", 1795300702, "edit"), ("ECHOREVOKE", 1795300703, "revoke"))
    ],
    "history": [
        notice(
            "history", "history",
            raw='{"metadata":{"phase":0,"chunk_order":1,"progress":55},"threads":[{"id":"15550100123"},'
            '{"id":"15550100124","context":{"user_id":"US.90000000000000000124"}}]}',
        ),
        says(
            "PAST1", 1795100000, "text", "Are you open on Sunday?", Person("15550100123"),
            source="history", field="history", history_status="READ",
        ),
        says(
            "PAST2", 1795100060, "text", "From nine to five.", Person("15550100123"),
            source="history", field="history", history_status="DELIVERED", is_outgoing=True,
        ),
        says(
            "PAST3", 1795100120, "media_placeholder", "", BORA,
            name="", source="history", field="history", history_status="PLAYED",
        ),
    ],
    "history_bsuid_only": [
        notice("history", "history"),
        says(
            "PAST4", 1795100180, "text", "Thanks", DENIZ,
            name="", source="history", field="history", history_status="READ",
        ),
        says(
            "PAST5", 1795100240, "text", "You are welcome", DENIZ,
            name="", source="history", field="history", history_status="ERROR", is_outgoing=True,
        ),
    ],
    "history_declined": [
        notice(
            "history",
            "history",
            errors=(
                ErrorDetail(
                    2593109,
                    "History sync is turned off by the business from the WhatsApp Business App",
                    "History sync is turned off",
                    "History sharing is turned off by the business",
                ),
            ),
        )
    ],
    "state_sync": [notice("smb_app_state_sync", "smb_app_state_sync", phone_number_id="100000000000001")],
}  # fmt: skip

REJECTED = template(
    "status",
    "message_template_status_update",
    1795300400,
    status="REJECTED",
    reason="INVALID_FORMAT",
    details={
        "reason": "Two variables touch each other.",
        "recommendation": "Put words between the variables.",
    },
)
NOTICES: dict[str, list[Expected]] = {
    "link_click": [notice("marketing_messages_link_click")],
    "account_error": [
        notice(
            "errors",
            errors=(
                ErrorDetail(
                    130429,
                    "Rate limit hit",
                    "Rate limit hit",
                    "Message failed to send because there were too many messages sent.",
                ),
            ),
        )
    ],
    "template_rejected": [REJECTED],
    "template_rejected_info_beside": [REJECTED],
    "template_paused": [
        template(
            "status",
            "message_template_status_update",
            1795300403,
            status="PAUSED",
            reason="",
            details={
                "title": "FIRST_PAUSE",
                "description": "This template has been paused for 3 hours because of its quality.",
            },
        )
    ],
    "template_quality": [template("quality", "message_template_quality_update", 1795300401, quality="YELLOW")],
    "template_quality_misnamed": [template("quality", "message_template_status_update", 1795300406, quality="RED")],
    "template_category": [
        template(
            "category",
            "template_category_update",
            1795300402,
            category="UTILITY",
            previous="",
            correct="MARKETING",
            **{"from": at(1795400000).isoformat()},
        )
    ],
    "template_category_done": [
        template(
            "category",
            "template_category_update",
            1795300405,
            category="MARKETING",
            previous="UTILITY",
            correct="",
            **{"from": None},
        )
    ],
    "template_texts": [
        template(
            "texts",
            "message_template_components_update",
            1795300404,
            header="Your cart",
            body="Your cart is waiting, {{1}}. Come back soon!",
            footer="Reply STOP to opt out",
            buttons=[{"type": "URL", "text": "Open cart", "url": "https://example.com/cart", "phone_number": ""}],
        )
    ],
    "number_quality": [notice("THROUGHPUT_UPGRADE", "phone_number_quality_update")],
    "number_name": [notice("phone_number_name_update", "phone_number_name_update")],
    "account_update": [notice("PARTNER_REMOVED", "account_update", waba_id="600000000000006")],
    "account_alert": [notice("account_alerts", "account_alerts")],
    "capability": [notice("business_capability_update", "business_capability_update")],
    "pin_changed": [notice("PIN_CHANGED", "security")],
    "username_updates": [
        notice("business_username_update", "business_username_update"),
        notice("business_username_updates", "business_username_updates"),
    ],
    "unknown_field": [notice("THOUGHT_RECEIVED", "telepathy_update")],
}

BATCHES: dict[str, list[Expected]] = {
    "batch_mixed": [
        says("MIXED1", 1795300740, "text", "One", BORA),
        says("MIXED2", 1795300741, "image", media=media(8, "image/png")),
        says("MIXED3", 1795300742, "text", "Three", DENIZ),
        says("MIXED4", 1795300743, "text", "Four", BORA),
        status(QUOTED, "read", 1795300744, AYLA, path="entry[0].changes[0].value.statuses[0]"),
        status(
            "wamid.OTHER",
            "failed",
            1795300745,
            BORA,
            errors=(
                ErrorDetail(131026, "Message undeliverable"),
                ErrorDetail(131049, "Not delivered"),
            ),
        ),
        (TemplateNews, {"kind": "status", "template_id": "400000000000004", "name": "", "language": ""}),
        status(
            "wamid.SECONDNUMBERSTATUS",
            "delivered",
            1795300747,
            Person("15550100123"),
            phone_number_id="100000000000009",
            waba_id="200000000000009",
        ),
    ],
}

EXPECTED = TEXTS | MEDIA | STRUCTURED | CHANGES | STATUSES | PHONE_APP | NOTICES | BATCHES
