"""Contacts, conversations, messages and their evidence: columns and facts about one row; the rules live beside."""

from ..delivery import Word, Work
from .conversations import Act, Conversation, FormerConversation, Seen
from .evidence import Heartbeat, Receipt, SendAttempt
from .messages import Media, Message
from .people import Contact, Identity, IdentityLink, Sighting

__all__ = [
    "Act",
    "Contact",
    "Conversation",
    "FormerConversation",
    "Heartbeat",
    "Identity",
    "IdentityLink",
    "Media",
    "Message",
    "Receipt",
    "Seen",
    "SendAttempt",
    "Sighting",
    "Word",
    "Work",
]
