"""Graph's other endpoints: files, the number, templates, subscriptions, tokens, the profile, the history."""

from __future__ import annotations

import hashlib

import httpx
import pytest

from simulator.samples import sample

from .conftest import NUMBER, SECOND, TOKEN

WABA, APP = "200000000000002", "600000000000006"
APP_TOKEN = {"Authorization": f"Bearer {APP}|simulator-app-secret"}
PICTURE = sample("image")[0]


@pytest.fixture
def media_id(graph):
    form = {"messaging_product": "whatsapp", "type": "image/png"}
    return graph.post(f"{NUMBER}/media", data=form, files={"file": ("cup.png", PICTURE, "image/png")}).json()["id"]


def code(answer):
    return answer.json()["error"]["code"]


def test_a_file_is_uploaded_found_fetched_and_deleted(graph, media_id):
    found = graph.get(media_id).json()
    assert found["sha256"] == hashlib.sha256(PICTURE).hexdigest()
    assert (found["mime_type"], found["file_size"]) == ("image/png", str(len(PICTURE)))
    assert graph.get(found["url"]).content == PICTURE
    assert graph.delete(media_id).json() == {"success": True}
    assert graph.get(media_id).json()["error"]["error_subcode"] == 33
    assert graph.get(found["url"]).status_code == 404


def test_a_file_needs_a_token(graph, media_id):
    url = graph.get(media_id).json()["url"]
    assert httpx.get(url, trust_env=False).status_code == 401


def test_a_file_of_a_customer_is_fetched_as_it_was_sent(graph, hook, ayla):
    ayla.sends_file("image")
    image = hook.wait_for_message()["image"]
    assert graph.get(image["url"]).content == PICTURE
    assert graph.get(graph.get(image["id"]).json()["url"]).content == PICTURE


@pytest.mark.parametrize(
    ("mime_type", "content", "expected"),
    [("text/html", b"x", 100), ("image/png", b"x" * (5 * 1024 * 1024 + 1), 131053), ("image/png", b"", 131053)],
    ids=["a page", "over 5 MB", "empty"],
)
def test_a_file_of_a_wrong_type_or_size_is_refused(graph, mime_type, content, expected):
    form = {"messaging_product": "whatsapp", "type": mime_type}
    assert code(graph.post(f"{NUMBER}/media", data=form, files={"file": ("x", content, mime_type)})) == expected


def test_a_number_tells_what_is_asked(graph):
    asked = {"fields": "display_phone_number,status,health_status{can_send_message}"}
    told = graph.get(NUMBER, params=asked).json()
    assert (told["id"], told["display_phone_number"], told["status"]) == (NUMBER, "+1 555-010-0000", "CONNECTED")
    assert told["health_status"]["can_send_message"] == "AVAILABLE"


def test_a_field_there_is_not_is_refused(graph):
    assert code(graph.get(NUMBER, params={"fields": "nonsense"})) == 100


def test_all_numbers_come_in_pages(graph):
    first = graph.get(f"{WABA}/phone_numbers", params={"limit": 1}).json()
    second = graph.get(first["paging"]["next"]).json()
    assert [one["id"] for one in first["data"] + second["data"]] == [NUMBER, SECOND]
    assert "next" not in second["paging"]


def test_a_number_that_is_deregistered_cannot_send(graph, ayla, post):
    ayla.says("hi")
    graph.post(f"{NUMBER}/deregister")
    assert code(post("+15550100123")) == 133010
    graph.post(f"{NUMBER}/register", json={"messaging_product": "whatsapp", "pin": "123456"})
    assert post("+15550100123").status_code == 200


def test_a_template_is_made_reviewed_changed_and_deleted(graph, hook):
    body = [{"type": "BODY", "text": "Hi {{1}}, welcome"}]
    new = {"name": "greeting", "language": "en_US", "category": "UTILITY", "components": body}
    made = graph.post(f"{WABA}/message_templates", json=new).json()
    assert made["status"] == "PENDING"
    hook.wait(lambda: [one for one in hook.changes("message_template_status_update") if one["event"] == "APPROVED"])
    (found,) = graph.get(f"{WABA}/message_templates", params={"name": "greeting"}).json()["data"]
    assert (found["id"], found["status"], found["components"]) == (made["id"], "APPROVED", body)
    assert graph.post(made["id"], json={"components": [{"type": "BODY", "text": "Hello"}]}).json() == {"success": True}
    assert graph.get(made["id"]).json()["components"][0]["text"] == "Hello"
    graph.delete(f"{WABA}/message_templates", params={"name": "greeting"})
    assert graph.get(f"{WABA}/message_templates").json()["data"] == []


def test_templates_come_in_pages_and_a_stale_cursor_says_so(graph, sim):
    for number in range(3):
        sim.template(f"number_{number}", "Hi")
    page = graph.get(f"{WABA}/message_templates", params={"limit": 2}).json()
    assert len(page["data"]) == 2
    assert len(graph.get(page["paging"]["next"]).json()["data"]) == 1
    assert code(graph.get(f"{WABA}/message_templates", params={"after": "stale"})) == 131059


def test_an_account_without_the_app_hears_nothing(graph, sim, hook, ayla):
    assert graph.get(f"{WABA}/subscribed_apps").json()["data"][0]["whatsapp_business_api_data"]["id"] == APP
    graph.delete(f"{WABA}/subscribed_apps")
    ayla.says("lost")
    sim.wait_for(lambda: sim.received())
    graph.post(f"{WABA}/subscribed_apps")
    ayla.says("heard")
    assert hook.wait_for_message()["text"]["body"] == "heard"


def test_debug_token_tells_what_a_token_is_good_for(graph):
    told = graph.get("debug_token", params={"input_token": TOKEN}, headers=APP_TOKEN).json()["data"]
    assert (told["is_valid"], told["app_id"], told["type"]) == (True, APP, "SYSTEM_USER")
    assert told["granular_scopes"][0]["target_ids"] == [WABA]
    bad = graph.get("debug_token", params={"input_token": "nonsense"}, headers=APP_TOKEN).json()["data"]
    assert (bad["is_valid"], bad["error"]["code"]) == (False, 190)


def test_the_profile_is_set_and_told(graph):
    path = f"{NUMBER}/whatsapp_business_profile"
    assert graph.post(path, json={"messaging_product": "whatsapp", "about": "Roasters"}).json() == {"success": True}
    told = graph.get(path, params={"fields": "about"}).json()
    assert told == {"data": [{"about": "Roasters", "messaging_product": "whatsapp"}]}


def test_the_history_of_a_message_tells_each_step_and_its_webhook(graph, hook, ayla, post):
    ayla.says("hi")
    wamid = post("+15550100123").json()["messages"][0]["id"]
    hook.wait_for_status("delivered")
    told = hook.wait(
        lambda: (
            [
                (one["delivery_status"], one["webhook_update_state"])
                for row in graph.get(f"{NUMBER}/message_history", params={"message_id": wamid}).json()["data"]
                for one in row["events"]["data"]
            ]
            == [("SENT", "DELIVERED"), ("DELIVERED", "DELIVERED")]
        )
    )
    assert told


def test_the_history_of_an_unknown_message_is_empty(graph):
    assert graph.get(f"{NUMBER}/message_history", params={"message_id": "wamid.x"}).json() == {"data": []}


@pytest.mark.parametrize(
    ("headers", "status", "expected"),
    [({"Authorization": "Bearer nonsense"}, 401, 190), ({"Authorization": ""}, 400, 104)],
)
def test_a_call_needs_a_token_that_is_known(graph, headers, status, expected):
    answer = graph.get(NUMBER, headers=headers)
    assert (answer.status_code, code(answer)) == (status, expected)


def test_a_token_reaches_its_own_accounts_only(graph, sim):
    sim.add_number(id="100000000000009", waba_id="200000000000009", access_token="other", app_id="609")
    assert code(graph.get("100000000000009")) == 200


def test_an_id_there_is_not_is_told_as_graph_tells_it(graph):
    answer = graph.get("999")
    assert (answer.status_code, code(answer), answer.json()["error"]["error_subcode"]) == (400, 100, 33)


def test_a_token_is_changed_by_hand_and_graph_goes_by_it(sim, graph):
    sim.token(TOKEN, scopes=["whatsapp_business_messaging"], data_access_expires_at=1_900_000_000)
    told = graph.get("debug_token", params={"input_token": TOKEN}).json()["data"]
    assert told["scopes"] == ["whatsapp_business_messaging"]
    assert told["data_access_expires_at"] == 1_900_000_000
    assert code(graph.get(f"{WABA}/phone_numbers")) == 10
    sim.token(TOKEN, expires_at=1)
    assert code(graph.get(NUMBER)) == 190
    told = graph.get("debug_token", params={"input_token": TOKEN}, headers=APP_TOKEN).json()["data"]
    assert (told["is_valid"], told["expires_at"]) == (False, 1)


def test_a_new_token_is_of_the_numbers_app_and_account(sim, graph):
    told = sim.token("another")
    assert (told["app_id"], told["waba_ids"]) == (APP, [WABA])
    assert graph.get(NUMBER, headers={"Authorization": "Bearer another"}).json()["id"] == NUMBER
    sim.token("another", waba_ids=[])
    assert code(graph.get(NUMBER, headers={"Authorization": "Bearer another"})) == 200


@pytest.mark.parametrize(
    "given", [{"value": ""}, {"value": "x", "scopes": "all"}, {"value": "x", "expires_at": "soon"}]
)
def test_a_token_that_cannot_be_made_says_why(sim, given):
    answer = sim.http.post("/_sim/tokens", json=given)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert sim.http.post("/_sim/tokens", json={"value": "x", "app_id": "1"}).status_code == 404
