"""Faults, marketing and webhooks, from the page."""

from __future__ import annotations

from playwright.sync_api import expect

from .hand import choose, mark, say

KINDS = ["error", "fail", "lost_answer", "slow", "html", "unreadable", "duplicate", "reorder", "delay", "drop", "batch"]


def test_every_fault_is_set_and_cleared_from_the_page(page, phones, ayla):
    choose(page, "Ayla")
    for kind in KINDS:
        page.locator(f".kind:has(input[value={kind}])").click()
        page.get_by_label("For whom").select_option("this")
        page.get_by_role("button", name="Set fault").click()
        expect(page.locator(".set-faults li")).to_contain_text("for Ayla Demir")
        (fault,) = phones.faults()
        assert (fault["kind"], fault["recipient"], fault["count"]) == (kind, ayla.id, 1)
        page.locator(".set-faults button").click()
        expect(page.locator(".set-faults li")).to_have_count(0)
        assert phones.faults() == []


def test_a_lost_webhook_is_seen_and_tried_again_at_once(page, phones, ayla, hook):
    hook.answers += [500] * 2
    phones.pace(retry_cap=600, latency=1)
    choose(page, "Ayla")
    say(page, "hello")
    expect(mark(page, "hello")).to_contain_text("webhook tried")
    phones.pace(latency=0)
    page.get_by_role("button", name="Try now").click()
    hook.wait(lambda: len(hook.posts) >= 2)


def test_marketing_is_stopped_in_the_app(page, ayla, hook):
    choose(page, "Ayla")
    page.get_by_role("button", name="Stop marketing").click()
    expect(page.get_by_role("button", name="Resume marketing")).to_be_visible()
    hook.wait(lambda: hook.changes("user_preferences"))
