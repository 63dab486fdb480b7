"""How Graph's answers about a connection are judged: each check from what was asked for it. Pure.

Promise: as in `checks`: only an answer makes a check good or bad.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from .checks import JSON, QUESTIONS, Check, Said, Verdict, bad, day, failed, good, moment, unknown
from .graph.errors import GraphError, Refused, Throttled, Unauthorised, Unconfirmed, Unusable

SCOPES = ("whatsapp_business_messaging", "whatsapp_business_management")
RENEW = "In Meta's business settings, make a new token for the system user, with both permissions, and enter it here."
WRONG_SECRET = "Copy the app ID and the app secret again from the app's basic settings in Meta's dashboard."  # noqa: S105


@dataclass(frozen=True, slots=True)
class Claim:
    """What a connection says of itself, which Graph is to bear out."""

    app_id: str
    app_name: str
    phone_number_id: str
    waba_id: str
    environment: str
    callback_url: str
    is_metas_server: bool
    is_simulated_app: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """What Graph said to each call. `swapped` are the numbers of the account that the Phone Number ID would be."""

    by_token: Said
    by_app: Said
    number: Said
    numbers: Said
    subscribed: Said
    swapped: Said

    @property
    def token(self) -> JSON:
        """What Meta knows of the token: the app's word first, as it is told of an expired one, too."""
        return next((said for said in (self.by_app, self.by_token) if isinstance(said, dict)), {})


def misplaced(claim: Claim) -> list[Check]:
    """Checks for which nobody may be asked: the question would carry the secrets of one place to another. Else none."""
    here = environment(claim, Unconfirmed("Not asked."))
    if here.verdict != Verdict.BAD:
        return []
    why = "It is not asked: what is secret in one place is told to no other."
    return [here if key == here.key else unknown(key, why, "") for key in QUESTIONS]


def judge(claim: Claim, answers: Answers, now: datetime) -> list[Check]:
    """Every check that Graph's answers decide, in the order in which they are shown."""
    found = [
        token(answers, now),
        scopes(answers),
        app(claim, answers),
        secret(answers),
        number(claim, answers),
        access(claim, answers),
        subscribed(claim, answers),
        callback(claim, answers),
        environment(claim, answers.number),
    ]
    return without_echoes(claim, answers, found)


def without_echoes(claim: Claim, answers: Answers, found: list[Check]) -> list[Check]:
    """What Meta refused only because something before it is wrong says so, and the one cause stands out."""
    stands = {check.key: check.verdict for check in found}
    if Verdict.BAD in (stands["token"], stands["scopes"]):
        cause, echoes = "It cannot be told while the token is not right.", {"number", "access"}
    elif Verdict.BAD in (stands["number"], stands["access"]):
        cause, echoes = "It cannot be told while the ids are not right.", set()
    else:
        return found
    asked = {
        "number": answers.numbers,
        "access": answers.number,
        "subscribed": answers.subscribed,
        "callback": answers.number,
        "environment": answers.number,
    }
    keys = echoes | {"subscribed", "callback", "environment"}
    keys = {key for key in keys if stands[key] == Verdict.BAD and isinstance(asked[key], GraphError)}
    if claim.environment == "simulator":
        keys.discard("environment")  # of which Graph is not asked
    return [unknown(check.key, cause, "") if check.key in keys else check for check in found]


def token(answers: Answers, now: datetime) -> Check:
    found = answers.token
    if not found:
        # The app may have been refused for its own secret; the token is spoken for by itself.
        return failed("token", answers.by_token)
    ends = moment(found.get("expires_at"))
    if ends and ends <= now:
        return bad("token", f"It expired on {day(ends)}.", RENEW)
    if not found.get("is_valid"):
        return bad("token", "Meta says that it is not valid: it was mistyped, or revoked.", RENEW)
    if ends:
        return good("token", f"It is valid until {day(ends)}.")
    # Graph says 0 of one that never expires; of the others it says when.
    is_endless = found.get("expires_at") == 0 and not isinstance(found["expires_at"], bool)
    until = "It is valid and never expires." if is_endless else "It is valid. Meta does not say until when."
    return good("token", until)


def scopes(answers: Answers) -> Check:
    found = answers.token
    if not found.get("is_valid"):
        return unknown("scopes", "It cannot be told while the token is not valid.", "Mend the token first.")
    has = listed(found.get("scopes"))
    missing = [scope for scope in SCOPES if scope not in has]
    if missing:
        return bad("scopes", f"It lacks {' and '.join(missing)}.", RENEW)
    return good("scopes", "It may send messages and manage the account.")


def app(claim: Claim, answers: Answers) -> Check:
    """Asked of the token itself, as Meta tells an app nothing of another's token."""
    said = next((one for one in (answers.by_token, answers.by_app) if isinstance(one, dict)), None)
    of = str((said or {}).get("app_id") or "")
    if not of:
        if isinstance(answers.by_app, Refused) and answers.by_app.code == 100:
            return bad("app", "Meta says that it was made for another app.", RENEW)
        return unknown("app", "Meta did not say which app the token is of.", "Mend the token first.")
    if of == claim.app_id:
        return good("app", f"It was made for {claim.app_name}.")
    named = f"“{said.get('application')}” " if said and said.get("application") else ""
    step = f"Make a token for {claim.app_name} (app ID {claim.app_id}), or choose the app that this one is of."
    return bad("app", f"It is a token of another app: {named}(app ID {of}).", step)


def secret(answers: Answers) -> Check:
    """The secret signs what Meta sends us, so a wrong one would be noticed only by nothing ever arriving."""
    said = answers.by_app
    if isinstance(said, Refused) and not isinstance(said, Throttled):
        if isinstance(said, Unusable):
            return failed("secret", said)
        # Only an app that Meta knows can be told that the token is not its own.
        if said.code != 100:
            return bad("secret", "Meta does not accept the two together.", WRONG_SECRET)
    elif isinstance(said, GraphError):
        return failed("secret", said)
    return good("secret", "They are, so Meta's webhooks can be told from forged ones.")


def number(claim: Claim, answers: Answers) -> Check:
    if is_swapped(claim, answers):
        step = "Swap them: both stand side by side in Meta's dashboard, and this is the classic mistake."
        return bad("number", "Phone Number ID and WABA ID are swapped.", step, "swap")
    found = answers.numbers
    if not isinstance(found, list):
        return failed("number", found)
    if any(str(one.get("id")) == claim.phone_number_id for one in found):
        return good("number", "It does." if len(found) == 1 else f"It does: it is one of {len(found)}.")
    step = "Copy both ids again from WhatsApp → API setup in Meta's dashboard, where they stand together."
    return bad("number", f"The account has {count(len(found), 'number', 'numbers')}, and this is none of them.", step)


def is_swapped(claim: Claim, answers: Answers) -> bool:
    """Whether what was entered as the Phone Number ID is an account that has the other as its number."""
    found = answers.swapped
    return isinstance(found, list) and any(str(one.get("id")) == claim.waba_id for one in found)


def access(claim: Claim, answers: Answers) -> Check:
    for one in listed(answers.token.get("granular_scopes")):
        targets = listed(one.get("target_ids")) if isinstance(one, dict) else []
        if targets and one.get("scope") in SCOPES and claim.waba_id not in map(str, targets):
            if is_swapped(claim, answers):
                break
            step = "Give the system user access to this WhatsApp account, then make a new token."
            return bad("access", f"Its permission {one['scope']} is for other accounts only.", step)
    if is_swapped(claim, answers):
        return unknown("access", "It cannot be told while the ids are swapped.", "Swap them first.")
    refusals = [said for said in (answers.numbers, answers.number) if isinstance(said, GraphError)]
    if not refusals:
        return good("access", "It can read both.")
    certain = [said for said in refusals if failed("access", said).verdict == Verdict.BAD]
    said = (certain or refusals)[0]
    if not certain or isinstance(said, Unauthorised):
        return failed("access", said)
    what = "the number" if said is answers.number else "the account"
    step = "Check the ids, and that the system user has been given access to this WhatsApp account."
    return bad("access", f"Meta does not let it read {what}.", step)


def subscribed(claim: Claim, answers: Answers) -> Check:
    """Without it Meta's handshake succeeds, and then no message and no receipt ever arrives."""
    found = answers.subscribed
    if not isinstance(found, list):
        return failed("subscribed", found)
    for row in found:
        known = row.get("whatsapp_business_api_data")
        if isinstance(known, dict) and str(known.get("id")) == claim.app_id:
            return good("subscribed", "It is.")
    return bad(
        "subscribed", "It is not, so no message and no receipt would ever arrive.", "Subscribe the app.", "subscription"
    )


# What holds for messages, in this order: whose callback it is, what to do where it is wrong, and what can be done here.
LEVELS = {
    "phone_number": ("set for this number alone", "Take away the number's own callback, as whoever set it did.", ""),
    "whatsapp_business_account": (
        "set for this business account alone",
        "Subscribe the app again: that ends it.",
        "subscription",
    ),
    "application": (
        "set for the app",
        "Enter our callback URL in the app's dashboard, under WhatsApp → Configuration.",
        "callback",
    ),
}


def callback(claim: Claim, answers: Answers) -> Check:
    """Meta asks the number's own callback first, then the account's, then the app's."""
    if not isinstance(answers.number, dict):
        return failed("callback", answers.number)
    if not isinstance(answers.number.get("webhook_configuration"), dict):
        return unknown("callback", "Meta does not say where they go.")
    level, url = effective(answers.number["webhook_configuration"])
    where, step, mend = LEVELS[level]
    if not url:
        return bad("callback", "Meta has no callback for the app, so they go nowhere.", step, mend)
    if same_address(url, claim.callback_url):
        return good("callback", f"They do, by the callback {where}.")
    host = host_of(url) or "another address"
    whither = f"to {host}" if host != host_of(claim.callback_url) else "to another address of ours"
    return bad("callback", f"They go {whither} instead: that is {where}.", step, mend)


def effective(configured: JSON) -> tuple[str, str]:
    """The callback that holds for the number: at which level, and its address. ("application", "") where none does."""
    return next(((level, str(configured[level])) for level in LEVELS if configured.get(level)), ("application", ""))


def host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # Meta keeps what somebody entered, and we only read it
        return ""


def same_address(url: str, ours: str) -> bool:
    return url.rstrip("/") == ours.rstrip("/")


MODES = {"LIVE": "a live number", "SANDBOX": "one of Meta's test numbers"}
WANTED = {"production": "LIVE", "test": "SANDBOX"}


def environment(claim: Claim, found: Said) -> Check:
    """`found` is what Graph said of the number, of which it is not asked at the simulator."""
    if claim.is_simulated_app != (claim.environment == "simulator"):
        whose = "the simulator's" if claim.is_simulated_app else "Meta's"
        step = "Choose another environment, or an app of the same place."
        return bad("environment", f"The app {claim.app_name} is {whose}, and the environment is not.", step)
    if claim.environment == "simulator":
        if claim.is_metas_server:
            step = "Set GRAPH_BASE_URL_SIMULATOR to the simulator's address, or choose another environment."
            return bad("environment", "No simulator is set up here: calls would go to Meta itself.", step)
        return good("environment", "Calls go to the simulator, where nobody's phone rings.")
    if not isinstance(found, dict):
        return failed("environment", found)
    mode = str(found.get("account_mode") or "")
    if mode not in MODES:
        return unknown("environment", "Meta does not say whether the number is live or a test number.")
    if mode == WANTED[claim.environment]:
        return good("environment", f"Meta says that it is {MODES[mode]}.")
    right = "production" if mode == "LIVE" else "Meta test number"
    return bad("environment", f"Meta says that it is {MODES[mode]}.", f"Choose the environment “{right}”.")


def listed(value: Any) -> list[Any]:
    """What ought to be a list, of an answer that may be of any form."""
    return value if isinstance(value, list) else []


def count(number: int, one: str, many: str) -> str:
    return f"{number or 'no'} {one if number == 1 else many}"
