"""Operations that Meta's file lacks, in the file's own form, and the words that shapes are made of.

debug_token and access_token are from Meta's pages on permissions and access tokens, subscriptions from its page on
webhook overrides, unpause from its page on template pausing, all of December 2025.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def obj(required: Schema, optional: Schema | None = None, **more: Any) -> Schema:
    """An object with these keys and no others."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
        "additionalProperties": False,
        **more,
    }


def many(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def one_of(*values: str) -> Schema:
    return {"enum": list(values)}


TEXT: Schema = {"type": "string", "minLength": 1}
ANY_TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
YES_NO: Schema = {"type": "boolean"}
ID: Schema = {"type": "string", "pattern": "^[0-9]{1,20}$"}


def operation(name: str, query: Schema, answer: Schema, body: Schema | None = None) -> Schema:
    """An operation as the file would write it."""
    listed = [
        {
            "name": "Version",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": "^v[0-9]+\\.[0-9]+$"},
        },
        {"$ref": "#/components/parameters/Authorization"},
        {"$ref": "#/components/parameters/UserAgent"},
        *({"name": key, "in": "query", "required": True, "schema": schema} for key, schema in query.items()),
    ]
    content = {"requestBody": {"content": {"application/json": {"schema": body}}}} if body else {}
    return {
        "operationId": name,
        "parameters": listed,
        **content,
        "responses": {"200": {"content": {"application/json": {"schema": answer}}}},
    }


TOKEN_DATA = obj(
    {"is_valid": YES_NO},
    {
        "app_id": ID,
        "application": TEXT,
        "type": one_of("SYSTEM_USER", "USER", "APP", "PAGE"),
        "issued_at": WHOLE,
        "expires_at": WHOLE,
        "data_access_expires_at": WHOLE,
        "scopes": many(TEXT),
        "granular_scopes": many(obj({"scope": TEXT}, {"target_ids": many(ID)})),
        "user_id": ID,
        "error": obj({"code": WHOLE, "message": TEXT}, {"subcode": WHOLE}),
    },
)
DONE = obj({"success": YES_NO})
SUBSCRIPTION = obj(
    {
        "object": one_of("whatsapp_business_account"),
        "callback_url": TEXT,
        "active": YES_NO,
        "fields": many(obj({"name": TEXT, "version": TEXT})),
    }
)
# The webhook fields of a business account, from Meta's pages on webhooks.
FIELDS = (
    "account_alerts|account_review_update|account_update|business_capability_update|history|"
    "message_template_components_update|message_template_quality_update|message_template_status_update|messages|"
    "phone_number_name_update|phone_number_quality_update|security|smb_app_state_sync|smb_message_echoes|"
    "template_category_update|user_id_update|user_preferences"
)
CALLBACK = obj(
    {
        "object": one_of("whatsapp_business_account"),
        "callback_url": {"type": "string", "pattern": "^https?://"},
        "verify_token": TEXT,
        "fields": {"type": "string", "pattern": f"^({FIELDS})(,({FIELDS}))*$"},
    }
)
APP = {"client_id": ID, "client_secret": TEXT, "grant_type": one_of("client_credentials")}
APP_TOKEN = obj({"access_token": TEXT, "token_type": one_of("bearer")})
PATHS: dict[str, Schema] = {
    "/{Version}/debug_token": {"get": operation("debugToken", {"input_token": TEXT}, obj({"data": TOKEN_DATA}))},
    "/{Version}/oauth/access_token": {
        "get": operation("getAppToken", APP, APP_TOKEN),
        "post": operation("makeAppToken", {}, APP_TOKEN),
    },
    "/{Version}/{Application-ID}/subscriptions": {
        "get": operation("getSubscriptions", {}, obj({"data": many(SUBSCRIPTION)})),
        "post": operation("setSubscription", {}, DONE, CALLBACK),
        "delete": operation("removeSubscription", {}, DONE),
    },
    "/{Version}/{TEMPLATE_ID}/unpause": {"post": operation("unpauseTemplate", {}, DONE)},
}
