"""The addresses of the inbox, each a noun with one representation."""

from django.urls import path

from .views import (
    assignment,
    cancellation,
    closure,
    consent,
    evidence,
    header,
    index,
    listing,
    media,
    panel,
    replies,
    seen,
    thread,
    verdict,
)

app_name = "inbox"
urlpatterns = [
    path("", index.index, name="index"),
    path("list/", listing.conversations, name="list"),
    path("<int:conversation_id>/", index.conversation, name="conversation"),
    path("<int:conversation_id>/thread/", thread.thread, name="thread"),
    path("<int:conversation_id>/header/", header.header, name="header"),
    path("<int:conversation_id>/verdict/", verdict.verdict, name="verdict"),
    path("<int:conversation_id>/panel/", panel.panel, name="panel"),
    path("<int:conversation_id>/replies/", replies.replies, name="reply"),
    path("<int:conversation_id>/assignment/", assignment.assignment, name="assign"),
    path("<int:conversation_id>/closure/", closure.closure, name="close"),
    path("<int:conversation_id>/consent/record/", consent.record, name="record_opt_out"),
    path("<int:conversation_id>/consent/lift/", consent.lift, name="lift"),
    path("<int:conversation_id>/seen/", seen.seen, name="seen"),
    path("messages/<int:message_id>/evidence/", evidence.evidence, name="evidence"),
    path("messages/<int:message_id>/cancellation/", cancellation.cancellation, name="cancel"),
    path("messages/<int:message_id>/media/", media.file, name="media"),
    path("messages/<int:message_id>/media/retry/", media.retry, name="media_retry"),
]
