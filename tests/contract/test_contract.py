"""The contract check can fail: on a misspelt key, on a key that is missing, on a deviation that is none any more.

Meta's file is not in this repository, so the check itself runs in CI, where the file is; these tests use a small one.
"""

from __future__ import annotations

import pytest

from contract.description import Description
from contract.deviations import DEVIATIONS
from contract.patch import SCHEMAS, Deviation, StaleDeviation
from contract.report import Report, Sample
from contract.selftest import check_misspellings, misspelt
from contract.shapes import PATHS
from contract.webhooks import faults

NUMBER = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}, "required": ["id"]}
ANSWER = {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Number"}}}}}
ERROR = {"type": "object", "properties": {"error": {"type": "object"}}}
FILE = {
    "paths": {"/{Version}/{Phone-Number-ID}": {"get": {"responses": ANSWER}}},
    "components": {"schemas": {"Number": NUMBER, "GraphAPIError": ERROR}},
}
PATH = "/{Version}/{Phone-Number-ID}"
RECEIPT = {"id": "wamid.AAA=", "status": "sent", "timestamp": "1760000000", "recipient_id": "15550100123"}
METADATA = {"display_phone_number": "15550100000", "phone_number_id": "100000000000001"}
VALUE = {"messaging_product": "whatsapp", "metadata": METADATA, "statuses": [RECEIPT]}
WEBHOOK = {
    "object": "whatsapp_business_account",
    "entry": [{"id": "200000000000002", "changes": [{"field": "messages", "value": VALUE}]}],
}


def described(*deviations):
    return Description(FILE, deviations)


def test_an_answer_as_described_is_taken_and_a_misspelt_key_is_not():
    assert described().faults_of_answer("GET", PATH, 200, {"id": "1", "name": "Kopi Kita"}) == []
    (fault,) = described().faults_of_answer("GET", PATH, 200, {"id": "1", "nmae": "Kopi Kita"})
    assert "'nmae' was unexpected" in fault


def test_a_required_key_that_is_missing_is_told():
    assert "'id' is a required property" in described().faults_of_answer("GET", PATH, 200, {"name": "x"})[0]


def test_a_deviation_is_applied_and_goes_stale_when_the_file_agrees():
    status = Deviation("getNumber", (*SCHEMAS, "Number", "properties", "status"), "add", {"type": "string"}, "", "")
    assert described(status).faults_of_answer("GET", PATH, 200, {"id": "1", "status": "CONNECTED"}) == []
    name = Deviation("getNumber", (*SCHEMAS, "Number", "properties", "name"), "add", {"type": "string"}, "", "")
    assert "already agrees" in described(name).stale[0]
    with pytest.raises(StaleDeviation, match="the file has no"):
        Deviation("getNumber", (*SCHEMAS, "Nothing", "type"), "replace", "string", "", "").apply({"components": {}})


def test_every_deviation_says_why_and_by_whose_word():
    assert [str(one) for one in DEVIATIONS if len(one.why) < 8 or len(one.source) < 8] == []


def test_a_webhook_as_described_is_taken_and_every_misspelt_key_of_it_is_not():
    assert faults(WEBHOOK) == []
    places = {place for place, spoilt in misspelt(WEBHOOK) if not faults(spoilt)}
    assert places == set()
    assert len(list(misspelt(WEBHOOK))) == 15


def test_a_judge_that_sees_nothing_is_found_out(capsys):
    report = Report(samples=[Sample("webhook x", {"a": 1}, lambda value: [])])
    check_misspellings(report)
    assert report.failed == 2
    assert "/a can be misspelt" in capsys.readouterr().out


def test_what_the_file_lacks_is_only_what_it_lacks():
    assert described().stale == []
    assert len(Description({**FILE, "paths": PATHS}, ()).stale) == len(PATHS)
