"""Next steps that several codes share."""

from __future__ import annotations

AGAIN = "It is tried again by itself for a while. If it still fails, send it once more later."
PERMISSIONS = "Check the token's WhatsApp permissions and its access to this business account."
RENEW = "Put a new system user token into the connection's settings."
TELL_OPS = "Pass Meta's words and the trace id on to those who run Gigaviz."
UNSETTLED = "Wait for a receipt. If none comes, ask the customer before you send it again."
