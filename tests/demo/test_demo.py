"""`make demo` fills a workspace as life would: every state one should see is there, and all came by the door."""

from __future__ import annotations

import pytest

from gigaviz.processes import wait_until

from .asked import ask


@pytest.fixture(scope="module")
def facts(house):
    return ask(house, "facts")


def test_there_are_about_forty_conversations_and_a_small_second_workspace(facts):
    assert 38 <= facts["conversations"]["kopi-kita"] <= 45
    assert facts["conversations"]["teh-tubruk"] == 3


def test_every_state_of_a_reply_is_there(facts):
    assert {"Read", "Delivered", "Sent", "Accepted", "Failed", "Unconfirmed"} <= set(facts["words"])
    assert facts["codes"] == [131026]


def test_open_assigned_closed_opted_out_and_bsuid_only_are_there(facts):
    assert facts["closed"] == 2
    assert facts["assigned"] > 5
    assert facts["opted_out"] >= 1
    assert facts["bsuid_only"] >= 2
    assert facts["windows_closed"] == 20


def test_the_past_is_history_and_today_is_live(facts):
    assert facts["sources"]["history"] > 30
    assert facts["sources"]["live"] > 30
    assert facts["sources"]["ours"] > 10


def test_files_are_fetched_and_odd_messages_are_kept(facts):
    assert facts["files"] == {"stored": 4}
    assert {"image", "audio", "document", "location", "contacts", "unsupported"} <= set(facts["kinds"])


def test_templates_of_every_sort_are_listed_and_what_meta_decided_of_them_since_is_known(facts):
    assert facts["templates"] == [
        ["cart_reminder", "en_US", "REJECTED", "UNKNOWN"],
        ["order_update", "en_US", "APPROVED", "UNKNOWN"],
        ["order_update", "id", "APPROVED", "GREEN"],
        ["pickup_ready", "id", "APPROVED", "UNKNOWN"],
        ["weekend_promo", "id", "PAUSED", "RED"],
    ]


def test_the_workers_list_the_templates_of_a_proven_number_by_themselves(house):
    assert wait_until(lambda: "teh-tubruk" in ask(house, "facts")["synced"], 30)  # where nobody pressed a button


def test_nothing_waits_and_nothing_was_set_aside(facts):
    assert facts["waiting"] == 0


def test_its_log_shuffled_and_doubled_makes_the_same_inbox(house):
    """P2, on a log that a simulator made of a whole story."""
    for program in ("clock", "sending", "ingest"):
        house.supervisor.end(program)
    assert ask(house, "replayed") == []
