"""Meta's endpoints: /vN.0/{id} and /vN.0/{id}/{edge}, with Graph's manners and errors."""

from . import accounts, media, message_history, messages, numbers, subscriptions, templates, tokens

# Importing an endpoint registers it with the router.
ENDPOINTS = (accounts, media, message_history, messages, numbers, subscriptions, templates, tokens)
