"""The e-mails we write ourselves, and what to say where one did not leave."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from .models import Invitation

logger = logging.getLogger(__name__)
FAILURES = (AnymailError, ImproperlyConfigured, OSError, ValueError)  # SMTP's errors are OSErrors
NO_ANSWER = "The mail provider did not say that it took the e-mail, so it may not have left. Send it again later."
REFUSED = {400, 404, 406, 422}
NOT_LET_IN = {401, 403}


def send_invitation(invitation: Invitation, token: str) -> str:
    """Send the link. Returns "" once the provider has it, else why not and what to do; kept on the invitation."""
    link = settings.PUBLIC_URL + reverse("invitation", args=[token])
    said = {"invitation": invitation, "link": link}
    subject = f"{invitation.invited_by or 'Somebody'} invited you to {invitation.workspace}"
    body = render_to_string("workspaces/email/invitation.txt", said)
    # Names hold whatever somebody typed; a header is one line.
    message = EmailMessage(" ".join(subject.split()), body, to=[invitation.email])
    try:
        message.send()
        reason = "" if _is_taken(message) else NO_ANSWER
    except FAILURES as error:
        reason = reason_of(error)
        logger.warning("The e-mail of invitation %d did not leave: %s", invitation.pk, type(error).__name__)
    sent_at = None if reason else timezone.now()
    # Not that of an invitation sent again meanwhile: it has another link.
    mine = Invitation.objects.filter(pk=invitation.pk, digest=invitation.digest)
    mine.update(sent_at=sent_at, not_sent=reason)
    return reason


# Nobody waits for these, so a few at a time are enough.
_post = ThreadPoolExecutor(max_workers=2, thread_name_prefix="letters")


def send_later(message: EmailMessage) -> None:
    """Send without waiting, where the answer must not depend on it. A failure is logged: there is nobody to tell."""
    _post.submit(message.send).add_done_callback(_log_failure)


def _log_failure(sending: Future[int]) -> None:
    if error := sending.exception():
        logger.error("An e-mail about an account did not leave: %s", type(error).__name__)


def _is_taken(message: EmailMessage) -> bool:
    """A provider's answer may be no error and still not say that it took the e-mail. SMTP's is an error, or is yes."""
    said = getattr(message, "anymail_status", None)
    return said is None or bool({"sent", "queued"}.intersection(said.status or ()))


def reason_of(error: Exception) -> str:
    """Why an e-mail did not leave, and what to do, without the address or anything the provider said about it."""
    status = getattr(error, "status_code", None) or getattr(error, "smtp_code", None)
    if isinstance(error, AnymailRecipientsRefused) or type(error).__name__ == "SMTPRecipientsRefused":
        return "The mail provider refused the address. Check how it is written; withdraw this and invite the right one."
    if isinstance(error, ImproperlyConfigured) or status in NOT_LET_IN or status == 535:
        return "The mail provider did not let us in. Whoever runs this host corrects EMAIL_URL; then send it again."
    if status == 429:
        return "The mail provider is asked too much at once. Send it again in a few minutes."
    if status in REFUSED:
        return f"The mail provider refused the e-mail ({status}). Check the address; the sender is DEFAULT_FROM_EMAIL."
    if status:
        return f"The mail provider has trouble ({status}). Send it again in a few minutes."
    return NO_ANSWER
