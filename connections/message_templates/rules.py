"""Meta's rules for what a template may say, checked before it is asked. Pure: a draft → sentences by field.

Sources: Meta's pages on templates, on template components and on managing templates, December 2025, and the refusals
(2388040 to 2388299) in its error code page. What they leave open is left to Meta's answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from .draft import ButtonDraft, Draft, variables
from .preview import VARIABLE

NAME = re.compile(r"[a-z0-9_]{1,512}")
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
CATEGORIES = ("UTILITY", "MARKETING")
MOST = {"name": 512, "header": 60, "body": 1024, "footer": 60}
MOST_BUTTONS = 10
MOST_OF_A_KIND = {"URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1}
BUTTON_TEXT, CODE, PHONE, ADDRESS = 25, 15, 20, 2000
VARIABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")
BRACES = re.compile(r"\{\{|\}\}")
TOUCHING = re.compile(r"\}\}\s*\{\{")
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a\u231b\u23e9-\u23fa\ufe0f\u200d\u20e3]")
FORMATTING = re.compile(r"[*~`]|(?<!\w)_|_(?!\w)")

Fault = tuple[str, str]  # field, sentence


def faults(draft: Draft) -> list[Fault]:
    """What Meta would refuse, field by field; a button's fields are named by its place: button_0_text."""
    return [
        *_name(draft),
        *_header(draft),
        *_body(draft),
        *_samples(draft),
        *_footer(draft),
        *_buttons(draft.buttons),
    ]


def _name(draft: Draft) -> Iterator[Fault]:
    if not draft.name:
        yield "name", "Give it a name, such as order_update."
    elif len(draft.name) > MOST["name"]:
        yield "name", f"A name has at most 512 characters; this has {len(draft.name)}."
    elif not NAME.fullmatch(draft.name):
        yield "name", "A name has small letters, digits and underscores only, such as order_update."
    if not LANGUAGE.fullmatch(draft.language):
        yield "language", "Meta’s code of a language, such as id, en_US or pt_BR."
    if draft.category not in CATEGORIES:
        yield "category", "Choose utility or marketing."


def _header(draft: Draft) -> Iterator[Fault]:
    text = draft.header
    yield from _length("header", text)
    if draft.has_place and text:
        yield "header", "A header is a text or a place, not both. Empty it, or untick the place."
    if "\n" in text:
        yield "header", "A header is a single line."
    if EMOJI.search(text):
        yield "header", "A header has no emoji. Move it to the body."
    if FORMATTING.search(VARIABLE.sub("", text)):
        yield "header", "A header has no formatting signs (* _ ~ `)."
    yield from _variables("header", text)
    if len(variables(text)) > 1:
        yield "header", "A header has at most one variable."
    elif variables(text) and not draft.header_sample.strip():
        yield "header_sample", "Give a sample for the header’s variable: Meta reviews the template with it."


def _body(draft: Draft) -> Iterator[Fault]:
    text = draft.body.strip()
    if not text:
        yield "body", "Write what the customer is to read."
        return
    yield from _length("body", draft.body)
    yield from _variables("body", draft.body)
    if text.startswith("{{") or text.endswith("}}"):
        yield "body", "A body neither begins nor ends with a variable. Put words before the first and after the last."
    if TOUCHING.search(text):
        yield "body", "Two variables touch each other. Put words between them."
    kinds = {name.isdigit() for name in [*variables(draft.header), *variables(draft.body)]}
    if len(kinds) > 1:
        yield "body", "Variables are all numbers, as {{1}}, or all names, as {{first_name}}: not some of each."


def _variables(field: str, text: str) -> Iterator[Fault]:
    """Every pair of braces is a variable, and the variables have names that Meta takes."""
    if BRACES.search(VARIABLE.sub("", text)):
        yield field, "There are braces that make no variable. Write one as {{1}} or {{first_name}}."
        return
    names = variables(text)
    numbers = sorted(int(name) for name in names if name.isascii() and name.isdigit())
    if numbers and numbers != list(range(1, len(numbers) + 1)):
        shown = ", ".join(f"{{{{{number}}}}}" for number in numbers)
        yield field, f"Variables are numbered {{{{1}}}}, {{{{2}}}} and so on without gaps; here are {shown}."
    for name in names:
        if not (name.isascii() and name.isdigit()) and not VARIABLE_NAME.fullmatch(name):
            yield field, f"{{{{{name}}}}} cannot be: a variable’s name has small letters, digits and underscores."


def _samples(draft: Draft) -> Iterator[Fault]:
    names = variables(draft.body)
    for number, name in enumerate(names, 1):
        if number > len(draft.samples) or not draft.samples[number - 1].strip():
            yield "samples", f"{{{{{name}}}}} has no sample: write one in line {number}. Meta reviews with them."
    if len(draft.samples) > len(names):
        yield (
            "samples",
            f"{len(draft.samples)} samples for {len(names)} variables: take away what is too much.",
        )


def _footer(draft: Draft) -> Iterator[Fault]:
    yield from _length("footer", draft.footer)
    if "\n" in draft.footer:
        yield "footer", "A footer is a single line."
    if BRACES.search(draft.footer):
        yield "footer", "A footer has no variables."


def _buttons(buttons: tuple[ButtonDraft, ...]) -> Iterator[Fault]:
    kinds = [one.kind for one in buttons]
    for kind, most in MOST_OF_A_KIND.items():
        if kinds.count(kind) > most:
            last = len(kinds) - 1 - kinds[::-1].index(kind)
            yield f"button_{last}_kind", f"There may be {most} of this kind at most."
    if len(buttons) > MOST_BUTTONS:
        yield f"button_{MOST_BUTTONS}_kind", f"There may be {MOST_BUTTONS} buttons at most."
    # Changes between quick replies and others, along the row: more than one, and they are mixed.
    quick = [kind == "QUICK_REPLY" for kind in kinds]
    changes = [number for number in range(1, len(quick)) if quick[number] != quick[number - 1]]
    if len(changes) > 1:
        yield f"button_{changes[1]}_kind", "Keep the quick replies together: all before the others, or all after."
    for number, one in enumerate(buttons):
        yield from ((f"button_{number}_{part}", sentence) for part, sentence in _button(one))


def _button(one: ButtonDraft) -> Iterator[Fault]:
    if one.kind != "COPY_CODE":
        yield from _button_text(one.text)
    if one.kind == "URL":
        yield from _address(one)
    elif one.kind == "PHONE_NUMBER":
        digits = re.sub(r"[ ().-]", "", one.value)
        if not re.fullmatch(r"\+[1-9][0-9]{4,18}", digits) or len(digits) > PHONE:
            yield "value", "A phone number with its country code, such as +62 811 1000 100."
    elif one.kind == "COPY_CODE":
        if not one.sample.strip():
            yield "sample", "Give a sample of the code: Meta reviews the template with it."
        elif len(one.sample) > CODE:
            yield "sample", f"A code has at most {CODE} characters; this has {len(one.sample)}."


def _button_text(text: str) -> Iterator[Fault]:
    if not text.strip():
        yield "text", "Say what stands on the button."
    elif len(text) > BUTTON_TEXT:
        yield "text", f"A button has at most {BUTTON_TEXT} characters; this has {len(text)}."
    elif "\n" in text or BRACES.search(text):
        yield "text", "A button’s text is a single line without variables."


def _address(one: ButtonDraft) -> Iterator[Fault]:
    try:
        parts = urlsplit(one.value)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_address = False
    names = VARIABLE.findall(one.value)
    if not is_address or re.search(r"\s", one.value):
        yield "value", "A whole web address, such as https://example.com/orders/."
    elif len(one.value) > ADDRESS:
        yield "value", f"An address has at most {ADDRESS} characters; this has {len(one.value)}."
    elif BRACES.search(VARIABLE.sub("", one.value)) or len(names) > 1 or (names and not one.value.endswith(names[0])):
        yield "value", "An address has at most one variable, at its very end: https://example.com/orders/{{1}}."
    elif names and not one.sample.strip():
        yield "sample", "Give a sample of the whole address: Meta reviews the template with it."


def _length(field: str, text: str) -> Iterator[Fault]:
    if len(text) > MOST[field]:
        yield field, f"At most {MOST[field]:,} characters; these are {len(text):,}."
