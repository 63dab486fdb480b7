"""Why the door turns something away, in sentences with a next step."""

REASONS = {
    "no_secret": "The app has no secret, so nothing can be believed. Enter it on the app's page.",
    "missing": "A POST without X-Hub-Signature-256: not from Meta, or a proxy took the header away.",
    "malformed": "A signature that is none.",
    "wrong": "Signed with another secret. If Meta sends these, compare the app secret and enter it again.",
    "too_big": "A body larger than 3 MB, which Meta does not send.",
    "handshake": "A handshake with the wrong verify token. Copy the token from the app's page again.",
}


def sentence(reason: str) -> str:
    return REASONS.get(reason, "")
