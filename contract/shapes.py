"""Endpoints that Meta's file lacks, as JSON Schemas: Meta's page on permissions, December 2025, for debug_token."""

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

DEBUG_TOKEN_QUERY = obj({"input_token": TEXT})
DEBUG_TOKEN_ANSWER = obj(
    {
        "data": obj(
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
    }
)
