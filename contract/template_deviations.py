"""Where Meta's file and the live API differ about asking for templates and making them.

The file's shapes are those of single examples: one button, one component, no limit and no cursor.
"""

from __future__ import annotations

from typing import Any

from .patch import TEXT, Deviation

TEMPLATES = "Meta's page on managing templates, December 2025"
COMPONENTS = "Meta's page on template components, December 2025"
PYWA = "pywa 4.x, a public client library kept against the live API, August 2026"
ALL = ("paths", "/{Version}/{WABA-ID}/message_templates")
ONE = ("paths", "/{Version}/{TEMPLATE_ID}")
ANSWER = ("responses", "200", "content", "application/json", "schema", "properties")
REQUEST = ("requestBody", "content", "application/json", "schema", "properties")

TEXTS = {"type": "array", "items": TEXT}
NAMED = {"type": "array", "items": {"type": "object", "properties": {"param_name": TEXT, "example": TEXT}}}
BUTTON = {
    "type": "object",
    "properties": {
        "type": {"enum": ["QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE"]},
        **dict.fromkeys(("text", "url", "phone_number"), TEXT),
        "example": {"anyOf": [TEXT, TEXTS]},
    },
}
COMPONENT = {
    "type": "object",
    "properties": {
        "type": {"enum": ["HEADER", "BODY", "FOOTER", "BUTTONS"]},
        "format": {"enum": ["TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION"]},
        "text": TEXT,
        "buttons": {"type": "array", "items": BUTTON},
        "example": {
            "type": "object",
            "properties": {
                "header_text": TEXTS,
                "body_text": {"type": "array", "items": TEXTS},
                "header_text_named_params": NAMED,
                "body_text_named_params": NAMED,
            },
        },
    },
}
FORMAT = {"enum": ["POSITIONAL", "NAMED"]}


def asked(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


HEADERS = [{"$ref": "#/components/parameters/UserAgent"}, {"$ref": "#/components/parameters/Authorization"}]
FIELDS = asked("fields", TEXT)
LISTING = [asked("limit", {"type": "integer", "minimum": 1}), asked("after", TEXT)]
FILTERS = [asked(name, TEXT) for name in ("name", "status", "category", "language")]
PAGES = "Lists come in pages, which the file shows in its answer and not in its question."
MORE_FACTS: tuple[tuple[str, Any], ...] = (
    ("quality_score", {"type": "object", "properties": {"score": TEXT}}),
    ("rejected_reason", TEXT),
    ("previous_category", TEXT),
    ("correct_category", TEXT),
)

TEMPLATE_DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        "getTemplates", (*ALL, "get", "parameters"), "replace", [*HEADERS, FIELDS, *LISTING, *FILTERS], PAGES, TEMPLATES
    ),
    Deviation(
        "getTemplates",
        (*ALL, "get", *ANSWER, "paging", "properties", "next"),
        "add",
        TEXT,
        "Present while there are more: that it is missing is the end of the list.",
        TEMPLATES,
    ),
    *(
        Deviation(
            "getTemplates", (*ALL, "get", *ANSWER, "data", "items", "properties", name), "add", to, "A field.", PYWA
        )
        for name, to in MORE_FACTS
    ),
    Deviation(
        "getTemplateByIdDefaultFields", (*ONE, "get", "parameters"), "add", [FIELDS], "Asked for by name.", TEMPLATES
    ),
    *(
        Deviation("getTemplateByIdDefaultFields", (*ONE, "get", *ANSWER, name), "add", TEXT, "Asked for by name.", PYWA)
        for name in ("previous_category", "correct_category")
    ),
    Deviation(
        "createTemplate",
        (*ALL, "post", *REQUEST, "components", "items"),
        "replace",
        COMPONENT,
        "The file has a flow's one button; this is what we make.",
        COMPONENTS,
    ),
    Deviation(
        "createTemplate",
        (*ALL, "post", *REQUEST, "parameter_format"),
        "add",
        FORMAT,
        "How variables are named.",
        TEMPLATES,
    ),
    Deviation(
        "editTemplate",
        (*ONE, "post", *REQUEST, "components", "items"),
        "replace",
        COMPONENT,
        "As when it is made.",
        COMPONENTS,
    ),
)
