"""Whether a body comes from Meta: only what is signed with the app's secret, over these very bytes."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.signature import sign, verify

SECRET = "secret of kopi-kita"
BODY = b'{"object": "whatsapp_business_account", "entry": []}'
# Made with openssl dgst -sha256 -hmac "secret of kopi-kita", not with the code under test.
KNOWN = "sha256=598139c68bb307f6eb84b799718bd086b1a94c9fbf9cf08717e2ea2d4ec7cbe3"
HEX = KNOWN.removeprefix("sha256=")


def test_a_signature_made_elsewhere_is_genuine():
    assert verify([SECRET], BODY, KNOWN).is_genuine
    assert sign(SECRET, BODY) == KNOWN


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "missing"),
        ("", "missing"),
        (HEX, "malformed"),
        (f"sha1={HEX[:40]}", "malformed"),
        (f"SHA256={HEX}", "malformed"),
        (f"sha256={HEX.upper()}", "malformed"),
        (f"sha256={HEX[:-1]}", "malformed"),
        (f"sha256={HEX}0", "malformed"),
        (f"sha256={HEX}\n", "malformed"),
        (f" sha256={HEX}", "malformed"),
        (f"sha256={HEX}, sha256={HEX}", "malformed"),
        (f"sha256={'é' * 64}", "malformed"),
        (f"sha256={'٣' * 64}", "malformed"),
        ("sha256=" + "0" * 64, "wrong"),
        ("sha256=" + hashlib.sha256(BODY).hexdigest(), "wrong"),
        ("sha256=" + hmac.new(b"another secret", BODY, hashlib.sha256).hexdigest(), "wrong"),
    ],
)
def test_anything_else_is_refused_with_its_reason(header, reason):
    verdict = verify([SECRET], BODY, header)
    assert (verdict.is_genuine, verdict.reason) == (False, reason)


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]])
def test_without_a_secret_nothing_is_genuine(secrets):
    for header in (None, KNOWN, sign("", BODY)):
        assert verify(secrets, BODY, header).reason == "no_secret"


def test_an_empty_secret_beside_a_real_one_opens_nothing():
    assert verify(["", SECRET], BODY, sign("", BODY)).reason == "wrong"


def test_each_of_several_secrets_opens():
    for secret in ("old", "new"):
        assert verify(["old", "new"], BODY, sign(secret, BODY)).is_genuine


@given(st.binary(max_size=200), st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_every_body_that_is_signed_with_the_secret_is_genuine(body, secret):
    assert verify([secret], body, sign(secret, body)).is_genuine


@given(st.binary(min_size=1, max_size=200), st.data())
def test_one_bit_less_or_more_is_another_body(body, data):
    bit = data.draw(st.integers(0, len(body) * 8 - 1))
    changed = bytearray(body)
    changed[bit // 8] ^= 1 << bit % 8
    assert verify([SECRET], bytes(changed), sign(SECRET, body)).reason == "wrong"
    assert verify([SECRET], body[:-1], sign(SECRET, body)).reason == "wrong"


@given(st.text())
def test_any_header_has_a_verdict(header):
    assert not verify([SECRET], BODY, header).is_genuine
