"""Codes about registering numbers, onboarding, calls, the block list and usernames: rare in an inbox, never silent.

Source: Meta's error code page, December 2025, and the lists kept by maintainers of public client libraries.
"""

from __future__ import annotations

from .entry import Entry, soon
from .steps import AGAIN

MIGRATION = (
    "Meta could not move this number.",
    "Follow Meta's details in WhatsApp Manager, then try the move again.",
)

ENTRIES = (
    Entry(
        133000,
        "An earlier deregistration of this number was not finished.",
        "Deregister the number again, then register it.",
        "admin",
        "fix",
    ),
    Entry(
        133004,
        "Meta's registration service is not available for now.",
        AGAIN,
        "meta",
        "backoff",
        first_retry=soon(15),
    ),
    Entry(133005, "The two-step PIN is wrong.", "Enter the right PIN, or reset it in WhatsApp Manager.", "admin", "no"),
    Entry(
        133006,
        "This number must be verified before it can be registered.",
        "Ask Meta for a code and enter it.",
        "admin",
        "fix",
    ),
    Entry(
        133008,
        "The two-step PIN was wrong too often.",
        "Wait for the time Meta's details name, then enter the right PIN.",
        "admin",
        "wait",
    ),
    Entry(
        133009, "The two-step PIN was entered too quickly.", "Wait a few minutes and enter it again.", "admin", "wait"
    ),
    Entry(
        133010,
        "This number is not registered for WhatsApp's API.",
        "Register the number.",
        "admin",
        "fix",
        channel_level=True,
    ),
    Entry(133015, "This number was deleted a moment ago.", "Wait five minutes, then register it.", "admin", "wait"),
    Entry(
        133016,
        "This number was registered or deregistered too often.",
        "Wait 72 hours, then register it.",
        "admin",
        "wait",
    ),
    Entry(
        (138000, 138018),
        "Meta could not place this call or ask for it.",
        "Reach the customer by message.",
        "agent",
        "no",
    ),
    Entry(
        139100,
        "Some of these people could not be blocked or unblocked.",
        "Look at the result for each of them: only people who wrote in the last 24 hours can be blocked.",
        "agent",
        "no",
    ),
    Entry(139101, "The block list is full.", "Unblock people you no longer need to block.", "admin", "no"),
    Entry(
        139102,
        "The block list was being changed by someone else.",
        AGAIN,
        "agent",
        "backoff",
        first_retry=soon(2),
    ),
    Entry(
        139103,
        "Meta could not change the block list for now.",
        AGAIN,
        "agent",
        "backoff",
        first_retry=soon(5),
    ),
    Entry(
        (147001, 147005),
        "This business cannot have that username for now.",
        "Choose another username, or link the Facebook or Instagram account that Meta asks for.",
        "admin",
        "fix",
    ),
    Entry(
        1752041,
        "This business account has already asked to be set up for marketing messages.",
        "Nothing: wait for the first request to finish.",
        "meta",
        "no",
    ),
    Entry(2388012, *MIGRATION, "admin", "fix"),
    Entry(2388091, *MIGRATION, "admin", "fix"),
    Entry(2388093, *MIGRATION, "admin", "fix"),
    Entry(2388103, *MIGRATION, "admin", "fix"),
    Entry(2494100, *MIGRATION, "admin", "fix"),
    Entry(
        (2494164, 2494179),
        "Meta refused something about a link for signing up to marketing.",
        "Follow Meta's details, then try again.",
        "admin",
        "fix",
    ),
    Entry(
        2593107,
        "The phone's history has already been asked for once, which is all Meta allows.",
        "Disconnect the phone app and onboard the number again.",
        "admin",
        "no",
    ),
    Entry(
        2593108,
        "More than 24 hours have passed since this number was onboarded, so its history can no longer be asked for.",
        "Disconnect the phone app and onboard the number again.",
        "admin",
        "no",
    ),
)
