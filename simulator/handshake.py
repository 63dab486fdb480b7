"""Meta's handshake: before a callback is used, it must show that it knows the verify token."""

from __future__ import annotations

import secrets

import httpx

SECONDS = 10.0


async def shake_hands(client: httpx.AsyncClient, url: str, verify_token: str) -> str:
    """Asks the callback to give the challenge back. Gives what is wrong in a sentence, or ""."""
    if not url:
        return "No callback URL is set."
    challenge = str(secrets.randbelow(10**9) + 10**9)
    asked = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    try:
        answer = await client.get(url, params=asked, timeout=SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"The callback did not answer: {type(error).__name__}."
    if answer.status_code != 200:
        return f"The callback answered HTTP {answer.status_code} instead of 200."
    return "" if answer.text.strip() == challenge else "The callback answered something other than the challenge."
