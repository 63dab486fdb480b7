"""Meta's endpoints: /vN.0/{id} and /vN.0/{id}/{edge}, with Graph's manners and errors."""

from . import messages

# Importing an endpoint registers it with the router.
ENDPOINTS = (messages,)
