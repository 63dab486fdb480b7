"""Codes about one message to one person: in the answer to a send, in a failed receipt, or on an inbound message.

Source: Meta's error code page, December 2025, and its page on business-scoped user ids, 2026.
"""

from __future__ import annotations

from .entry import Entry

ENTRIES = (
    Entry(
        130472,
        "Meta did not deliver it: this person is in a group that Meta shows no marketing to for now.",
        "Reach them in another way. Replies to what they write still arrive.",
        "agent",
        "no",
    ),
    Entry(
        130497,
        "Meta does not let this business message people in the customer's country.",
        "Check Meta's policy for your line of business and that country.",
        "owner",
        "no",
    ),
    Entry(131020, "Meta cannot send to this group.", "Write to its members one by one.", "agent", "no"),
    Entry(
        131021,
        "The message was addressed to the number it was sent from.",
        "Check the customer's number.",
        "agent",
        "no",
    ),
    Entry(
        131026,
        "WhatsApp could not deliver it: the number may not be on WhatsApp, its app may be too old, or the person has "
        "not accepted WhatsApp's terms.",
        "Check the number, or reach the customer in another way.",
        "agent",
        "no",
    ),
    Entry(
        131030,
        "This is a Meta test number, and the customer is not on Meta's list of people it may write to. That list is "
        "Meta's own, and not the whitelist of sandbox mode.",
        "Add the customer's number to the list in Meta's dashboard (WhatsApp, API setup, “To”), or use a real number.",
        "admin",
        "fix",
    ),
    Entry(
        131037,
        "This number needs an approved display name before it may send.",
        "Have the display name approved in WhatsApp Manager.",
        "admin",
        "fix",
        channel_level=True,
    ),
    Entry(131041, "Meta knows no such group.", "Write to its members one by one.", "agent", "no"),
    Entry(
        131047,
        "More than 24 hours have passed since the customer last wrote, so WhatsApp takes only a template.",
        "Send a template, or wait until the customer writes again.",
        "agent",
        "no",
    ),
    Entry(
        131049,
        "Meta chose not to deliver this marketing message, to keep people from getting too many.",
        "Wait at least a day before you send this person marketing again; sooner brings the same answer.",
        "agent",
        "wait",
    ),
    Entry(
        131050,
        "The customer has stopped marketing messages from this business.",
        "Send no marketing to them until they start it again in WhatsApp. Replies to what they write still arrive.",
        "customer",
        "no",
    ),
    Entry(131051, "WhatsApp cannot carry this kind of message here.", "Send it as text or as a file.", "agent", "no"),
    Entry(
        131052,
        "The file the customer sent could not be fetched: it is too big, or no longer there.",
        "Ask the customer to send it again.",
        "agent",
        "no",
    ),
    Entry(
        131053,
        "Meta could not use the file we sent: its type, its size or its address is not accepted.",
        "Send the file in another format or a smaller size.",
        "agent",
        "fix",
    ),
    Entry(
        131060,
        "WhatsApp cannot pass on what this message says.",
        "Read it in the WhatsApp Business app on the phone, or ask the customer to send it again.",
        "agent",
        "no",
    ),
    Entry(
        131062,
        "This kind of message can only go to a phone number, and we know this customer by user id only.",
        "Ask the customer for their phone number.",
        "agent",
        "no",
    ),
    Entry(
        (131201, 131215),
        "Meta refused something about a WhatsApp group.",
        "Write to its members one by one.",
        "agent",
        "no",
    ),
    Entry(
        137000,
        "The customer's security code has changed since it was last confirmed, so Meta did not deliver it.",
        "Make sure that this is still the same person, then send it again.",
        "agent",
        "no",
    ),
)
