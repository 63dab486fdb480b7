"""How e-mail leaves is one setting: SMTP, or a provider that Anymail knows."""

from __future__ import annotations

import runpy
from typing import Any

import pytest
from django.test import override_settings

from gigaviz import settings
from gigaviz.checks import e_mail_can_leave


def read(monkeypatch, url: str) -> dict[str, Any]:
    monkeypatch.setenv("EMAIL_URL", url)
    return runpy.run_path(settings.__file__)


@pytest.mark.parametrize(
    ("url", "backend", "keys"),
    [
        ("anymail+postmark://?server_token=abc", "postmark", {"POSTMARK_SERVER_TOKEN": "abc"}),
        (
            "anymail+mailgun://?api_key=key-1&sender_domain=mg.example.com",
            "mailgun",
            {"MAILGUN_API_KEY": "key-1", "MAILGUN_SENDER_DOMAIN": "mg.example.com"},
        ),
        ("anymail+amazon-ses://", "amazon_ses", {}),
    ],
)
def test_a_provider_is_named_with_what_it_needs(monkeypatch, url, backend, keys):
    read_settings = read(monkeypatch, url)
    assert read_settings["EMAIL_BACKEND"] == f"anymail.backends.{backend}.EmailBackend"
    assert read_settings["ANYMAIL"] == {"REQUESTS_TIMEOUT": 10, **keys}


def test_smtp_is_named_as_ever_and_nobody_waits_long_for_it(monkeypatch):
    read_settings = read(monkeypatch, "smtp+tls://user:password@mail.example.com:587")
    assert read_settings["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (read_settings["EMAIL_HOST"], read_settings["EMAIL_PORT"], read_settings["EMAIL_USE_TLS"]) == (
        "mail.example.com",
        587,
        True,
    )
    assert read_settings["EMAIL_TIMEOUT"] == 10


def test_a_provider_that_does_not_exist_stops_the_start_with_a_sentence():
    with override_settings(EMAIL_BACKEND="anymail.backends.pigeon.EmailBackend"):
        (error,) = e_mail_can_leave()
    assert error.msg == "EMAIL_URL names no e-mail provider."
    assert e_mail_can_leave() == []
