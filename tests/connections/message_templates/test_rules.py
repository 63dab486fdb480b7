"""Meta's rules as tables: what may be written, what may not and in which field it is said."""

from __future__ import annotations

from typing import Any

import pytest

from connections.message_templates import draft as drafts
from connections.message_templates import rules
from connections.message_templates.draft import ButtonDraft, Draft, read

GOOD: dict[str, Any] = {"name": "order_update", "language": "id", "category": "UTILITY", "body": "It is on its way."}
REPLY = ButtonDraft("QUICK_REPLY", "Stop")
SITE = ButtonDraft("URL", "Track it", "https://example.com/orders/{{1}}", "https://example.com/orders/1042")
CALL = ButtonDraft("PHONE_NUMBER", "Call us", "+62 811-1000-100")
CODE = ButtonDraft("COPY_CODE", sample="KOPI25")


def fields(**facts: Any) -> list[str]:
    return [field for field, _ in rules.faults(Draft(**GOOD | facts))]


GOOD_ONES: dict[str, dict[str, Any]] = {
    "nothing but a body": {},
    "a name of 512 signs": {"name": "a" * 512},
    "digits in a name": {"name": "2026_promo"},
    "a language with a country": {"language": "pt_BR"},
    "a language of three letters": {"language": "fil"},
    "the longest texts": {"header": "h" * 60, "body": "b" * 1024, "footer": "f" * 60},
    "emoji and formatting in the body": {"body": "*Thanks* ☕ for _your_ order"},
    "variables in order": {"body": "Hi {{1}}, order {{2}} is here.", "samples": ("Dewi", "1042")},
    "variables in another order": {"body": "Order {{2}} of {{1}} is here.", "samples": ("1042", "Dewi")},
    "a variable twice": {"body": "Hi {{1}}, yes, {{1}}!", "samples": ("Dewi",)},
    "spaces within the braces": {"body": "Hi {{ 1 }}, hello.", "samples": ("Dewi",)},
    "names": {"body": "Hi {{first_name}}, hello.", "samples": ("Dewi",)},
    "a variable in the header": {"header": "Order {{1}}", "header_sample": "1042"},
    "an underscore within a word of the header": {"header": "Your order_id"},
    "a place as header": {"has_place": True},
    "every kind of button": {"buttons": (SITE, CALL, CODE, REPLY)},
    "quick replies first": {"buttons": (REPLY, REPLY, SITE)},
    "ten buttons": {"buttons": (REPLY,) * 10},
    "a button of 25 signs": {"buttons": (ButtonDraft("QUICK_REPLY", "x" * 25),)},
    "an address without variable": {"buttons": (ButtonDraft("URL", "Open", "http://example.com"),)},
}


@pytest.mark.parametrize("what", GOOD_ONES)
def test_this_may_be_written(what):
    assert fields(**GOOD_ONES[what]) == []


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": ""}, "name"),
    "capitals in a name": ({"name": "Order"}, "name"),
    "a hyphen in a name": ({"name": "order-update"}, "name"),
    "other letters in a name": ({"name": "sipariş"}, "name"),
    "a line break after a name": ({"name": "order\n"}, "name"),
    "a name too long": ({"name": "a" * 513}, "name"),
    "no language": ({"language": ""}, "language"),
    "a language in words": ({"language": "Indonesian"}, "language"),
    "no category": ({"category": ""}, "category"),
    "a category that Meta writes itself": ({"category": "AUTHENTICATION"}, "category"),
    "a header too long": ({"header": "h" * 61}, "header"),
    "two lines in the header": ({"header": "One\nTwo"}, "header"),
    "an emoji in the header": ({"header": "Thanks 🙏"}, "header"),
    "a coffee in the header": ({"header": "☕ time"}, "header"),
    "a bold header": ({"header": "*Thanks*"}, "header"),
    "a slanted header": ({"header": "_Thanks_"}, "header"),
    "two variables in the header": ({"header": "{{1}} of {{2}}", "header_sample": "1"}, "header"),
    "a header's variable that begins with 2": ({"header": "Order {{2}}", "header_sample": "1"}, "header"),
    "a header's variable without sample": ({"header": "Order {{1}}"}, "header_sample"),
    "a header that is text and place": ({"header": "Here", "has_place": True}, "header"),
    "no body": ({"body": ""}, "body"),
    "a body of spaces": ({"body": " \n "}, "body"),
    "a body too long": ({"body": "b" * 1025}, "body"),
    "a variable at the start": ({"body": "{{1}} is here.", "samples": ("x",)}, "body"),
    "a variable at the end": ({"body": "Order {{1}}", "samples": ("x",)}, "body"),
    "a variable at the end, with a space": ({"body": "Order {{1}} ", "samples": ("x",)}, "body"),
    "a gap in the numbers": ({"body": "Hi {{1}}, {{3}}.", "samples": ("x", "y")}, "body"),
    "numbers from zero": ({"body": "Hi {{0}}.", "samples": ("x",)}, "body"),
    "numbers from two": ({"body": "Hi {{2}}.", "samples": ("x",)}, "body"),
    "variables that touch": ({"body": "Hi {{1}} {{2}}.", "samples": ("x", "y")}, "body"),
    "numbers and names": ({"body": "Hi {{1}} and {{name}}.", "samples": ("x", "y")}, "body"),
    "numbers in the header, names in the body": (
        {"header": "Order {{1}}", "header_sample": "1", "body": "Hi {{name}}.", "samples": ("x",)},
        "body",
    ),
    "a name with capitals": ({"body": "Hi {{Name}}.", "samples": ("x",)}, "body"),
    "a name of other digits": ({"body": "Hi {{١}}.", "samples": ("x",)}, "body"),
    "braces that do not close": ({"body": "Hi {{1, hello."}, "body"),
    "braces around nothing": ({"body": "Hi {{}}, hello."}, "body"),
    "no sample": ({"body": "Hi {{1}}, hello."}, "samples"),
    "a sample of spaces": ({"body": "Hi {{1}}, hello.", "samples": (" ",)}, "samples"),
    "more samples than variables": ({"samples": ("x",)}, "samples"),
    "a footer too long": ({"footer": "f" * 61}, "footer"),
    "a variable in the footer": ({"footer": "Bye {{1}}"}, "footer"),
    "eleven buttons": ({"buttons": (REPLY,) * 11}, "button_10_kind"),
    "three addresses": ({"buttons": (SITE, SITE, SITE)}, "button_2_kind"),
    "two phone numbers": ({"buttons": (CALL, CALL)}, "button_1_kind"),
    "two codes": ({"buttons": (CODE, CODE)}, "button_1_kind"),
    "quick replies among others": ({"buttons": (REPLY, SITE, REPLY)}, "button_2_kind"),
    "a button without text": ({"buttons": (ButtonDraft("QUICK_REPLY", " "),)}, "button_0_text"),
    "a button's text too long": ({"buttons": (ButtonDraft("QUICK_REPLY", "x" * 26),)}, "button_0_text"),
    "a variable in a button's text": ({"buttons": (ButtonDraft("QUICK_REPLY", "{{1}}"),)}, "button_0_text"),
    "no address": ({"buttons": (ButtonDraft("URL", "Open"),)}, "button_0_value"),
    "an address without scheme": ({"buttons": (ButtonDraft("URL", "Open", "example.com"),)}, "button_0_value"),
    "a script as address": ({"buttons": (ButtonDraft("URL", "Open", "javascript:alert(1)"),)}, "button_0_value"),
    "an address with a space": (
        {"buttons": (ButtonDraft("URL", "Open", "https://example.com/a b"),)},
        "button_0_value",
    ),
    "an address that is none": ({"buttons": (ButtonDraft("URL", "Open", "https://[x"),)}, "button_0_value"),
    "a variable amid an address": (
        {"buttons": (ButtonDraft("URL", "Open", "https://example.com/{{1}}/x", "y"),)},
        "button_0_value",
    ),
    "an address without sample": (
        {"buttons": (ButtonDraft("URL", "Open", "https://example.com/{{1}}"),)},
        "button_0_sample",
    ),
    "a local number": ({"buttons": (ButtonDraft("PHONE_NUMBER", "Call", "0811 1000 100"),)}, "button_0_value"),
    "a code without sample": ({"buttons": (ButtonDraft("COPY_CODE"),)}, "button_0_sample"),
    "a code too long": ({"buttons": (ButtonDraft("COPY_CODE", sample="x" * 16),)}, "button_0_sample"),
}


@pytest.mark.parametrize("what", BAD)
def test_this_may_not_be_written_and_is_said_in_its_field(what):
    facts, field = BAD[what]
    assert field in fields(**facts)
    assert {one for one in fields(**facts) if one != field} <= {"samples", "header_sample"}


def test_samples_are_given_to_meta_by_number_wherever_the_variables_stand():
    written = Draft(**GOOD | {"body": "Order {{2}} of {{1}} is here.", "samples": ("1042", "Dewi")})
    (body,) = written.components()
    assert body["example"] == {"body_text": [["Dewi", "1042"]]}
    assert written.parameter_format == "POSITIONAL"


def test_named_variables_have_named_samples():
    facts = {
        "header": "Order {{order_id}}",
        "header_sample": "1042",
        "body": "Hi {{name}}, hello.",
        "samples": ("Dewi",),
    }
    written = Draft(**GOOD | facts)
    header, body = written.components()
    assert header["example"] == {"header_text_named_params": [{"param_name": "order_id", "example": "1042"}]}
    assert body["example"] == {"body_text_named_params": [{"param_name": "name", "example": "Dewi"}]}
    assert written.parameter_format == "NAMED"


@pytest.mark.parametrize("what", GOOD_ONES)
def test_what_was_written_here_is_read_back_as_it_was(what):
    written = Draft(**GOOD | GOOD_ONES[what])
    found, why_not = read(written.name, written.language, written.category, written.components())
    assert why_not == ""
    if "every kind" in what:
        written = Draft(
            **GOOD | {"buttons": (SITE, ButtonDraft("PHONE_NUMBER", "Call us", "+628111000100"), CODE, REPLY)}
        )
    assert found == written


@pytest.mark.parametrize(
    ("category", "components", "why"),
    [
        ("AUTHENTICATION", [], "Meta writes authentication templates"),
        ("UTILITY", [{"type": "HEADER", "format": "IMAGE"}], "Its header is a file"),
        ("UTILITY", [{"type": "BUTTONS", "buttons": [{"type": "FLOW"}]}], "of a kind (FLOW)"),
        ("MARKETING", [{"type": "LIMITED_TIME_OFFER"}], "limited time offer"),
    ],
)
def test_what_cannot_be_made_here_says_where_it_can(category, components, why):
    found, why_not = read("x", "id", category, components)
    assert found is None
    assert why in why_not
    assert drafts.ELSEWHERE in why_not
