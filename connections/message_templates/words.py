"""Meta's words for a template's status, quality, category and rejection, in plain words with what to do next."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A word for the badge, its icon (Heroicons, micro) and meaning, what it means, and what helps."""

    word: str
    icon: str
    meaning: str  # "", "ok", "warn", "stop", "info"
    sentence: str
    next_step: str = ""


MENDABLE = "Edit it, and Meta reviews it again."
STATUSES: dict[str, Words] = {
    "APPROVED": Words("Approved", "check-circle", "ok", "It can be sent."),
    "PENDING": Words("In review", "clock", "info", "Meta reviews it, for up to 24 hours.", "The answer comes here."),
    "REJECTED": Words("Rejected", "x-circle", "stop", "Meta has refused it, so it cannot be sent.", MENDABLE),
    "PAUSED": Words(
        "Paused",
        "pause-circle",
        "warn",
        "Meta has stopped it for hours because customers took it badly; the third time it is disabled.",
        "Use another one meanwhile, and edit this one so that customers want it.",
    ),
    "DISABLED": Words(
        "Disabled",
        "no-symbol",
        "stop",
        "Meta has stopped it for good because of its quality.",
        "Make a new one that customers want.",
    ),
    "IN_APPEAL": Words("In appeal", "clock", "info", "Meta looks at the appeal, for up to 24 hours.", "Wait."),
    "PENDING_DELETION": Words("Being deleted", "trash", "warn", "Meta is deleting it; it cannot be sent any more."),
    "DELETED": Words("Deleted", "trash", "stop", "Meta has deleted it."),
    "LIMIT_EXCEEDED": Words(
        "Over the limit",
        "exclamation-triangle",
        "stop",
        "The account has as many templates as Meta allows.",
        "Delete some that are no longer used.",
    ),
    "FLAGGED": Words(
        "Flagged",
        "exclamation-triangle",
        "warn",
        "Customers take it badly: if that goes on, Meta disables it.",
        "Send it to fewer people, or edit it.",
    ),
    "REINSTATED": Words("Reinstated", "check-circle", "ok", "Meta has lifted what it had against it: it can be sent."),
    "LOCKED": Words("Locked", "lock-closed", "stop", "Meta has locked it.", "See WhatsApp Manager for why."),
    "ARCHIVED": Words("Archived", "archive-box", "warn", "It was put away in WhatsApp Manager, and cannot be sent."),
    "UNARCHIVED": Words("Unarchived", "archive-box", "info", "It was taken out of the archive in WhatsApp Manager."),
}
REMOVED = Words("Removed", "trash", "stop", "Meta does not list it any more, so it cannot be sent.")
NOT_TOLD = Words("Not known", "question-mark-circle", "", "Meta has not told how it stands.", "It is synced shortly.")

QUALITIES = {
    "GREEN": Words("High quality", "face-smile", "ok", "Customers take it well."),
    "YELLOW": Words("Medium quality", "exclamation-triangle", "warn", "Some customers block or report it."),
    "RED": Words("Low quality", "face-frown", "stop", "Many customers block or report it. Meta pauses such ones."),
}
CATEGORIES = {"MARKETING": "Marketing", "UTILITY": "Utility", "AUTHENTICATION": "Authentication"}

# Of a rejection: what it means, and what to change.
REASONS: dict[str, tuple[str, str]] = {
    "ABUSIVE_CONTENT": (
        "Meta found that it abuses or threatens.",
        "Take out whatever could be read so, or appeal in WhatsApp Manager.",
    ),
    "INCORRECT_CATEGORY": (
        "Its category does not fit what it says.",
        "Choose the category that fits: whatever also advertises is marketing.",
    ),
    "INVALID_FORMAT": (
        "Something in its form is wrong: its variables, an address, or its language.",
        "Give each variable words around it and a good sample, and check the spelling and the language.",
    ),
    "PROMOTIONAL": ("It advertises, in a category that may not.", "Make it a marketing template, or take that out."),
    "SCAM": ("Meta takes it for an attempt to deceive.", "Say who you are and what it is about, or appeal."),
    "TAG_CONTENT_MISMATCH": (
        "Its language or category does not fit what it says.",
        "Choose the language it is written in, and the category that fits.",
    ),
}


def of_status(status: str) -> Words:
    if not status:
        return NOT_TOLD
    unknown = Words(
        _plain(status), "question-mark-circle", "", "A status that we do not know.", "See WhatsApp Manager."
    )
    return STATUSES.get(status, unknown)


def of_quality(quality: str) -> Words | None:
    """None while Meta has no opinion yet."""
    if quality in ("", "UNKNOWN", "NONE"):
        return None
    return QUALITIES.get(quality, Words(_plain(quality), "question-mark-circle", "", "A quality that we do not know."))


def of_category(category: str) -> str:
    return CATEGORIES.get(category, _plain(category))


def of_reason(reason: str) -> tuple[str, str]:
    """Why it was rejected and what to change."""
    return REASONS.get(reason, (f"Meta’s reason: {_plain(reason)}." if reason else "Meta gives no reason.", MENDABLE))


def _plain(word: str) -> str:
    return word.replace("_", " ").capitalize()
