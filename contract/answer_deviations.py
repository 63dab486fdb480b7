"""Where Meta's file and the live API differ about what is answered, besides the answers about a number."""

from __future__ import annotations

from .number_deviations import HEALTH
from .patch import TEXT, Deviation, added, change

PYWA = "pywa 4.x, a public client library kept against the live API, August 2026"
BLOCKING = "Meta's page on blocking users, December 2025, and on business-scoped user ids, February 2026"
TEMPLATES = "Meta's page on managing templates, December 2025"
TEMPLATE = ("paths", "/{Version}/{TEMPLATE_ID}", "get")
ALL_TEMPLATES = ("paths", "/{Version}/{WABA-ID}/message_templates", "get")
ANSWER = ("responses", "200", "content", "application/json", "schema", "properties")
FORMAT = {"enum": ["POSITIONAL", "NAMED"]}
FORMAT_WHY = "How variables are named; the field is asked for by this name and answered."

ONE_TEMPLATE = (
    ("parameter_format", FORMAT, FORMAT_WHY, TEMPLATES),
    ("quality_score", {"type": "object", "properties": {"score": TEXT}}, "Asked for by name.", PYWA),
    ("rejected_reason", TEXT, "Asked for by name.", PYWA),
)
ACCOUNT = (
    ("status", TEXT, "Asked for by name.", PYWA),
    ("health_status", HEALTH, "Asked for by name.", "Meta's page on health status, December 2025"),
    ("message_template_namespace", TEXT, "Asked for by name.", PYWA),
    ("marketing_messages_onboarding_status", TEXT, "Newer than the file.", PYWA),
    ("disable_marketing_messages_on_cloud_api", {"type": "boolean"}, "Newer than the file.", PYWA),
)

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
    *(added("getWhatsAppBusinessAccountDetails", "WhatsAppBusinessAccount", *fact) for fact in ACCOUNT),
    *(
        Deviation("getTemplateByIdDefaultFields", (*TEMPLATE, *ANSWER, name), "add", to, why, source)
        for name, to, why, source in ONE_TEMPLATE
    ),
    Deviation(
        "getTemplates",
        (*ALL_TEMPLATES, *ANSWER, "data", "items", "properties", "parameter_format"),
        "add",
        FORMAT,
        FORMAT_WHY,
        TEMPLATES,
    ),
)
