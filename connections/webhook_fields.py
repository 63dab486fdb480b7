"""The webhook fields to subscribe to in Meta's dashboard, and what each is good for here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WebhookField:
    name: str
    tells: str


# Without the first nothing arrives; what the others tell is shown, or kept for when it is asked for.
NEEDED = (
    WebhookField("messages", "what customers write, and how far our messages came"),
    WebhookField("user_preferences", "who stopped or resumed marketing in WhatsApp"),
    WebhookField("user_id_update", "that a customer's number or user id changed"),
    WebhookField("message_template_status_update", "templates approved, rejected, paused"),
    WebhookField("message_template_quality_update", "how customers take a template"),
    WebhookField("message_template_components_update", "what a template says now"),
    WebhookField("template_category_update", "that Meta moves a template to another category"),
    WebhookField("phone_number_quality_update", "a number's limits"),
    WebhookField("phone_number_name_update", "whether a display name was approved"),
    WebhookField("account_update", "restrictions and bans of the business account"),
    WebhookField("account_alerts", "what Meta warns of"),
    WebhookField("business_capability_update", "how many customers may be written to in a day"),
    WebhookField("security", "that somebody asked for or changed a number's PIN"),
)
# Only where the number is also in the WhatsApp Business app on a phone.
ON_A_PHONE_TOO = (
    WebhookField("smb_message_echoes", "what was written on the phone"),
    WebhookField("history", "the messages from before"),
    WebhookField("smb_app_state_sync", "the phone's contacts"),
)
