"""Where Meta's file and the live API differ about what is answered, besides the answers about a number."""

from __future__ import annotations

from .patch import TEXT, Deviation, added, change

PYWA = "pywa 4.x, a public client library kept against the live API, August 2026"
BLOCKING = "Meta's page on blocking users, December 2025, and on business-scoped user ids, February 2026"
TEMPLATES = "Meta's page on managing templates, December 2025"
TEMPLATE = ("paths", "/{Version}/{TEMPLATE_ID}", "get")
ALL_TEMPLATES = ("paths", "/{Version}/{WABA-ID}/message_templates", "get")
ANSWER = ("responses", "200", "content", "application/json", "schema", "properties")
FORMAT = {"enum": ["POSITIONAL", "NAMED"]}
FORMAT_WHY = "How variables are named; the field is asked for by this name and answered."

ANSWER_DEVIATIONS: tuple[Deviation, ...] = (
    change(
        "getWhatsAppBusinessProfile",
        "WhatsAppBusinessProfileResponse",
        "properties",
        "data",
        "items",
        what="replace",
        to={"$ref": "#/components/schemas/WhatsAppBusinessProfile"},
        why="The live API has the profile itself in data[0]; the file has it one level deeper.",
        source=PYWA,
    ),
    added(
        "blockUsers",
        "BlockedUserOperation",
        "user_id",
        TEXT,
        "Everyone has a business-scoped user id, and it is told beside the number.",
        BLOCKING,
    ),
    Deviation("getTemplate", (*TEMPLATE, *ANSWER, "parameter_format"), "add", FORMAT, FORMAT_WHY, TEMPLATES),
    Deviation(
        "getTemplates",
        (*ALL_TEMPLATES, *ANSWER, "data", "items", "properties", "parameter_format"),
        "add",
        FORMAT,
        FORMAT_WHY,
        TEMPLATES,
    ),
)
