"""Codes about templates and flows: sending them, and making them.

Source: Meta's error code page, December 2025, and its pages on templates and on marketing messages.
"""

from __future__ import annotations

from .entry import Entry, soon
from .steps import AGAIN

SYNC = "Load the templates again and fill in the one you want anew."

ENTRIES = (
    Entry(132000, "The number of values does not match the template's variables.", SYNC, "agent", "no"),
    Entry(
        132001,
        "Meta has no approved template of this name in this language.",
        "Check that the template is approved in this language, then load the templates again.",
        "admin",
        "fix",
    ),
    Entry(132005, "With its values filled in, the template is too long.", "Shorten the values.", "agent", "no"),
    Entry(
        132007,
        "A value breaks WhatsApp's rules for templates.",
        "Change the values: no line breaks, no tabs, no long runs of spaces.",
        "agent",
        "no",
    ),
    Entry(132008, "A value is not in the form that the template asks for.", SYNC, "agent", "no"),
    Entry(132012, "A value is not of the kind that the template asks for.", SYNC, "agent", "no"),
    Entry(
        132015,
        "Meta has paused this template because of its quality.",
        "Improve the template in WhatsApp Manager, or wait until the pause ends; use another one meanwhile.",
        "admin",
        "wait",
    ),
    Entry(
        132016,
        "Meta has disabled this template for good because of its quality.",
        "Make a new template.",
        "admin",
        "no",
    ),
    Entry(132018, "The values given to this template are not valid.", SYNC, "agent", "no"),
    Entry(132068, "Meta has blocked this flow.", "Correct the flow in WhatsApp Manager.", "admin", "fix"),
    Entry(
        132069,
        "Meta lets this flow be sent only ten times an hour for now.",
        "Correct the flow in WhatsApp Manager, or wait.",
        "admin",
        "wait",
    ),
    Entry(134011, "Meta's terms for payments are not accepted.", "Accept them in WhatsApp Manager.", "owner", "fix"),
    Entry(
        134100,
        "Only marketing templates can be sent this way.",
        "Choose a marketing template, or send this one as an ordinary message.",
        "agent",
        "no",
    ),
    Entry(
        134101,
        "Meta is still preparing this template, which takes up to ten minutes.",
        AGAIN,
        "meta",
        "wait",
        first_retry=soon(120),
    ),
    Entry(
        134102,
        "This template cannot be used for marketing messages.",
        "Check in WhatsApp Manager that this business account is set up for marketing messages.",
        "admin",
        "fix",
    ),
    Entry(
        (200005, 200007),
        "Meta has no figures for this template.",
        "Switch on template insights in WhatsApp Manager, if you want them.",
        "admin",
        "fix",
    ),
    Entry(
        2388019,
        "This business account has as many templates as Meta allows.",
        "Delete templates that are no longer used.",
        "admin",
        "fix",
    ),
    Entry(2388040, "A part of the template is too long.", "Shorten it.", "admin", "fix"),
    Entry(2388047, "The template's header is not valid.", "Correct the header.", "admin", "fix"),
    Entry(2388072, "The template's body is not valid.", "Correct the body.", "admin", "fix"),
    Entry(2388073, "The template's footer is not valid.", "Correct the footer.", "admin", "fix"),
    Entry(
        2388293,
        "The template has too many variables for so little text.",
        "Add words, or take out variables.",
        "admin",
        "fix",
    ),
    Entry(
        2388299,
        "The template begins or ends with a variable.",
        "Put words before the first variable and after the last.",
        "admin",
        "fix",
    ),
    Entry((139000, 139004), "Meta could not publish or retire this flow.", "Correct the flow.", "admin", "fix"),
)
