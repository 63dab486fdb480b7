"""What a person does with the page, in the words of these tests."""

from __future__ import annotations

from playwright.sync_api import expect

FIRST, SECOND = "100000000000001", "100000000000003"


def choose(page, name):
    page.locator(".person", has_text=name).click()
    expect(page.locator("#phone-head")).to_contain_text(name)


def say(page, words):
    page.get_by_role("textbox", name="Message", exact=True).fill(words)
    page.get_by_role("button", name="Send", exact=True).click()


def bubble(page, words):
    return page.locator(".bubble", has_text=words)


def mark(page, words):
    return bubble(page, words).locator(".mark")


def make_customer(page, **facts):
    page.get_by_role("button", name="New customer").click()
    dialog = page.get_by_role("dialog")
    for label, value in facts.items():
        dialog.get_by_label(label.replace("_", " ").capitalize(), exact=True).fill(value)
    dialog.get_by_role("button", name="Make customer").click()
