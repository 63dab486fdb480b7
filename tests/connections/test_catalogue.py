"""The failure catalogue has words for every code Meta publishes, and Meta's own words for every other."""

from __future__ import annotations

import pytest

from connections.graph import catalogue, errors
from connections.graph.catalogue import explain, explain_error

# Meta's error code page, and the newer codes that public client libraries list: code → can a retry help.
CODES = {
    **dict.fromkeys([1, 2, 131000, 131016], "ambiguous"),
    **dict.fromkeys([0, 3, 10, 33, 102, 190, *range(200, 300)], "fix"),
    **dict.fromkeys([4, 368, 613, 80007], "wait"),
    100: "no",
    130429: "backoff",
    130472: "no",
    130497: "no",
    131005: "fix",
    131008: "no",
    131009: "no",
    131020: "no",
    131021: "no",
    131026: "no",
    131030: "fix",
    131031: "no",
    131037: "fix",
    131041: "no",
    131042: "fix",
    131044: "fix",
    131045: "fix",
    131047: "no",
    131048: "wait",
    131049: "wait",
    131050: "no",
    131051: "no",
    131052: "no",
    131053: "fix",
    131055: "no",
    131056: "backoff",
    131057: "backoff",
    131059: "fix",
    131060: "no",
    131062: "no",
    131063: "fix",
    131064: "wait",
    **dict.fromkeys(range(131201, 131216), "no"),
    **dict.fromkeys([132000, 132005, 132007, 132008, 132012, 132016, 132018], "no"),
    **dict.fromkeys([132001, 132068], "fix"),
    **dict.fromkeys([132015, 132069], "wait"),
    **dict.fromkeys([133000, 133006, 133010], "fix"),
    133004: "backoff",
    133005: "no",
    **dict.fromkeys([133008, 133009, 133015, 133016], "wait"),
    134011: "fix",
    134100: "no",
    134101: "wait",
    134102: "fix",
    135000: "no",
    137000: "no",
    **dict.fromkeys(range(138000, 138019), "no"),
    **dict.fromkeys(range(139000, 139005), "fix"),
    139100: "no",
    139101: "no",
    139102: "backoff",
    139103: "backoff",
    **dict.fromkeys(range(147001, 147006), "fix"),
    1752041: "no",
    **dict.fromkeys([2388019, 2388040, 2388047, 2388072, 2388073, 2388293, 2388299], "fix"),
    **dict.fromkeys([2388012, 2388091, 2388093, 2388103, 2494100], "fix"),
    **dict.fromkeys(range(2494164, 2494180), "fix"),
    **dict.fromkeys([2593107, 2593108], "no"),
    **dict.fromkeys([200005, 200006, 200007], "fix"),
}
WHOLE_NUMBER = {0, 3, 10, 33, 102, 190, 368, 131005, 131031, 131037, 131042, 131045, 133010, *range(200, 300)}
# What a machine may repeat: known not to be accepted, and cured by waiting alone.
MACHINE_MAY_REPEAT = {4, 613, 80007, 130429, 131056, 131057, 133004, 134101, 139102, 139103}


def every_code_of_the_catalogue() -> list[int]:
    return [*catalogue.SINGLES, *(code for codes, _ in catalogue.RANGES for code in codes)]


@pytest.mark.parametrize("code", CODES)
def test_every_published_code_has_a_sentence_a_next_step_and_someone_who_can_act(code):
    said = explain(code)
    assert said.known
    assert said.retry == CODES[code]
    assert said.who in {"agent", "admin", "owner", "ops", "customer", "meta"}
    for words in (said.sentence, said.next_step):
        assert words[0].isupper()
        assert words.endswith(".")
        assert len(words) < 200


def test_the_catalogue_has_each_code_once_and_none_beyond_the_table():
    codes = every_code_of_the_catalogue()
    assert len(codes) == len(set(codes))
    assert set(codes) == set(CODES)


def test_the_codes_that_stop_a_whole_number_are_marked():
    assert {code for code in CODES if explain(code).channel_level} == WHOLE_NUMBER


def test_a_machine_may_repeat_only_what_was_certainly_not_accepted_and_waiting_can_cure():
    may = {code for code in CODES if (entry := catalogue.find(code)) and entry.first_retry}
    assert may == MACHINE_MAY_REPEAT
    assert all(CODES[code] in {"backoff", "wait"} for code in may)


def test_the_neighbours_of_a_range_are_not_in_it():
    assert [code for code in (199, 300, 131200, 131216, 138019, 2494163, 2494180) if explain(code).known] == []


def test_a_code_we_do_not_know_shows_metas_own_words():
    said = explain(999123, http_status=400, title="(#999123) Moon phase", details="Not on a full moon")
    assert said.sentence == "Meta says: Moon phase: Not on a full moon (code 999123)"
    assert (said.known, said.retry, said.who) == (False, "no", "ops")


def test_words_that_meta_says_twice_are_shown_once():
    assert explain(999123, title="Moon phase", details="Moon phase").sentence == "Meta says: Moon phase (code 999123)"


@pytest.mark.parametrize(
    ("code", "http_status", "sentence"),
    [
        (999123, 400, "Meta refused this and does not say why (code 999123)."),
        (None, 403, "Meta refused this and does not say why (HTTP 403)."),
        (None, None, "Meta refused this and does not say why (no code)."),
    ],
)
def test_silence_is_called_silence(code, http_status, sentence):
    assert explain(code, http_status=http_status).sentence == sentence


def test_an_unknown_code_with_a_server_error_is_ambiguous_and_too_many_requests_is_not():
    assert explain(999123, http_status=502).retry == "ambiguous"
    assert explain(999123, http_status=429).retry == "backoff"


def test_the_words_of_a_stranger_are_cut():
    assert len(explain(999123, title="x" * 10_000).sentence) < 600


@pytest.mark.parametrize(
    ("error", "sentence", "who", "retry"),
    [
        (errors.NotSent("No road."), "No road.", "ops", "backoff"),
        (errors.Unconfirmed("No answer."), "No answer.", "agent", "ambiguous"),
        (errors.Unconfirmed("No answer.", http_status=200, code=190), "No answer.", "agent", "ambiguous"),
        (errors.Unauthorised("No token."), "No token.", "admin", "fix"),
        (errors.Unusable("No number."), "No number.", "admin", "fix"),
        (errors.TooBig("Too big.", http_status=200), "Too big.", "admin", "fix"),
        (
            errors.Refused("Refused.", http_status=403),
            "Meta refused this and does not say why (HTTP 403).",
            "ops",
            "no",
        ),
        (
            errors.Refused("Refused.", http_status=400, code=7, message="(#7) No"),
            "Meta says: No (code 7)",
            "ops",
            "no",
        ),
    ],
)
def test_every_error_of_a_call_can_be_told_to_a_person(error, sentence, who, retry):
    said = explain_error(error)
    assert (said.sentence, said.who, said.retry) == (sentence, who, retry)
    assert said.next_step.endswith(".")


def test_an_error_with_a_known_code_is_told_in_the_catalogues_words():
    error = errors.Refused("Refused.", http_status=400, code=131047, message="(#131047) Re-engagement")
    assert explain_error(error) == explain(131047)
