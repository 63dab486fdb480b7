"""Whether a connection is what it says: asked of Graph, kept with its evidence, and the number held once all is good.

Promises: only a connection all of whose checks are good becomes proven, and holds its number from then on. A later
check of a proven one is kept and shown, and changes nothing: it neither pauses the number nor stops it receiving (P11).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from workspaces import audit
from workspaces.audit import Action
from workspaces.clock import tick
from workspaces.models import User

from . import asking, checks, choice, judging, webhook_fields
from .checks import Check, Verdict
from .fields import UndecryptableSecretError
from .graph import client
from .graph.account import GraphAccount, is_metas_own
from .graph.catalogue import explain_error
from .graph.errors import GraphError, Unconfirmed, Unusable, storable
from .models import Connection, ConnectionTest, MetaApp

# Once these are good, what else is wrong at Meta can be mended from here.
BEFORE_MENDING = ("token", "scopes", "app", "secret", "number", "access")
FIELDS = [field.name for field in (*webhook_fields.NEEDED, *webhook_fields.ON_A_PHONE_TOO)]
KEPT_TESTS = 20
UNCHANGED = "Nothing was changed at Meta."
HELD = "This number is connected elsewhere in this installation already, and can be connected only once."
HELD_STEP = "If it is yours, ask whoever runs this installation; you are not told whose connection it is."


@dataclass(frozen=True, slots=True)
class Examination:
    """The checks of one connection, and what Meta said beside them. `knows_token`: it said when the token ends."""

    checks: tuple[Check, ...]
    shown: str = ""
    token_ends_at: datetime | None = None
    data_access_ends_at: datetime | None = None
    knows_token: bool = False

    @property
    def is_good(self) -> bool:
        return all(check.is_good for check in self.checks)

    def wants(self, mend: str) -> bool:
        """Whether this would help: only once all is good that has to be, before anything is changed at Meta."""
        can = all(check.is_good for check in self.checks if check.key in BEFORE_MENDING)
        return can and any(check.mend == mend for check in self.checks)


def examine(connection: Connection, access_token: str | None = None) -> Examination:
    """Ask Graph about a connection, saved or not; with another token than its own, if one is given. Reads only."""
    app = connection.meta_app
    claim = _claim(connection, app)
    if not_asked := judging.misplaced(claim):
        return Examination(tuple(not_asked))
    try:
        account = choice.account(connection) if access_token is None else _with_token(connection, access_token)
        answers = asking.ask(account, app_token(app))
    except Unusable as error:
        return Examination((checks.failed("token", error),))
    told = answers.token
    number = answers.number if isinstance(answers.number, dict) else {}
    found = judging.judge(claim, answers, timezone.now())
    return Examination(
        (*found, _free(connection, found)),
        shown=storable(str(number.get("display_phone_number") or ""), 32),
        token_ends_at=checks.moment(told.get("expires_at")),
        data_access_ends_at=checks.moment(told.get("data_access_expires_at")),
        knows_token="expires_at" in told,
    )


def prove(connection: Connection, *, by: User | None = None, **mending: bool) -> Examination:
    """Check a saved connection, and keep what was found. With only good answers it is proven, if it was not."""
    return keep(connection, mended(connection, by=by, **mending), by=by)


def mended(
    connection: Connection, *, subscription: bool = False, callback: bool = False, by: User | None = None
) -> Examination:
    """Ask Graph; mend what was asked for and is amiss at Meta, once all before it is good; and then ask again."""
    found = examine(connection)
    ways = {"subscription": (subscription, subscribe), "callback": (callback, enter_callback)}
    for _ in ways:  # one thing amiss can hide another
        did = [mend(connection, by=by) == "" for name, (asked, mend) in ways.items() if asked and found.wants(name)]
        if not any(did):
            break
        found = examine(connection)
    return found


def keep(connection: Connection, found: Examination, *, by: User | None = None, anew: bool = False) -> Examination:
    """Write down what was found, and hold the number if all is good; returned as it came out.

    Kept only for the details that were asked about: with others by now, nothing is written. `anew` dates the proof
    again, so that events which came before the new details are looked for (see inbox/adoption.py).
    """
    try:
        with transaction.atomic():
            _keep(connection, found, by, anew=anew)
    except IntegrityError:  # somebody else proved the number between our look and our hold
        taken = checks.bad("free", HELD, HELD_STEP)
        found = replace(found, checks=tuple(taken if one.key == "free" else one for one in found.checks))
        with transaction.atomic():
            _keep(connection, found, by, anew=False)
    return found


def _keep(connection: Connection, found: Examination, by: User | None, *, anew: bool) -> None:
    now = timezone.now()
    same = Connection.objects.filter(pk=connection.pk, revision=connection.revision)
    # No key: whoever sends by it holds a clock that we shall wait for, and would wait for us.
    stands = same.select_for_update(no_key=True).defer("access_token").first()
    if stands is None:
        return
    ConnectionTest.objects.create(
        connection_id=connection.pk,
        revision=connection.revision,
        by=by,
        at=now,
        checks=[one.as_json() for one in found.checks],
        is_good=found.is_good,
    )
    older = connection.tests.order_by("-at", "-pk").values("pk")[KEPT_TESTS:]
    ConnectionTest.objects.filter(pk__in=list(older.values_list("pk", flat=True))).delete()
    ends = (found.token_ends_at, found.data_access_ends_at)
    if found.knows_token and ends != (stands.token_ends_at, stands.data_access_ends_at):
        same.update(token_ends_at=ends[0], data_access_ends_at=ends[1])
        tick([connection.workspace_id])
    if found.shown and found.is_good:
        same.update(display_phone_number=found.shown)
    if found.is_good and (anew or stands.proven_at is None):
        same.update(proven_at=now)
        what = {"environment": stands.environment, "phone_number_id": stands.phone_number_id}
        about, action = connection.pk, Action.CONNECTION_PROVEN
        audit.record(connection.workspace_id, by, action, connection.name, after=what, about=about)


def subscribe(connection: Connection, *, by: User | None = None) -> str:
    """Subscribe the app to the account's events, which ends a callback of the account's own. "", or what is wrong."""
    try:
        with client.within(asking.PATIENCE):
            client.subscribe_app(choice.account(connection))
    except GraphError as error:
        return _sentence(error)
    with transaction.atomic():
        action = Action.CONNECTION_SUBSCRIBED
        audit.record(connection.workspace_id, by, action, connection.name, about=connection.pk)
    return ""


def enter_callback(connection: Connection, *, by: User | None = None) -> str:
    """Enter our callback for the app at Meta, which shakes hands with it at once. "", or what is wrong."""
    app = connection.meta_app
    if app.owner_id != connection.workspace_id:
        return f"{UNCHANGED} The app belongs to {app.owner}: an admin there enters the callback in Meta's dashboard."
    if judging.misplaced(_claim(connection, app)):
        return f"{UNCHANGED} The app and the number's environment are not of the same place."
    try:
        account, token = choice.account(connection), app_token(app)
        with client.within(asking.PATIENCE):
            client.set_callback(account, app.app_id, token, callback_url(app), app.verify_token, FIELDS)
    except UndecryptableSecretError:
        return f"{UNCHANGED} The app's verify token cannot be decrypted with any of FIELD_KEYS."
    except GraphError as error:
        return _sentence(error)
    with transaction.atomic():
        what, about = {"has_our_callback": True}, connection.pk
        action = Action.CONNECTION_CHANGED
        audit.record(connection.workspace_id, by, action, connection.name, after=what, about=about)
    return ""


def _sentence(error: GraphError) -> str:
    if isinstance(error, Unconfirmed):
        return f"{error.reason} So whether it was changed at Meta is not known: check again in a moment."
    said = explain_error(error)
    return f"{UNCHANGED} {said.sentence} {said.next_step}".strip()


def callback_url(app: MetaApp) -> str:
    """What is pasted into the app's dashboard."""
    return f"{settings.PUBLIC_URL}/webhooks/meta/{app.public_id}/"


def app_token(app: MetaApp) -> str:
    """By which an app speaks for itself. Raises Unusable."""
    try:
        return f"{app.app_id}|{app.app_secret}"
    except UndecryptableSecretError as error:
        raise Unusable("The app's secret cannot be decrypted with any of FIELD_KEYS.") from error


def _with_token(connection: Connection, access_token: str) -> GraphAccount:
    return GraphAccount(
        base_url=settings.GRAPH_BASE_URLS[connection.environment],
        phone_number_id=connection.phone_number_id,
        waba_id=connection.waba_id,
        access_token=access_token,
    )


def _claim(connection: Connection, app: MetaApp) -> judging.Claim:
    return judging.Claim(
        app_id=app.app_id,
        app_name=app.name,
        phone_number_id=connection.phone_number_id,
        waba_id=connection.waba_id,
        environment=connection.environment,
        callback_url=callback_url(app),
        is_simulated_app=app.is_simulated,
        is_metas_server=is_metas_own(settings.GRAPH_BASE_URLS[connection.environment]),
    )


def _free(connection: Connection, found: list[Check]) -> Check:
    """Told only to whoever proved all the rest, or anybody could ask which numbers are connected here."""
    if not all(check.is_good for check in found):
        return checks.unknown("free", "It is asked when the rest is good.", "")
    others = Connection.objects.filter(phone_number_id=connection.phone_number_id, proven_at__isnull=False)
    if others.exclude(pk=connection.pk).exists():
        return checks.bad("free", HELD, HELD_STEP)
    return checks.good("free", "Nobody else has proven that it is theirs.")


__all__ = [
    "Check",
    "Examination",
    "Verdict",
    "app_token",
    "callback_url",
    "enter_callback",
    "examine",
    "keep",
    "prove",
    "subscribe",
]
